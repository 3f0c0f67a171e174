import { gpgBackend } from './gpg-backend';
import { minisignBackend } from './minisign-backend';
import { sigstoreBackend } from './sigstore-backend';
import { sshBackend } from './ssh-backend';
import type { SigningBackend } from './detached-signer';

export type { DetachedSigner, KeySource, SignedFile, SigningBackend } from './detached-signer';

export const BACKENDS = ['gpg', 'minisign', 'ssh', 'sigstore'] as const;
export type BackendId = (typeof BACKENDS)[number];

export const backends: Readonly<Record<BackendId, SigningBackend>> = {
  gpg: gpgBackend,
  minisign: minisignBackend,
  ssh: sshBackend,
  sigstore: sigstoreBackend,
};
