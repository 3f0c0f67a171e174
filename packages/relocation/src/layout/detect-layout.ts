import type { BundleEntry, BundleLayout } from '../bundle-facts';

/** Where things are in a tree, found by content: our own bundles, raw runtimes and bundles of other tools. */
export function detectLayout(_entries: readonly BundleEntry[]): BundleLayout {
  throw new Error('not yet');
}
