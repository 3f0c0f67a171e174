import type { Secret } from '@waybill/core';
import type { DetachedSignatureFormat, SignatureFacts } from '@waybill/signatures';

/** A file to sign. */
export interface SignedFile {
  /** Base name, as it ships. */
  name: string;
  /** Lower-case hex. */
  sha256: string;
  /** Its bytes from the start, each time it is called; `SIGN_CHANGED` when they are not those of the digest. */
  content(): AsyncIterable<Uint8Array>;
}

/** A secret key that is open. Holds it in memory alone. */
export interface DetachedSigner {
  format: DetachedSignatureFormat;
  /** Text of the public key, as its tool writes it. */
  publicKey: string;
  /** In the form of `PublicKeyFacts`. */
  fingerprint: string;
  /** A signature that depends on key, bytes, name and date alone: the same bytes each time (except sigstore: ECDSA draws a number). */
  sign(file: SignedFile): Promise<Uint8Array>;
  /** Does an earlier signature say what a new one would: the same time and comment? */
  wouldSay(facts: SignatureFacts, file: SignedFile): boolean;
}

export interface KeySource {
  key: Secret;
  /** Name of the variable that holds it. */
  variable: string;
  password?: Secret;
  passwordVariable?: string;
  /** Seconds since 1970: the date of the signatures. */
  sourceDateEpoch: number;
}

/** One way to sign. The secret comes as a value and stays in this process: no tool, file or variable sees it. */
export interface SigningBackend {
  /** How the user gets the text of a secret key, for errors. */
  make: string;
  /** Opens the key, or says what is wrong with it: `SIGN_KEY_…`, `SIGN_PASSWORD_…`. */
  open(source: KeySource): Promise<DetachedSigner>;
}
