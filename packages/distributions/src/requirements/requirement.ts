/** One pinned, hash-locked requirement of a requirements file. */
export interface LockedRequirement {
  /** Normalised as PEP 503 says: lower case, runs of `-_.` are one `-`. */
  name: string;
  /** The exact version behind `==`, or that of the wheel that the line names. */
  version: string;
  /**
   * The one wheel that the line names in place of an index: its address, or the places where a path may mean it, best first, relative to the
   * workspace or absolute: beside the file that names it (uv), then where the command of the workspace ran (pip).
   */
  from?: { url: string } | { paths: readonly string[] };
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
