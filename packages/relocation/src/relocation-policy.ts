import type { LeakToken } from './bundle-facts';

/** A finding that is accepted. Matches by check and by a glob over paths in the bundle (`*`, `**`, `?`, `{a,b}`). */
export interface Permit {
  check: string;
  path: string;
  /** Why it is accepted; never empty (options refuse an entry without one). */
  reason: string;
}

/** What a bundle is held to. */
export interface RelocationPolicy {
  /** `linux-x86_64`, `linux-aarch64-musl`, … */
  platform: string;
  /** Highest glibc that files may need, e.g. `2.28`; absent: any, reported. */
  glibc?: string;
  macosMinimum?: string;
  /** The tokens that the facts' `leaks` were looked for with. */
  leakTokens: readonly LeakToken[];
  allow?: readonly Permit[];
  /** SONAMEs that the bundle takes from the system it runs on, as its manifest says. */
  fromHost?: readonly string[];
}
