import {
  APP_MANIFEST_PATH,
  MANIFEST_PATH,
  archiveManifestName,
  compareEntries,
  entryText,
  isLeftOutOfApp,
  parseManifest,
  type ArchiveManifest,
  type ArchiveManifestEntry,
  type EntryDifference,
  type TreeManifest,
} from '@waybill/artifacts';
import type { Finding } from '@waybill/core';
import { archiveFault } from './archive-fault';

/** What an archive holds. */
export interface ArchiveContent {
  /** All entries but those of which the names are refused. */
  entries: readonly ArchiveManifestEntry[];
  /** Texts of the manifests in it, by path in the archive. */
  texts: ReadonlyMap<string, string>;
}

export interface ComparedManifests {
  findings: readonly Finding[];
  /** Of the bundle as a whole. */
  manifest?: TreeManifest;
  /** Which manifests there are, in words. */
  told: readonly string[];
}

const MOST_FINDINGS = 20;
/** Behind the one top folder. */
const BUNDLE_MANIFEST = new RegExp(`^[^/]+/${MANIFEST_PATH.replaceAll('.', '\\.')}$`);
const APP_MANIFEST = new RegExp(`^(?:(.+)/)?${APP_MANIFEST_PATH.replaceAll('.', '\\.')}$`);

/** Is it the manifest of a bundle, or of an `.app` in one, by its path in the archive? */
export const isManifestPath = (path: string): boolean => BUNDLE_MANIFEST.test(path) || APP_MANIFEST.test(path);

/** An archive against the manifests in it and the one beside it. Throws `RECORD_…` for one in it that cannot be read. */
export function compareManifests(archive: string, content: ArchiveContent, beside?: ArchiveManifest): ComparedManifests {
  const read = [...content.texts].map(([path, text]) => ({ path, manifest: parseManifest(text, { path: `${archive}/${path}` }) }));
  const whole = read.find(({ path }) => BUNDLE_MANIFEST.test(path));
  const apps = read.flatMap(({ path, manifest }) => {
    const app = APP_MANIFEST.exec(path);
    return app ? [{ app: app[1] ?? '', manifest }] : [];
  });
  return {
    findings: [
      ...(whole ? compareBundle(archive, whole, content) : []),
      ...apps.flatMap(({ app, manifest }) => compareApp(archive, app, manifest, content)),
      ...(beside ? compareBeside(archive, beside, content) : []),
    ],
    ...(whole && { manifest: whole.manifest }),
    told: [
      ...(whole ? [`manifest of ${whole.manifest.entries.length} files`] : []),
      ...apps.map(({ app, manifest }) => `manifest of ${manifest.entries.length} files in \`${app}\``),
      ...(beside ? [`${beside.entries.length} entries of \`${archiveManifestName(archive)}\``] : []),
    ],
  };
}

/** All entries lie in one top folder, which the manifest does not name. Folders count through what they hold. */
function compareBundle(
  archive: string,
  { path: own, manifest }: { path: string; manifest: TreeManifest },
  { entries }: ArchiveContent,
): readonly Finding[] {
  const there = entries.filter(({ type, path }) => type !== 'directory' && path !== own);
  const tops = new Set(there.map(({ path }) => path.slice(0, Math.max(0, path.indexOf('/')))));
  const inside = there.map((entry) => ({ ...entry, path: entry.path.slice(entry.path.indexOf('/') + 1) }));
  return [
    ...(tops.size > 1 ? [archiveFault(archive, `it has ${tops.size} top folders`, 'one', [...tops].join(', '))] : []),
    ...findingsOf(archive, 'its manifest', compareEntries(manifest.entries, inside)),
  ].slice(0, MOST_FINDINGS);
}

/** What is written when all else is sealed is in no manifest that the seal covers. */
function compareApp(archive: string, app: string, { entries: listed, layout }: TreeManifest, { entries }: ArchiveContent): readonly Finding[] {
  const prefix = app === '' ? '' : `${app}/`;
  const there = entries
    .filter(({ type, path }) => type !== 'directory' && path.startsWith(prefix))
    .map((entry) => ({ ...entry, path: entry.path.slice(prefix.length) }));
  const differences = compareEntries(listed, there).filter(({ path, expected }) => expected !== undefined || !isLeftOutOfApp(path, layout.launcher));
  return findingsOf(
    archive,
    `the manifest of \`${app}\``,
    differences.map((difference) => ({ ...difference, path: prefix + difference.path })),
  ).slice(0, MOST_FINDINGS);
}

const compareBeside = (archive: string, { entries: listed }: ArchiveManifest, { entries }: ArchiveContent): readonly Finding[] =>
  findingsOf(archive, `\`${archiveManifestName(archive)}\``, compareEntries(listed, entries)).slice(0, MOST_FINDINGS);

function findingsOf(archive: string, manifest: string, differences: readonly EntryDifference[]): readonly Finding[] {
  return differences.map(({ path, expected, actual }) => {
    if (!actual) return archiveFault(archive, `\`${path}\` is missing from it, ${manifest} says`);
    if (!expected) return archiveFault(archive, `\`${path}\` is in it, but not in ${manifest}`);
    return archiveFault(archive, `\`${path}\` in it is not what ${manifest} says`, entryText(expected), entryText(actual));
  });
}
