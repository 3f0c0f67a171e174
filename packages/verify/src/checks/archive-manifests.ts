import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveOfManifest, parseArchiveManifest, renderArchiveManifest, type ArchiveManifest, type ReleaseDescription } from '@waybill/artifacts';
import { WaybillError, type FileDigests, type Finding, type TreeItem } from '@waybill/core';
import { archiveFault } from './archive-fault';
import { isArchiveName, LARGEST_MANIFEST_BYTES } from './check-archive';
import type { Expected } from './check-sums';

/** Manifests that lie beside archives, by the archive’s name. */
export type ArchiveManifests = ReadonlyMap<string, { name: string; manifest: ArchiveManifest }>;

export interface ManifestSource {
  root: string;
  items: readonly TreeItem[];
  expected: Expected;
  releases: readonly ReleaseDescription[];
}

/**
 * Files by their names, `<archive>.manifest.json`, that the sums name; where a `release.json` tells of one, only when it does not call it another thing. One that cannot be
 * read, or is of another archive than its name says, is a finding and compared with nothing.
 */
export async function readArchiveManifests({
  root,
  items,
  expected,
  releases,
}: ManifestSource): Promise<{ manifests: ArchiveManifests; findings: readonly Finding[] }> {
  const manifests = new Map<string, { name: string; manifest: ArchiveManifest }>();
  const findings: Finding[] = [];
  const kinds = new Map(releases.flatMap(({ artifacts }) => artifacts.map(({ name, kind }) => [name, kind] as const)));
  for (const { path: name, kind, size } of items) {
    const archive = archiveOfManifest(name);
    if (archive === undefined || kind !== 'file' || !expected.has(name)) continue;
    const isOurs = kinds.has(name) ? kinds.get(name) === 'delivery' : isArchiveName(archive);
    if (!isOurs) continue;
    const read = size > LARGEST_MANIFEST_BYTES ? 'it is too large for a manifest' : parseText(name, await readFile(join(root, name), 'utf8'));
    if (typeof read === 'string') findings.push(archiveFault(name, read));
    else if (read.archive !== archive) findings.push(archiveFault(name, 'it is the manifest of another archive', archive, read.archive));
    else if (!expected.has(archive)) findings.push(archiveFault(name, `it is the manifest of \`${archive}\`, which no sums file names`));
    else manifests.set(archive, { name, manifest: read });
  }
  return { manifests, findings };
}

/** The manifest, or what is wrong with it. */
function parseText(path: string, text: string): ArchiveManifest | string {
  try {
    const manifest = parseArchiveManifest(text, { path });
    return renderArchiveManifest(manifest) === text ? manifest : 'it is not in its one canonical form';
  } catch (error) {
    if (!(error instanceof WaybillError)) throw error;
    return `${error.code} ${[error.message, ...error.details].join('; ')}`;
  }
}

/** Manifests of other bytes than those of the archives that are here. */
export const foreignManifestFindings = (manifests: ArchiveManifests, digests: ReadonlyMap<string, FileDigests>): readonly Finding[] =>
  [...manifests].flatMap(([archive, { name, manifest }]) => {
    const actual = digests.get(archive);
    if (!actual || (actual.digests.sha256 === manifest.sha256 && actual.size === manifest.size)) return [];
    const told = `${manifest.size} bytes, sha256 ${manifest.sha256}`;
    return [
      archiveFault(
        name,
        `it is the manifest of another \`${archive}\` than the one that is here`,
        told,
        `${actual.size} bytes, sha256 ${actual.digests.sha256}`,
      ),
    ];
  });
