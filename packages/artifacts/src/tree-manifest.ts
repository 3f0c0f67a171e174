/** One entry of `share/waybill/manifest.json`; keys in this order, entries sorted by path bytewise. */
export type ManifestEntry =
  { path: string; type: 'file'; mode: string; size: number; sha256: string } | { path: string; type: 'symlink'; target: string };

export const MANIFEST_SCHEMA = 'waybill/manifest/1';
/** Place of the manifest in a bundle; the manifest does not list itself. */
export const MANIFEST_PATH = 'share/waybill/manifest.json';

/** What was left out of the runtime, and why. */
export interface PrunedEntry {
  path: string;
  reason: string;
}

/** A host library that the bundle carries. */
export interface CarriedLibrary {
  /** Path in the bundle, or the file into which it is linked statically. */
  path: string;
  name: string;
  version: string;
  /** SPDX expression. */
  licence: string;
  /** Paths in the bundle of its licence texts. */
  licenceFiles: readonly string[];
}

/**
 * The manifest of a bundle. `runtime.buildId` is the GNU build id of libpython (or of a static interpreter): check `identity`
 * compares the running one with it.
 */
export interface TreeManifest {
  schema: typeof MANIFEST_SCHEMA;
  name: string;
  version: string;
  platform: string;
  kind: 'embedded-app' | 'python-app';
  layout: { launcher: string; program?: string; python: string; libpython?: string };
  runtime: { version: string; buildId?: string; provider: string; source: string; sha256?: string };
  /** Highest glibc version that any file needs, e.g. `2.35`. */
  glibc?: string;
  /** Of file content made by the launcher: how sys.path, environment and names are set; see the launcher's README. */
  launcher: { kind: 'native' | 'shell' | 'none' };
  carried: readonly CarriedLibrary[];
  /** SONAMEs that files of the bundle need and that are taken from the system it runs on, because whoever packaged it said so. Sorted; absent when there are none. */
  fromHost?: readonly string[];
  pruned: readonly PrunedEntry[];
  entries: readonly ManifestEntry[];
}
