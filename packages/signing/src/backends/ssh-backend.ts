import { readSshPrivateKey, signSsh, sshFingerprint, sshFormat, sshPublicKeyText, type SshPrivateKey } from '@waybill/signatures';
import { signingErrors } from '../errors/signing-errors';
import type { DetachedSigner, KeySource, SigningBackend } from './detached-signer';
import { digestContent } from './digest-content';

const MAKE = '`ssh-keygen -t ed25519 -N "" -f release-key`, then the text of `release-key`';

export const sshBackend: SigningBackend = { make: MAKE, open: async (source) => signerOf(openKey(source)) };

function openKey({ key, variable }: KeySource): SshPrivateKey {
  const read = readSshPrivateKey(key.reveal());
  if (!read.ok) {
    if (sshFormat.readPublicKey(key.reveal()).ok) throw signingErrors.error('SIGN_KEY_PUBLIC', { variable, make: MAKE });
    throw signingErrors.error('SIGN_KEY_FORMAT', { variable, backend: 'ssh', reason: read.refusal.message, make: MAKE });
  }
  if (read.facts.state === 'encrypted') throw signingErrors.error('SIGN_KEY_ENCRYPTED', { variable });
  return read.facts.key;
}

const signerOf = (key: SshPrivateKey): DetachedSigner => ({
  format: sshFormat,
  publicKey: sshPublicKeyText(key),
  fingerprint: sshFingerprint(key),
  sign: async (file) => signSsh(key, await digestContent(file.content(), 'sha512')),
  wouldSay: ({ hash }) => hash === 'sha512',
});
