/** Where one DT_NEEDED entry leads. */
export interface Resolution {
  /** As stored. */
  needed: string;
  /** `bundle`: a file of the bundle; `system`: on the system's allow-list; `missing`: no search path leads to it; `outside`: leads out of the bundle. */
  status: 'bundle' | 'system' | 'missing' | 'outside';
  /** Path in the bundle of the real file (links followed), when `bundle`. */
  path?: string;
  /** How: `RPATH $ORIGIN/../lib of bin/app`, `RUNPATH …`, `the path in NEEDED`, `loaded already by bin/app`, `LD_LIBRARY_PATH … set by the launcher`; for `missing` what was searched. */
  via: string;
}

/** Who loads: the program first, then each object in between, the direct loader last. Paths in the bundle. */
export type LoaderChain = readonly string[];

/** One file and how its needs resolve, in the best of the processes that can load it. */
export interface FileLinkage {
  path: string;
  /** The program (and the file that is opened in it) by which this file is loaded; the file itself for a program. */
  chain: LoaderChain;
  resolutions: readonly Resolution[];
}
