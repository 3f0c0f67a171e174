import type { BundleFacts } from './bundle-facts';

/** Text for people: each ELF file, what it needs and where that resolves, search paths, glibc. */
export function renderLinkageReport(_facts: BundleFacts): string {
  throw new Error('not yet');
}
