import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { unnoticedFlips } from '../testing/flip-bytes';
import { runTool, toolWorks } from '../testing/run-tool';
import { ENCRYPTED_MINISIGN_PUBLIC_KEY, ENCRYPTED_MINISIGN_SECRET_KEY } from '../testing/samples';
import { minisignFormat, signMinisign } from './minisign-format';
import { minisignPublicKeyText, readMinisignSecretKey, type MinisignSecretKey } from './minisign-keys';

const folder = temporaryFolder();
const PAYLOAD = Buffer.from('what ships\n');
const COMMENT = 'timestamp:1580601600\tfile:app.tar.gz\thashed';
const withTool = skipUnless(toolWorks('minisign', ['-v']), 'minisign is not installed');
const blake2b = (bytes: Uint8Array): Buffer => createHash('blake2b512').update(bytes).digest();

/** Key pair as minisign makes it, without a password. */
function makeKey(): { secret: string; publicKey: string } {
  const [secret, publicKey] = [join(folder.path, 'key'), join(folder.path, 'key.pub')];
  runTool('minisign', ['-G', '-f', '-W', '-s', secret, '-p', publicKey]);
  return { secret: readFileSync(secret, 'utf8'), publicKey: readFileSync(publicKey, 'utf8') };
}

function open(text: string, password?: string): MinisignSecretKey {
  const read = readMinisignSecretKey(text, password);
  if (!read.ok || read.facts.state !== 'open') throw new Error(`the key does not open: ${JSON.stringify(read)}`);
  return read.facts.key;
}

withTool('makes the same bytes as minisign, which minisign verifies', async () => {
  const { secret, publicKey } = makeKey();
  const key = open(secret);
  const file = join(folder.path, 'app.tar.gz');
  writeFileSync(file, PAYLOAD);
  const signature = signMinisign(key, blake2b(PAYLOAD), COMMENT);
  runTool('minisign', ['-S', '-s', join(folder.path, 'key'), '-m', file, '-t', COMMENT]);
  expect(readFileSync(`${file}.minisig`)).toEqual(signature);
  writeFileSync(`${file}.minisig`, signature);
  expect(runTool('minisign', ['-V', '-P', minisignPublicKeyText(key), '-m', file])).toContain('timestamp:1580601600');
  expect(await minisignFormat.verify(signature, publicKey, [PAYLOAD.subarray(0, 4), PAYLOAD.subarray(4)])).toEqual({
    ok: true,
    fingerprint: minisignPublicKeyText(key),
    signature: {
      format: 'minisign',
      claimedSigner: expect.stringMatching(/^[0-9A-F]{16}$/),
      algorithm: 'ed25519',
      hash: 'blake2b-512',
      time: 1_580_601_600,
      comment: COMMENT,
      canonical: true,
    },
  });
  expect(await unnoticedFlips(minisignFormat, signature, publicKey, PAYLOAD)).toEqual([]);
  expect(await minisignFormat.verify(signature, publicKey, [PAYLOAD, PAYLOAD])).toMatchObject({ ok: false, reason: 'mismatch' });
});

withTool('takes comments in any language, whose bytes are signed as they are', async () => {
  const { publicKey } = makeKey();
  const file = join(folder.path, 'app.tar.gz');
  writeFileSync(file, PAYLOAD);
  runTool('minisign', ['-S', '-s', join(folder.path, 'key'), '-m', file, '-t', 'Version für alle', '-c', 'подпись']);
  const signature = readFileSync(`${file}.minisig`);
  const commentedKey = publicKey.replace('comment: ', 'comment: Schlüssel ');
  expect(await minisignFormat.verify(signature, commentedKey, [PAYLOAD])).toMatchObject({ ok: true, signature: { comment: 'Version für alle' } });
  const text = signature.toString();
  for (const [change, reason] of [
    [text.replace('für', 'fur'), 'mismatch'],
    [text.replace('für', 'f\u202er'), 'malformed'],
    [text.replace('\ntrusted', 'ü\ntrusted'), 'malformed'],
  ] as const) {
    expect(await minisignFormat.verify(Buffer.from(change), publicKey, [PAYLOAD])).toMatchObject({ ok: false, reason });
  }
  expect(minisignFormat.parse(Buffer.from(text, 'latin1'))).toMatchObject({ ok: false, refusal: { reason: 'malformed' } });
});

