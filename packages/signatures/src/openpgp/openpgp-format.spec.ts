import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipUnless } from '@waybill/core/testing';
import { unnoticedFlips } from '../testing/flip-bytes';
import { gpgHome, type GpgHome } from '../testing/gpg-home';
import { toolWorks } from '../testing/run-tool';
import { parseArmor, renderArmor } from './armor';
import { openPgpFormat } from './openpgp-format';

const PAYLOAD = Buffer.from('what ships\n');
const withTool = skipUnless(toolWorks('gpg', ['--version']), 'gpg is not installed');
let home: GpgHome;
beforeEach(() => void (home = gpgHome()));
afterEach(() => home.remove());

for (const [kind, algorithm] of [
  ['ed25519', 'ed25519'],
  ['rsa', 'rsa2048'],
] as const) {
  withTool(`${kind}: verifies what gpg signs with a primary key`, async () => {
    home.run('--quick-gen-key', 'A <a@example.org>', algorithm, 'sign', 'never');
    const [fingerprint] = home.fingerprints('a@example.org');
    const publicKey = home.exportPublic('a@example.org');
    const signature = home.sign('f', PAYLOAD, 'a@example.org');
    expect(openPgpFormat.readPublicKey(publicKey)).toEqual({ ok: true, facts: { format: 'gpg', fingerprint } });
    expect(await openPgpFormat.verify(signature, publicKey, [PAYLOAD.subarray(0, 3), PAYLOAD.subarray(3)])).toEqual({
      ok: true,
      fingerprint,
      signature: {
        format: 'gpg',
        claimedSigner: fingerprint,
        algorithm: kind,
        hash: expect.stringMatching(/^sha/),
        time: expect.any(Number),
        canonical: true,
      },
    });
    expect(await unnoticedFlips(openPgpFormat, signature, publicKey, PAYLOAD)).toEqual([]);
    expect(await openPgpFormat.verify(signature, publicKey, [PAYLOAD, PAYLOAD])).toMatchObject({ ok: false, reason: 'mismatch' });
    const commented = Buffer.from(signature.toString().replace('-----\n\n', '-----\nComment: hello\n\n'));
    expect(await openPgpFormat.verify(commented, publicKey, [PAYLOAD])).toMatchObject({ ok: true, signature: { canonical: false } });
  });
}

withTool('follows a subkey to its primary key, but only with the word of both', async () => {
  home.run('--quick-gen-key', 'B <b@example.org>', 'ed25519', 'cert', 'never');
  const [primary] = home.fingerprints('b@example.org');
  home.run('--quick-add-key', primary!, 'ed25519', 'sign', 'never');
  home.run('--quick-add-key', primary!, 'cv25519', 'encr', 'never');
  const subkey = home.fingerprints('b@example.org')[1]!;
  const publicKey = home.exportPublic('b@example.org');
  const signature = home.sign('f', PAYLOAD, `${subkey}!`);
  expect(await openPgpFormat.verify(signature, publicKey, [PAYLOAD])).toMatchObject({
    ok: true,
    fingerprint: primary,
    signature: { claimedSigner: subkey },
  });

  // somebody else's signing subkey, moved behind this primary key
  home.run('--quick-gen-key', 'C <c@example.org>', 'ed25519', 'cert', 'never');
  const [other] = home.fingerprints('c@example.org');
  home.run('--quick-add-key', other!, 'ed25519', 'sign', 'never');
  const stolen = home.sign('g', PAYLOAD, `${home.fingerprints('c@example.org')[1]!}!`);
  const grafted = renderArmor(
    Buffer.concat([
      parseArmor(publicKey, 'PUBLIC KEY BLOCK', 'key'),
      subkeyPackets(parseArmor(home.exportPublic('c@example.org'), 'PUBLIC KEY BLOCK', 'key')),
    ]),
    'PUBLIC KEY BLOCK',
  );
  expect(await openPgpFormat.verify(stolen, grafted, [PAYLOAD])).toMatchObject({
    ok: false,
    reason: 'key',
    message: expect.stringContaining('does not vouch'),
  });
  expect(await openPgpFormat.verify(stolen, publicKey, [PAYLOAD])).toMatchObject({ ok: false, reason: 'other-key' });
});

/** From the first subkey packet on (old format, tag 14). */
function subkeyPackets(bytes: Buffer): Buffer {
  let at = 0;
  while (((bytes[at]! >> 2) & 0x0f) !== 14) at += (bytes[at]! & 3) === 0 ? 2 + bytes[at + 1]! : 3 + bytes.readUInt16BE(at + 1);
  return bytes.subarray(at);
}

