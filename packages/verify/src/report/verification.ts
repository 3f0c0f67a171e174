import type { ReleaseDescription } from '@waybill/artifacts';
import type { Finding } from '@waybill/core';
import type { TrustedKey } from '../keys/trusted-keys';

export interface VerifyRequest {
  /** Absolute path of a folder, or of a zip file of one. */
  path: string;
  /** Who must have signed. None: nothing but integrity can be told. */
  keys: readonly TrustedKey[];
  /** What the release must be, in the words of its `release.json`. */
  project?: string;
  /** PEP 440 or SemVer. */
  version?: string;
  /** Files that the sums name and that are not here are let pass: one file of a release was downloaded. */
  ignoreMissing?: boolean;
  /** Existing folder in which a zip file may be unpacked; what is put there is removed. */
  temporaryFolder: string;
}

/** One line of the table. */
export interface FileRow {
  name: string;
  /** `wheel`, `bundle-archive`, … ; `sums`, `signature`, `release`, `file`. */
  what: string;
  status: 'ok' | 'missing' | 'extra' | 'changed' | 'unsigned' | 'refused' | 'unchecked';
  /** Bytes, when it is here. */
  size?: number;
  /** What was found right with it, in words. */
  detail: string;
}

export interface Verification {
  /** `verified` only when everything holds and the expected keys signed it. */
  verdict: 'verified' | 'integrity only' | 'failed';
  files: readonly FileRow[];
  /** What does not hold. */
  findings: readonly Finding[];
  /** Fingerprints of the expected keys that did sign. */
  signers: readonly string[];
  releases: readonly ReleaseDescription[];
}
