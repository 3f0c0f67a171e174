import { createHash, generateKeyPairSync } from 'node:crypto';
import { p256Fingerprint, p256PublicKeyText, signMinisign, signSigstore, signSsh } from '@waybill/signatures';
import type { GpgHome } from '@waybill/signatures/testing';

export interface SigningKey {
  suffix: '.minisig' | '.sig' | '.asc' | '.sigstore.json';
  /** As `--fingerprint` takes it. */
  fingerprint: string;
  /** As a key file has it. */
  publicKey: string;
  sign(payload: Uint8Array): Buffer | Promise<Buffer>;
}

const sshString = (bytes: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** A new minisign key. */
export function minisignKey(keyId: Buffer): SigningKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { d = '', x = '' } = privateKey.export({ format: 'jwk' });
  const [seed, point] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')];
  const fingerprint = Buffer.concat([Buffer.from('Ed'), keyId, point]).toString('base64');
  return {
    suffix: '.minisig',
    fingerprint,
    publicKey: `untrusted comment: minisign public key\n${fingerprint}\n`,
    sign: (payload) =>
      signMinisign({ keyId, point, seed }, createHash('blake2b512').update(payload).digest(), 'timestamp:1580601600\tfile:x\thashed'),
  };
}

/** A new SSH key. */
export function sshKey(): SigningKey {
  const { privateKey, publicKey: key } = generateKeyPairSync('ed25519');
  const { x = '' } = key.export({ format: 'jwk' });
  const blob = Buffer.concat([sshString(Buffer.from('ssh-ed25519')), sshString(Buffer.from(x, 'base64url'))]);
  return {
    suffix: '.sig',
    fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`,
    publicKey: `ssh-ed25519 ${blob.toString('base64')} release@example.org\n`,
    sign: (payload) => signSsh({ type: 'ssh-ed25519', blob, key, secret: privateKey }, createHash('sha512').update(payload).digest()),
  };
}

/** A new key of gpg, in a home of its own. */
export function gpgKey(home: GpgHome, user: string): SigningKey {
  home.run('--quick-gen-key', user, 'ed25519', 'sign', 'never');
  return {
    suffix: '.asc',
    fingerprint: home.fingerprints(user)[0]!,
    publicKey: home.exportPublic(user),
    sign: (payload) => home.sign('payload', payload, user),
  };
}

/** A new key for sigstore bundles, as `cosign generate-key-pair` makes it. */
export function sigstoreKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    suffix: '.sigstore.json',
    fingerprint: p256Fingerprint(publicKey),
    publicKey: p256PublicKeyText(publicKey),
    sign: (payload) =>
      signSigstore(
        privateKey,
        (async function* () {
          yield payload;
        })(),
      ),
  };
}
