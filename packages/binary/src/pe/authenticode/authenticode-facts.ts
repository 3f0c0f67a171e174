import type { Reading } from '../../binary-refusal';
import type { CmsFacts } from '../../cms/cms-facts';
import type { SignerVerification } from '../../cms/cms-verification';
import type { SignatureProblem } from '../../signature-problem';

/** One Authenticode signature: a CMS structure over the digest of the file. */
export interface AuthenticodeSignature {
  /** 0: in the certificate table itself; else the number of signatures that it is nested in. */
  depth: number;
  /** node:crypto's name, or the object identifier of an unknown one. */
  digestAlgorithm: string;
  /** Of the file, as it was signed: lower-case hex. */
  digest: string;
  cms: CmsFacts;
}

/** The outer ones first, each followed by those nested in it. Empty: not signed. */
export type AuthenticodeReading = Reading<readonly AuthenticodeSignature[]>;

/** What a check of a PE file's signatures found. */
export interface AuthenticodeVerification {
  /** A file is signed well when one of them has no problems and `problems` is empty. */
  signatures: readonly (AuthenticodeSignature & { signer?: SignerVerification; problems: readonly SignatureProblem[] })[];
  /** Of the file as a whole: data that no signature covers. */
  problems: readonly SignatureProblem[];
}

export type AuthenticodeVerificationReading = Reading<AuthenticodeVerification>;
