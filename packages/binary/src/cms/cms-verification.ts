import type { Certificate } from './cms-facts';
import type { SignatureProblem } from '../signature-problem';

export interface TrustRequest {
  /** DER of certificates that end a chain well. Absent: whom to trust is not judged, and a chain may end without its root. */
  roots?: readonly Uint8Array[];
  /** When the check is made, milliseconds since 1970. Certificates must be valid then, or when a good timestamp was made. */
  now: number;
}

/** One signer. It holds when `problems` is empty. */
export interface SignerVerification {
  /** From the signer's certificate upwards, as far as it is known; empty when the certificate is missing. */
  chain: readonly Certificate[];
  /** Does the chain end at one of the roots; absent: no roots were given. */
  trusted?: boolean;
  timestamp?: TimestampVerification;
  problems: readonly SignatureProblem[];
}

/** A timestamp over a signature. It holds when `problems` is empty; then the signer's certificate must have been valid at `time`, and need not be so today. */
export interface TimestampVerification extends Omit<SignerVerification, 'timestamp'> {
  kind: 'rfc3161' | 'counter-signature';
  /** Milliseconds since 1970. */
  time: number;
}
