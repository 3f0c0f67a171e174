import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { unnoticedFlips } from '../testing/flip-bytes';
import { runTool, toolWorks } from '../testing/run-tool';
import { signSsh, sshFormat, sshKeyOfSignature } from './ssh-format';
import { sshPublicKeyText } from './ssh-keys';
import { SSH_PUBLIC_KEY, SSH_SIGNATURE } from '../testing/samples';
import { readSshPrivateKey, type SshPrivateKey } from './ssh-private-key';

const folder = temporaryFolder();
const PAYLOAD = Buffer.from('what ships\n');
const withTool = skipUnless(toolWorks('ssh', ['-V']), 'ssh-keygen is not installed');
const sha512 = (bytes: Uint8Array): Buffer => createHash('sha512').update(bytes).digest();

function makeKey(args: readonly string[], name = 'key', passphrase = ''): { secret: string; publicKey: string } {
  const path = join(folder.path, name);
  runTool('ssh-keygen', ['-q', '-N', passphrase, '-C', 'release@example.org', ...args, '-f', path]);
  return { secret: readFileSync(path, 'utf8'), publicKey: readFileSync(`${path}.pub`, 'utf8') };
}

function open(text: string): SshPrivateKey {
  const read = readSshPrivateKey(text);
  if (!read.ok || read.facts.state !== 'open') throw new Error(`the key does not open: ${JSON.stringify(read)}`);
  return read.facts.key;
}

for (const [kind, args] of [
  ['ed25519', ['-t', 'ed25519']],
  ['rsa', ['-t', 'rsa', '-b', '2048']],
] as const) {
  withTool(`${kind}: makes the same bytes as ssh-keygen, which ssh-keygen verifies`, async () => {
    const { secret, publicKey } = makeKey(args);
    const key = open(secret);
    const signature = signSsh(key, sha512(PAYLOAD));
    const file = join(folder.path, 'app.tar.gz');
    writeFileSync(file, PAYLOAD);
    runTool('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'file', '-f', join(folder.path, 'key'), file]);
    expect(readFileSync(`${file}.sig`)).toEqual(signature);
    writeFileSync(`${file}.sig`, signature);
    writeFileSync(join(folder.path, 'allowed'), `release@example.org ${sshPublicKeyText(key)}\n`);
    const verify = ['-Y', 'verify', '-f', join(folder.path, 'allowed'), '-I', 'release@example.org', '-n', 'file', '-s', `${file}.sig`];
    expect(runTool('ssh-keygen', verify, { input: PAYLOAD })).toContain('Good "file" signature');
    const fingerprint = runTool('ssh-keygen', ['-l', '-f', join(folder.path, 'key.pub')]).split(' ')[1];
    expect(await sshFormat.verify(signature, publicKey, [PAYLOAD])).toEqual({
      ok: true,
      fingerprint,
      signature: { format: 'ssh', claimedSigner: fingerprint, algorithm: kind, hash: 'sha512', comment: 'file', canonical: true },
    });
    expect(await unnoticedFlips(sshFormat, signature, publicKey, PAYLOAD)).toEqual([]);
    expect(await sshFormat.verify(signature, publicKey, [])).toMatchObject({ ok: false, reason: 'mismatch' });
    const other = makeKey(['-t', 'ed25519'], 'other');
    expect(await sshFormat.verify(signature, other.publicKey, [PAYLOAD])).toMatchObject({ ok: false, reason: 'other-key' });
    expect(readSshPrivateKey(secret.replace(/[A-Za-z](?=.{20}\n)/, '0'))).toMatchObject({ ok: false });
  });
}

withTool('an RSA key with a damaged private number is refused, or signs all the same', async () => {
  const { secret } = makeKey(['-t', 'rsa', '-b', '2048']);
  const [first, ...lines] = secret.trim().split('\n');
  const last = lines.pop()!;
  const bytes = Buffer.from(lines.join(''), 'base64');
  const opened = [];
  // The public half ends within 340 bytes and stands twice; d, 1/q mod p, p and q follow, and a comment of 19 bytes with at most 8 of padding.
  for (let at = 700; at < bytes.length - 40; at += 60) {
    const damaged = Buffer.from(bytes);
    damaged[at]! ^= 0x41;
    const read = readSshPrivateKey(`${first}\n${damaged.toString('base64')}\n${last}\n`);
    if (read.ok && read.facts.state === 'open')
      opened.push(await sshFormat.verify(signSsh(read.facts.key, sha512(PAYLOAD)), sshPublicKeyText(read.facts.key), [PAYLOAD]));
  }
  expect(opened.filter(({ ok }) => !ok)).toEqual([]);
});

withTool('does not take a signature for another purpose', async () => {
  const { publicKey } = makeKey(['-t', 'ed25519']);
  const file = join(folder.path, 'app');
  writeFileSync(file, PAYLOAD);
  runTool('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'git', '-f', join(folder.path, 'key'), file]);
  const verdict = await sshFormat.verify(readFileSync(`${file}.sig`), publicKey, [PAYLOAD]);
  expect(verdict).toMatchObject({ ok: false, reason: 'mismatch', message: expect.stringContaining('`git`') });
});

withTool('says of a key with a passphrase that it is encrypted, refuses kinds that sign differently each time', async () => {
  expect(readSshPrivateKey(makeKey(['-t', 'ed25519'], 'closed', 'open sesame').secret)).toEqual({ ok: true, facts: { state: 'encrypted' } });
  const ecdsa = makeKey(['-t', 'ecdsa'], 'ecdsa');
  expect(readSshPrivateKey(ecdsa.secret)).toMatchObject({ ok: false, refusal: { reason: 'unsupported' } });
  expect(sshFormat.readPublicKey(ecdsa.publicKey)).toMatchObject({ ok: false, refusal: { reason: 'unsupported' } });
  const weak = makeKey(['-t', 'rsa', '-b', '1024'], 'weak');
  expect(sshFormat.readPublicKey(weak.publicKey)).toMatchObject({ ok: false, refusal: { reason: 'unsupported' } });
});

it.each([
  ['nothing', ''],
  ['another text', 'hello'],
  ['an empty block', '-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n'],
  ['a block of rubbish', '-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n'],
])('refuses %s', (_, text) => {
  expect(sshFormat.parse(Buffer.from(text))).toMatchObject({ ok: false, refusal: { reason: 'malformed' } });
  expect(sshFormat.readPublicKey(text)).toMatchObject({ ok: false });
  expect(readSshPrivateKey(text)).toMatchObject({ ok: false });
});

it('takes a public key with a comment in any language', () => {
  const plain = sshFormat.readPublicKey(SSH_PUBLIC_KEY);
  expect(sshFormat.readPublicKey(SSH_PUBLIC_KEY.replace('release@', 'jörg@büro '))).toEqual(plain);
  expect(sshFormat.readPublicKey(SSH_PUBLIC_KEY.replace('AAAA', 'ÄAAA'))).toMatchObject({ ok: false });
  expect(sshFormat.readPublicKey(`${SSH_PUBLIC_KEY.trim()}\u2028x\n`)).toMatchObject({ ok: false });
});

it('gives the key that a signature brings along', () => {
  expect(sshKeyOfSignature(Buffer.from(SSH_SIGNATURE))).toEqual({ ok: true, facts: SSH_PUBLIC_KEY.split(' ').slice(0, 2).join(' ') });
  expect(sshKeyOfSignature(Buffer.from('x')).ok).toBe(false);
});
