import type { ArtifactKind } from '../artifact-record';

export const RELEASE_SCHEMA = 'waybill/release/1';
/** Name unless projects that share a release choose another that ends the same way. */
export const RELEASE_FILE = 'release.json';

/** A file that is summed. */
export interface ReleaseArtifact {
  name: string;
  kind: ArtifactKind;
  platform?: string;
  size: number;
  sha256: string;
}

/** A detached signature over a summed file; the signature itself is not summed. */
export interface ReleaseSignature {
  name: string;
  /** Name of the file that it signs. */
  of: string;
  sha256: string;
}

/** Digest of a record (`artifacts.json`) that the release was made from. */
export interface ReleaseRecord {
  project: string;
  target: string;
  stage: string;
  sha256: string;
}

/** What a proof said, as its record has it. */
export interface ReleaseProof {
  target: string;
  verdict: string;
  isolation: string;
  /** Names of the files that were tested. */
  tested: readonly string[];
  checksRun: readonly string[];
  checksSkipped: readonly { check: string; reason: string }[];
  allow: readonly { check: string; path: string; reason: string }[];
}

/** `release.json` (CONTRACT §3): where a release comes from and what is in it. Holds no time of day, host, user or absolute path; keys in this order. */
export interface ReleaseDescription {
  schema: typeof RELEASE_SCHEMA;
  project: string;
  /** Base name of its files. */
  name: string;
  version: string;
  sourceDateEpoch: number;
  /** 40 or 64 hex digits; absent outside of git. */
  commit?: string;
  /** The tag at that commit that fits the version. */
  tag?: string;
  /** Tracked files differed from the commit. */
  dirty?: true;
  /** Versions by tool. */
  tools: Readonly<Record<string, string>>;
  /** Names of the sums files. */
  sums: readonly string[];
  artifacts: readonly ReleaseArtifact[];
  signatures: readonly ReleaseSignature[];
  proofs: readonly ReleaseProof[];
  /** Targets that were let through without a signature, and why. */
  unsigned: readonly { target: string; reason: string }[];
  records: readonly ReleaseRecord[];
}
