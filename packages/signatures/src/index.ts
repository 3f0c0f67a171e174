export * from './detached-signature';
export { detachedSignatureFormats, formatOfName } from './formats';
export { makeMinisignKey, type NewMinisignKey } from './minisign/make-minisign-key';
export { minisignFormat, signMinisign } from './minisign/minisign-format';
export {
  minisignPublicKeyText,
  readMinisignSecretKey,
  type MinisignPublicKey,
  type MinisignSecretKey,
  type MinisignSecretKeyFacts,
} from './minisign/minisign-keys';
export { SSH_NAMESPACE, signSsh, sshFormat, sshKeyOfSignature } from './ssh/ssh-format';
export { readSshPrivateKey, type SshPrivateKey, type SshPrivateKeyFacts } from './ssh/ssh-private-key';
export { sshFingerprint, sshPublicKeyText, type SshPublicKey } from './ssh/ssh-keys';
export { openPgpFormat } from './openpgp/openpgp-format';
export { signSigstore, sigstoreFormat } from './sigstore/sigstore-format';
export { p256Fingerprint, p256PublicKeyText } from './sigstore/p256-key';
export {
  identityFingerprint,
  identityOfFingerprint,
  isSigstoreIdentity,
  matchesIdentity,
  parseSigstoreIdentity,
  renderSigstoreIdentity,
  type SigstoreIdentity,
} from './sigstore/sigstore-identity';
export type { Claims } from './keyless/claims';
export * from './keyless/find-id-token';
export { isUnanswered, keepInLog, type LogEntry } from './keyless/log-entry';
export { PUBLIC_SIGSTORE, requestCertificate, SIGSTORE_AUDIENCE, type Sigstore, type SigstoreAnswer } from './keyless/request-certificate';
export * from './keyless/sign-keyless';
export { renderArmor, parseArmor, type ArmorKind } from './openpgp/armor';
