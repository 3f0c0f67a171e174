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

/** A wheel file's name taken apart (PEP 427). Tag sets are written with dots: `py2.py3`. */
export interface WheelName {
  fileName: string;
  /** Normalised. */
  distribution: string;
  version: string;
  build?: string;
  pythonTags: readonly string[];
  abiTags: readonly string[];
  platformTags: readonly string[];
}

/** What decides whether a wheel fits. */
export interface WheelTarget {
  /** `3.11`. */
  series: string;
  /** `t` for a free-threaded build; empty for the usual one. */
  abiFlags: string;
  /** `linux-x86_64`, `linux-aarch64-musl`, … */
  platform: string;
}
