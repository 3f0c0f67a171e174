import { MANIFEST_PATH, type ManifestEntry } from './tree-manifest';

/** Place of the manifest in an `.app`: a tree manifest whose paths are relative to the `.app`. Its `layout.launcher` is the main program. */
export const APP_MANIFEST_PATH = `Contents/Resources/${MANIFEST_PATH}`;

/** One entry of an archive, folders too. */
export type ArchiveManifestEntry = ManifestEntry | { path: string; type: 'directory'; mode: string };

export const ARCHIVE_MANIFEST_SCHEMA = 'waybill/archive-manifest/1';
const SUFFIX = '.manifest.json';

/**
 * What lies beside an archive that holds an `.app`, and lists every entry of it: those too that no manifest within can know, because they
 * change when all else is sealed. Keys in this order, entries sorted by path bytewise.
 */
export interface ArchiveManifest {
  schema: typeof ARCHIVE_MANIFEST_SCHEMA;
  /** Name of the archive. */
  archive: string;
  /** Bytes of the archive. */
  size: number;
  /** Of the archive. */
  sha256: string;
  /** Paths as in the archive, without `./` and slashes at their ends. */
  entries: readonly ArchiveManifestEntry[];
}

export const archiveManifestName = (archive: string): string => `${archive}${SUFFIX}`;

/** Name of the archive that a file of this name would be the manifest of. */
export const archiveOfManifest = (name: string): string | undefined =>
  name.endsWith(SUFFIX) && name.length > SUFFIX.length ? name.slice(0, -SUFFIX.length) : undefined;

const APP_LIST = /^(?:[^/]+\/)?Contents\/Info\.plist$|(?:^|\/)[^/]+\.app\/Contents\/Info\.plist$/;

/** Is an entry of an archive, by its path, the property list of an `.app`? One without such a name counts at the top, or in the one top folder. */
export const isAppList = (path: string): boolean => APP_LIST.test(path);

/**
 * What the manifest in an `.app` need not list: itself, and what is written after it — the main program, which holds the outermost seal, the seal, the ticket.
 * `path` is relative to the `.app`.
 */
export const isLeftOutOfApp = (path: string, launcher: string): boolean =>
  path === APP_MANIFEST_PATH || path === launcher || path === 'Contents/CodeResources' || path.startsWith('Contents/_CodeSignature/');
