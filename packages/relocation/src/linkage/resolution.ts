/** Where one DT_NEEDED entry leads. */
export interface Resolution {
  /** As stored. */
  needed: string;
  /** `bundle`: a file of the bundle; `system`: on the system's allow-list; `missing`: no search path leads to it; `outside`: leads out of the bundle. */
  status: 'bundle' | 'system' | 'missing' | 'outside';
  /** Path in the bundle of the real file (links followed), when `bundle`. */
  path?: string;
  /** How: `RPATH $ORIGIN/../lib of bin/app`, `RUNPATH …`, `path`, `loaded by bin/app`, `launcher's LD_LIBRARY_PATH`, or for `missing` what was searched. */
  via: string;
}

/** Who loads: the executable first, then each object in between, the direct loader last. Paths in the bundle. */
export type LoaderChain = readonly string[];
