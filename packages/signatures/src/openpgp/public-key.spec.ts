import { skipUnless } from '@waybill/core/testing';
import { gpgHome } from '../testing/gpg-home';
import { toolWorks } from '../testing/run-tool';
import { GPG_PUBLIC_KEY, GPG_SIGNATURE, PAYLOAD } from '../testing/samples';
import { parseArmor, renderArmor } from './armor';
import { openPgpFormat } from './openpgp-format';
import { TAG, readPackets, type Packet } from './packets';

const withTool = skipUnless(toolWorks('gpg', ['--version']), 'gpg is not installed');
const packetsOf = (armored: string): readonly Packet[] => readPackets(parseArmor(armored, 'PUBLIC KEY BLOCK', 'key'), 'key');
/** Primary, user id, its certification, a subkey that signs, its binding. */
const SAMPLE = packetsOf(GPG_PUBLIC_KEY);
const signature = (...body: number[]): Packet => ({ tag: TAG.signature, body: Buffer.from(body), shortest: true });

function armored(packets: readonly Packet[]): string {
  const header = ({ tag, body }: Packet): Buffer => Buffer.from([0x80 | (tag << 2) | 1, body.length >> 8, body.length & 0xff]);
  const modern = ({ tag, body }: Packet): Buffer => Buffer.from([0xc0 | tag, 255, 0, 0, body.length >> 8, body.length & 0xff]);
  return renderArmor(Buffer.concat(packets.flatMap((one) => [one.tag > 15 ? modern(one) : header(one), one.body])), 'PUBLIC KEY BLOCK');
}

const verdict = (packets: readonly Packet[]) => openPgpFormat.verify(Buffer.from(GPG_SIGNATURE), armored(packets), [PAYLOAD]);
const behind = (index: number, packet: Packet): readonly Packet[] => [...SAMPLE.slice(0, index + 1), packet, ...SAMPLE.slice(index + 1)];

it('takes the sample as it is, and with what others have said about it in forms of theirs', async () => {
  expect(SAMPLE.map(({ tag }) => tag)).toEqual([6, 13, 2, 14, 2]);
  expect(await verdict(SAMPLE)).toMatchObject({ ok: true });
  expect(await verdict(behind(2, signature(4, 0x10, 17, 2)))).toMatchObject({ ok: true });
});

it.each([
  [
    'the key, with SHA-1',
    behind(0, signature(4, 0x20, 22, 2)),
    'of its primary key: it has a revocation that cannot be read (the signature uses hash 2',
  ],
  ['the key, of version 3', behind(0, signature(3, 5, 0x20)), 'not of version 4'],
  ['the key, of version 6', behind(0, signature(6, 0x20)), 'not of version 4'],
  ['the key, with a demand that is not understood', behind(0, signature(4, 0x20, 22, 8, 0, 2, 1, 0xe4)), 'subpacket 100'],
  ['the subkey, with SHA-1', behind(4, signature(4, 0x28, 22, 2)), ': it has a revocation that cannot be read'],
  ['the subkey, of version 3', behind(4, signature(3, 5, 0x28)), 'not of version 4'],
])('a revocation of %s cannot be read: the key may not sign', async (_, packets, message) => {
  expect(await verdict(packets)).toMatchObject({ ok: false, reason: 'key', message: expect.stringContaining(message) });
});

it('a subkey of a primary key without a signature of its own may not sign', async () => {
  expect(await verdict([SAMPLE[0]!, SAMPLE[3]!, SAMPLE[4]!])).toMatchObject({
    ok: false,
    reason: 'key',
    message: expect.stringContaining('its primary key has no signature of its own'),
  });
});

it('takes an armor with a comment in any language', async () => {
  const commented = (text: string): string => text.replace('-----\n\n', '-----\nComment: Schlüssel für alle\n\n');
  expect(await openPgpFormat.verify(Buffer.from(commented(GPG_SIGNATURE)), commented(GPG_PUBLIC_KEY), [PAYLOAD])).toMatchObject({ ok: true });
  expect(openPgpFormat.readPublicKey(GPG_PUBLIC_KEY.replace('mDME', 'ÄDME'))).toMatchObject({ ok: false });
});

withTool('a subkey ends with its primary key', async () => {
  const home = gpgHome();
  try {
    const at = (time: string): readonly string[] => ['--faked-system-time', time];
    home.run(...at('20200101T000000'), '--quick-gen-key', 'A <a@example.org>', 'ed25519', 'cert', 'never');
    const [primary] = home.fingerprints('a@example.org');
    home.run(...at('20200101T000000'), '--quick-add-key', primary!, 'ed25519', 'sign', 'never');
    const subkey = `${home.fingerprints('a@example.org')[1]!}!`;
    const [early, late] = ['20200101T000500', '20200102T000000'].map((time) => home.sign('f', PAYLOAD, subkey, ...at(time)));
    home.run(...at('20200101T000100'), '--quick-set-expire', primary!, 'seconds=1000');
    const publicKey = home.exportPublic('a@example.org');
    expect(await openPgpFormat.verify(early!, publicKey, [PAYLOAD])).toMatchObject({ ok: true });
    expect(await openPgpFormat.verify(late!, publicKey, [PAYLOAD])).toMatchObject({ ok: false, message: expect.stringContaining('had expired') });
  } finally {
    home.remove();
  }
});
