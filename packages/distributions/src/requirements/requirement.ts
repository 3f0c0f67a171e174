/** One pinned, hash-locked requirement of a requirements file. */
export interface LockedRequirement {
  /** Normalised as PEP 503 says: lower case, runs of `-_.` are one `-`. */
  name: string;
  /** The exact version behind `==`. */
  version: string;
  /** Normalised and sorted. */
  extras: readonly string[];
  /** Environment marker as written; the installer evaluates it for the runtime. */
  marker?: string;
  /** `sha256:<hex>` (or sha384, sha512), in the order of the file. */
  hashes: readonly string[];
  /** File, relative to the workspace, and line, counted from 1, where it starts. */
  file: string;
  line: number;
}

/** What a requirements file and the files that it includes ask for. */
export interface RequirementsLock {
  /** Every file that was read, relative to the workspace, in the order of reading. */
  files: readonly string[];
  requirements: readonly LockedRequirement[];
  /** Where distributions come from (`--index-url …`); hashes pin what comes, so these are handed to the installer as they are. */
  indexOptions: readonly string[];
}
