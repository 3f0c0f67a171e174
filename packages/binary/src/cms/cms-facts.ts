import type { Reading } from '../binary-refusal';

/** What a CMS SignedData structure (RFC 5652; PKCS#7 before it) says of itself. Nothing here is verified. Object identifiers are dotted numbers, byte fields slices of the input. */
export interface CmsFacts {
  /** What is signed: `1.2.840.113549.1.7.1` (data), Microsoft's indirect data, a timestamp. */
  contentType: string;
  /** The bytes that the message digest covers; absent when they lie elsewhere (detached). */
  content?: Uint8Array;
  /** In the order of the structure, signers' and others. */
  certificates: readonly Certificate[];
  signers: readonly CmsSigner[];
}

export type CmsReading = Reading<CmsFacts>;

export interface CmsSigner {
  /** How the signer's certificate is named. */
  signerId: { issuer: Uint8Array; serial: string } | { keyId: string };
  digestAlgorithm: Algorithm;
  signatureAlgorithm: Algorithm;
  signature: Uint8Array;
  signedAttributes: readonly Attribute[];
  /** What the signature covers: the attributes as a DER SET. Absent: it covers the content itself. */
  signedBytes?: Uint8Array;
  unsignedAttributes: readonly Attribute[];
}

export interface Attribute {
  oid: string;
  /** DER of each value. */
  values: readonly Uint8Array[];
}

export interface Algorithm {
  oid: string;
  /** DER. */
  parameters?: Uint8Array;
}

/** An X.509 certificate (RFC 5280). Times are milliseconds since 1970, key ids and serial lower-case hex. */
export interface Certificate {
  der: Uint8Array;
  /** The part that the issuer signs. */
  signedBytes: Uint8Array;
  signatureAlgorithm: Algorithm;
  signature: Uint8Array;
  serial: string;
  issuer: DistinguishedName;
  subject: DistinguishedName;
  notBefore: number;
  notAfter: number;
  /** SubjectPublicKeyInfo, DER. */
  publicKey: Uint8Array;
  extensions: readonly { oid: string; critical: boolean; value: Uint8Array }[];
  /** Basic constraints: may it sign certificates, and how many may lie between it and the last one. */
  authority: boolean;
  pathLength?: number;
  /** Bits of the key usage extension, bit 0 first; absent: every use. */
  keyUsage?: readonly boolean[];
  /** Object identifiers; absent: every purpose. */
  extendedKeyUsage?: readonly string[];
  subjectKeyId?: string;
  authorityKeyId?: string;
}

export interface DistinguishedName {
  der: Uint8Array;
  /** For people: `CN=…, OU=…, O=…`, in the order of the certificate. */
  text: string;
  commonName?: string;
  organization?: string;
  organizationalUnit?: string;
}

/** A timestamp (RFC 3161, TSTInfo). */
export interface TimestampFacts {
  policy: string;
  /** What is stamped: the digest of a signature. */
  imprint: { algorithm: string; digest: Uint8Array };
  serial: string;
  /** Milliseconds since 1970. */
  time: number;
}
