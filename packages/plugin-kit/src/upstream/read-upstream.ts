import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RECORD_FILE, distFolder, parseRecord, type Artifact } from '@waybill/artifacts';
import { mapConcurrently } from '@waybill/core';
import { pluginKitErrors } from '../errors/plugin-kit-errors';
import { idText, type TargetId } from '../graph/expand-depends-on';
import type { Upstream, UpstreamTarget } from '../graph/resolve-upstream';
import type { UpstreamArtifact, UpstreamRecord } from '../stage-definition';
import { PLANNED_SHA256, readPlannedRecord } from './planned-records';
import { wasMadeHere } from './made-here';
import { verifyArtifacts } from './verify-artifact';

const READERS = 2;

export interface ReadUpstreamRequest {
  workspaceRoot: string;
  upstream: Upstream;
  /** The target that asks. */
  by: TargetId;
  /** Folder of the run's planned records; set in a dry run only. */
  plannedFolder?: string | undefined;
}

/**
 * The records of the targets before one, and their artifacts as they stand now: an artifact is superseded by one of the same name in a
 * later record; what is left is there and has the digest that was recorded. Fails with `RECORD_…`, naming the target to run.
 */
export async function readUpstream(
  request: ReadUpstreamRequest,
): Promise<{ records: readonly UpstreamRecord[]; artifacts: readonly UpstreamArtifact[] }> {
  const ends = await mapConcurrently(request.upstream.targets, READERS, (target) =>
    readOne(target, request).then(
      (record) => ({ record }),
      (cause: unknown) => ({ cause }),
    ),
  );
  // the first in the order of targets, not the first that was read: what it needs is made before what needs it
  const records = ends.flatMap((end) => {
    if ('cause' in end) throw end.cause;
    return end.record ?? [];
  });
  const artifacts = supersede(records.flatMap(artifactsOf), request.upstream);
  const made = artifacts.filter(({ sha256 }) => sha256 !== PLANNED_SHA256 || !request.plannedFolder);
  const subjects = made.map((artifact) => {
    const { folder } = records.find(({ record }) => record === artifact.record)!;
    return { artifact, folder, pathInWorkspace: relativeTo(request.workspaceRoot, artifact.file) };
  });
  await verifyArtifacts(subjects);
  return { records, artifacts };
}

const relativeTo = (root: string, path: string): string => path.slice(root.length).replaceAll('\\', '/').replace(/^\/+/, '');

async function readOne(target: UpstreamTarget, request: ReadUpstreamRequest): Promise<UpstreamRecord | undefined> {
  const run = idText(target);
  const path = `${distFolder(target.projectRoot, target.target)}/${RECORD_FILE}`;
  const folder = join(request.workspaceRoot, distFolder(target.projectRoot, target.target));
  const planned = request.plannedFolder && (await readPlannedRecord(request.plannedFolder, target));
  if (planned) return { project: target.project, target: target.target, folder, record: planned, planned: true, madeHere: true };
  const text = await readFile(join(request.workspaceRoot, path), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw cause;
  });
  if (text === undefined) {
    if (!target.ours) return undefined;
    throw pluginKitErrors.error('RECORD_MISSING', { path, run, by: idText(request.by) });
  }
  // A file of that name in another tool's folder is none of ours.
  if (!target.ours && !text.includes('"waybill/artifacts/')) return undefined;
  const record = parseRecord(text, { path, run });
  if (idText(record) !== run) throw pluginKitErrors.error('RECORD_OWNER', { path, run, actual: idText(record) });
  return { project: target.project, target: target.target, folder, record, planned: false, madeHere: await wasMadeHere(request.workspaceRoot, text) };
}

function artifactsOf({ project, target, folder, record }: UpstreamRecord): readonly UpstreamArtifact[] {
  return record.artifacts.map((artifact: Artifact) => ({
    ...artifact,
    file: join(folder, artifact.path),
    project,
    target,
    stage: record.stage,
    record,
  }));
}

/** The last of each name. Two targets that know nothing of each other may record the same bytes, but not different ones. */
function supersede(artifacts: readonly UpstreamArtifact[], { isLater }: Upstream): readonly UpstreamArtifact[] {
  const current = new Map<string, UpstreamArtifact>();
  for (const artifact of artifacts) {
    const before = current.get(artifact.name);
    if (before && !isLater(artifact, before)) {
      if (isLater(before, artifact) || before.sha256 === artifact.sha256) continue;
      throw pluginKitErrors.error('RECORD_CONFLICT', { name: artifact.name, one: idText(before), other: idText(artifact) });
    }
    current.set(artifact.name, artifact);
  }
  return [...current.values()];
}
