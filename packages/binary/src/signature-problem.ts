/** Why a signature does not hold. `code` is one of a closed list; the message says it for people. */
export interface SignatureProblem {
  code: SignatureProblemCode;
  message: string;
}

export type SignatureProblemCode =
  /** The signed bytes are others than those in the file. */
  | 'page-hash'
  | 'file-digest'
  | 'slot-hash'
  /** Something in the file is not covered. */
  | 'code-uncovered'
  | 'data-behind-signature'
  | 'slot-unbound'
  | 'slot-missing'
  /** Entitlements in XML and in DER, of which systems go by one or the other. */
  | 'entitlements-differ'
  | 'directory-unsigned'
  /** Parts of the signature contradict each other. */
  | 'directories-differ'
  | 'team-differs'
  | 'no-certificate'
  | 'certificate-on-ad-hoc'
  | 'signer-count'
  /** The CMS structure does not belong to what it should sign, or is not right by itself. */
  | 'content-missing'
  | 'content-digest'
  | 'content-type'
  | 'signature'
  | 'algorithm'
  | 'weak-digest'
  | 'weak-key'
  | 'certificate-missing'
  /** The certificate does not allow this. */
  | 'chain'
  | 'untrusted'
  | 'validity'
  | 'purpose'
  | 'critical-extension'
  | 'timestamp'
  | 'timestamp-imprint';
