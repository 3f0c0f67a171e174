import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeRecord, parseRecord, type ArtifactRecord } from '@waybill/artifacts';
import { writeFileAtomic } from '@waybill/core';
import type { TargetId } from '../graph/expand-depends-on';
import type { PlannedArtifact } from '../stage-definition';

/** Stands in a planned record where a real one has a digest: nothing has been made yet. */
export const PLANNED_SHA256 = '0'.repeat(64);

const fileOf = (folder: string, { project, target }: TargetId): string =>
  join(folder, `${encodeURIComponent(project)}:${encodeURIComponent(target)}.json`.replaceAll(':', '@'));

/** What a dry target would have recorded, for the dry targets behind it. Lives in the run's temporary folder and dies with the run. */
export async function writePlannedRecord(
  folder: string,
  head: Pick<ArtifactRecord, 'project' | 'target' | 'stage' | 'version' | 'sourceDateEpoch'>,
  artifacts: readonly PlannedArtifact[],
): Promise<void> {
  const planned = artifacts.map((artifact) => ({ ...artifact, size: 0, sha256: PLANNED_SHA256, madeFrom: [] }));
  const record = makeRecord({ ...head, artifacts: planned, facts: {} });
  await writeFileAtomic(fileOf(folder, record), JSON.stringify(record));
}

/** `undefined` when the target was not part of this dry run. */
export async function readPlannedRecord(folder: string, id: TargetId): Promise<ArtifactRecord | undefined> {
  const path = fileOf(folder, id);
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw cause;
  });
  return text === undefined ? undefined : parseRecord(text, { path, run: `${id.project}:${id.target}` });
}