withTool('does not take the word of a key that was revoked or had expired', async () => {
  home.run('--quick-gen-key', 'D <d@example.org>', 'ed25519', 'sign', 'never');
  const [fingerprint] = home.fingerprints('d@example.org');
  const signature = home.sign('f', PAYLOAD, 'd@example.org');
  const revocation = readFileSync(join(home.path, 'openpgp-revocs.d', `${fingerprint!}.rev`), 'utf8');
  const block = revocation.slice(revocation.indexOf(':-----BEGIN') + 1);
  const revoked = Buffer.concat([
    firstPacket(parseArmor(home.exportPublic('d@example.org'), 'PUBLIC KEY BLOCK', 'key')),
    parseArmor(block, 'PUBLIC KEY BLOCK', 'revocation'),
    withoutFirst(parseArmor(home.exportPublic('d@example.org'), 'PUBLIC KEY BLOCK', 'key')),
  ]);
  expect(await openPgpFormat.verify(signature, renderArmor(revoked, 'PUBLIC KEY BLOCK'), [PAYLOAD])).toMatchObject({
    ok: false,
    reason: 'key',
    message: expect.stringContaining('revoked'),
  });

  home.run('--faked-system-time', '20200101T000000', '--quick-gen-key', 'E <e@example.org>', 'ed25519', 'sign', 'seconds=1000');
  const late = home.sign('g', PAYLOAD, 'e@example.org', '--faked-system-time', '20200101T000500');
  const publicKey = home.exportPublic('e@example.org');
  expect(await openPgpFormat.verify(late, publicKey, [PAYLOAD])).toMatchObject({ ok: true });
  const ended = renderArmor(endedSooner(parseArmor(publicKey, 'PUBLIC KEY BLOCK', 'key')), 'PUBLIC KEY BLOCK');
  expect(await openPgpFormat.verify(late, ended, [PAYLOAD])).toMatchObject({ ok: false, reason: 'key' });
});

const packetLength = (bytes: Buffer): number => ((bytes[0]! & 3) === 0 ? 2 + bytes[1]! : 3 + bytes.readUInt16BE(1));
const firstPacket = (bytes: Buffer): Buffer => bytes.subarray(0, packetLength(bytes));
const withoutFirst = (bytes: Buffer): Buffer => bytes.subarray(packetLength(bytes));
/** Changes the signed lifetime of 1,000 s to 1 s: the self-signature does not hold any more, and with it the key may not sign. */
function endedSooner(bytes: Buffer): Buffer {
  const at = bytes.indexOf(Buffer.from([5, 9, 0, 0, 3, 0xe8]));
  if (at < 0) throw new Error('the key does not say when it expires');
  return Buffer.concat([bytes.subarray(0, at + 2), Buffer.from([0, 0, 0, 1]), bytes.subarray(at + 6)]);
}

withTool('takes exactly one signature over bytes', async () => {
  home.run('--quick-gen-key', 'F <f@example.org>', 'ed25519', 'sign', 'never');
  const publicKey = home.exportPublic('f@example.org');
  const signature = home.sign('f', PAYLOAD, 'f@example.org');
  const twice = renderArmor(
    Buffer.concat([parseArmor(signature.toString(), 'SIGNATURE', 's'), parseArmor(signature.toString(), 'SIGNATURE', 's')]),
    'SIGNATURE',
  );
  expect(openPgpFormat.parse(Buffer.from(twice))).toMatchObject({ ok: false, refusal: { reason: 'malformed' } });
  const text = home.sign('f', PAYLOAD, 'f@example.org', '--textmode');
  expect(await openPgpFormat.verify(text, publicKey, [PAYLOAD])).toMatchObject({ ok: false, reason: 'malformed' });
  const weak = home.sign('f', PAYLOAD, 'f@example.org', '--digest-algo', 'SHA224');
  expect(openPgpFormat.parse(weak)).toMatchObject({ ok: false, refusal: { reason: 'unsupported' } });
});

it.each([
  ['nothing', ''],
  ['another text', 'hello'],
  ['an empty block', '-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n'],
  ['a wrong checksum', '-----BEGIN PGP SIGNATURE-----\n\nAAAA\n=AAAA\n-----END PGP SIGNATURE-----\n'],
  ['bytes that are no packet', '-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n'],
])('refuses %s', (_, text) => {
  expect(openPgpFormat.parse(Buffer.from(text))).toMatchObject({ ok: false, refusal: { reason: 'malformed' } });
  expect(openPgpFormat.readPublicKey(text.replaceAll('SIGNATURE', 'PUBLIC KEY BLOCK'))).toMatchObject({ ok: false });
});
