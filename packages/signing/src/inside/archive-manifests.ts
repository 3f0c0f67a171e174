import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ARCHIVE_MANIFEST_SCHEMA,
  archiveManifestName,
  describeEntry,
  isAppList,
  renderArchiveManifest,
  type ArchiveManifestEntry,
  type Artifact,
} from '@waybill/artifacts';
import { hashBytes, readArchiveEntries, WaybillError } from '@waybill/core';
import type { PlannedArtifact, Progress, StageContext, UpstreamArtifact } from '@waybill/plugin-kit';
import { storedPath } from './repack-archive';

type Upstream = Pick<StageContext<unknown>, 'upstream' | 'upstreamRecords'>;

/**
 * Names of the archives that ship and hold an `.app`: whoever changes them writes their manifest (again). Of one that is only planned, the manifest that is planned
 * with it tells.
 */
export async function findArchivesWithApp({ upstream, upstreamRecords }: Upstream): Promise<ReadonlySet<string>> {
  const planned = new Set(upstreamRecords.filter((one) => one.planned).map(({ record }) => record));
  const found = new Set<string>();
  for (const { name, kind, ships, file, record } of upstream) {
    if (kind !== 'bundle-archive' || !ships) continue;
    const holds = planned.has(record) ? upstream.some((other) => other.name === archiveManifestName(name)) : await holdsApp(file);
    if (holds) found.add(name);
  }
  return found;
}

/** An archive that cannot be read holds none here: whoever opens it to work with it tells what is wrong. */
async function holdsApp(archive: string): Promise<boolean> {
  try {
    for await (const entry of readArchiveEntries(archive)) if (entry.kind === 'file' && isAppList(storedPath(entry))) return true;
  } catch (cause) {
    if (!(cause instanceof WaybillError)) throw cause;
  }
  return false;
}

/** What lies beside an archive. */
export const plannedManifest = ({ name, platform }: Pick<UpstreamArtifact, 'name' | 'platform'>): PlannedArtifact => ({
  name: archiveManifestName(name),
  path: archiveManifestName(name),
  kind: 'delivery',
  ...(platform !== undefined && { platform }),
  ships: true,
});

/** For people. */
export const manifestLine = ({ name }: Pick<UpstreamArtifact, 'name'>): string =>
  `write \`${archiveManifestName(name)}\`, which lists every entry of \`${name}\``;

export interface ManifestsToWrite {
  /** What the stage made, in `outputDir`. */
  made: readonly Artifact[];
  /** Artifacts before the stage beside whose successors a manifest is to lie. */
  listed: readonly UpstreamArtifact[];
  outputDir: string;
  progress: Progress;
}

/** Lists every entry of each archive, as it ships, in a file beside it. Gives the manifests. */
export async function writeArchiveManifests({ made, listed, outputDir, progress }: ManifestsToWrite): Promise<readonly Artifact[]> {
  const manifests: Artifact[] = [];
  for (const archive of made.filter(({ name }) => listed.some((of) => of.name === name)))
    manifests.push(await progress.step(`list ${archive.name}`, () => writeManifest(archive, outputDir)));
  return manifests;
}

async function writeManifest(archive: Artifact, outputDir: string): Promise<Artifact> {
  const entries: ArchiveManifestEntry[] = [];
  for await (const entry of readArchiveEntries(join(outputDir, archive.path))) {
    const path = storedPath(entry);
    if (path !== '') entries.push(await describeEntry(path, entry));
  }
  const { name, size, sha256 } = archive;
  const text = renderArchiveManifest({ schema: ARCHIVE_MANIFEST_SCHEMA, archive: name, size, sha256, entries });
  const planned = plannedManifest(archive);
  await writeFile(join(outputDir, planned.path), text, { mode: 0o644 });
  return { ...planned, size: Buffer.byteLength(text), sha256: hashBytes(text), madeFrom: [`sha256:${sha256}`] };
}