it('opens a key that minisign encrypted', async () => {
  const signature = signMinisign(open(ENCRYPTED_MINISIGN_SECRET_KEY, 'correct horse'), blake2b(PAYLOAD), COMMENT);
  expect(await minisignFormat.verify(signature, ENCRYPTED_MINISIGN_PUBLIC_KEY, [PAYLOAD])).toMatchObject({ ok: true });
});

it('an encrypted key wants its password, and no more memory than there should be', () => {
  const cheap = withLimits(ENCRYPTED_MINISIGN_SECRET_KEY, 32_768n, 2n ** 24n);
  expect(readMinisignSecretKey(cheap)).toEqual({ ok: true, facts: { state: 'password-missing' } });
  expect(readMinisignSecretKey(cheap, 'wrong')).toEqual({ ok: true, facts: { state: 'password-wrong' } });
  const costly = withLimits(ENCRYPTED_MINISIGN_SECRET_KEY, 2n ** 25n, 2n ** 40n);
  expect(readMinisignSecretKey(costly, 'wrong')).toMatchObject({ ok: false, refusal: { reason: 'unsupported' } });
});

/** The same key file with other limits for opening it. */
function withLimits(text: string, operations: bigint, memory: bigint): string {
  const [comment, body] = text.split('\n');
  const bytes = Buffer.from(body!, 'base64');
  bytes.writeBigUInt64LE(operations, 38);
  bytes.writeBigUInt64LE(memory, 46);
  return `${comment!}\n${bytes.toString('base64')}\n`;
}

withTool('tells another key, a foreign comment, the legacy kind', async () => {
  const { secret, publicKey } = makeKey();
  const signature = signMinisign(open(secret), blake2b(PAYLOAD), COMMENT);
  const other = makeKey();
  expect(await minisignFormat.verify(signature, other.publicKey, [PAYLOAD])).toMatchObject({ ok: false, reason: 'other-key' });
  // the id alone proves nothing: another key under the same one
  const forged = { ...open(other.secret), keyId: open(secret).keyId };
  expect(await minisignFormat.verify(signMinisign(forged, blake2b(PAYLOAD), COMMENT), publicKey, [PAYLOAD])).toMatchObject({
    ok: false,
    reason: 'mismatch',
  });
  const commented = Buffer.from(signature.toString().replace('signature from minisign secret key', 'something else'));
  expect(await minisignFormat.verify(commented, publicKey, [PAYLOAD])).toMatchObject({ ok: true, signature: { canonical: false } });
  const lines = signature.toString().split('\n');
  const legacy = Buffer.concat([Buffer.from('Ed'), Buffer.from(lines[1]!, 'base64').subarray(2)]).toString('base64');
  expect(minisignFormat.parse(Buffer.from([lines[0], legacy, lines[2], lines[3], ''].join('\n')))).toMatchObject({
    ok: false,
    refusal: { reason: 'unsupported' },
  });
});

it.each([
  ['nothing', ''],
  ['another text', 'hello\nworld\n'],
  ['bad base64', 'untrusted comment: x\nRUQ=\ntrusted comment: x\nRUQ=\n'],
  ['a file of another kind', '\u007fELF\u0000\u0001'],
  ['five lines', 'untrusted comment: x\nRUQ=\ntrusted comment: x\nRUQ=\nmore\n'],
])('refuses %s', async (_, text) => {
  expect(minisignFormat.parse(Buffer.from(text))).toMatchObject({ ok: false, refusal: { reason: 'malformed' } });
  expect(minisignFormat.readPublicKey(text)).toMatchObject({ ok: false });
  expect(await minisignFormat.verify(Buffer.from(text), text, [PAYLOAD])).toMatchObject({ ok: false, reason: 'public-key' });
  expect(readMinisignSecretKey(text)).toMatchObject({ ok: false });
});

it('refuses a megabyte without reading it', () => {
  expect(minisignFormat.parse(Buffer.alloc(1 << 20, 'a'))).toMatchObject({ ok: false, refusal: { reason: 'too-large' } });
});
