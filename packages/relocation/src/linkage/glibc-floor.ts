import type { BundleFacts } from '../bundle-facts';

export interface FloorHolder {
  path: string;
  /** One symbol that needs it; empty when the facts hold no symbols. */
  symbol: string;
  version: string;
}

/** Lowest glibc on which every file of the tree loads, and the files and symbols that hold it there. */
export interface GlibcFloor {
  /** `2.35`; absent when no file needs glibc. */
  version?: string;
  holders: readonly FloorHolder[];
  /** `manylinux_2_35_x86_64`. */
  manylinuxTag?: string;
}

export function glibcFloor(_facts: BundleFacts): GlibcFloor {
  throw new Error('not yet');
}
