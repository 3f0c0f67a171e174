import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RECORD_FILE, distFolder, parseRecord, type Artifact } from '@waybill/artifacts';
import { mapConcurrently, type WaybillError } from '@waybill/core';
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
    readOne(target, request).catch((cause: unknown): End => ({ cause })),
  );
  const missing = ends.flatMap((end) => ('missing' in end ? end.missing : []));
  // the first in the order of targets, not the first that was read: what it needs is made before what needs it
  const records = ends.flatMap((end) => {
    if ('cause' in end) throw end.cause;
    if ('missing' in end) throw recordsMissing(request.by, missing);
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

const pathOf = ({ projectRoot, target }: UpstreamTarget): string => `${distFolder(projectRoot, target)}/${RECORD_FILE}`;

/** What reading one record came to; a target of another tool may have none. */
type End = { record?: UpstreamRecord } | { missing: UpstreamTarget } | { cause: unknown };

/** All of them, so that who brings together what several machines made is told of each. */
function recordsMissing(by: TargetId, [first, ...others]: readonly UpstreamTarget[]): WaybillError {
  return pluginKitErrors.error('RECORD_MISSING', { path: pathOf(first!), run: idText(first!), by: idText(by), others: others.map(idText) });
}

async function readOne(target: UpstreamTarget, request: ReadUpstreamRequest): Promise<End> {
  const run = idText(target);
  const path = pathOf(target);
  const folder = join(request.workspaceRoot, distFolder(target.projectRoot, target.target));
  const planned = request.plannedFolder && (await readPlannedRecord(request.plannedFolder, target));
  if (planned) return { record: { project: target.project, target: target.target, folder, record: planned, planned: true, madeHere: true } };
  const text = await readFile(join(request.workspaceRoot, path), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw cause;
  });
  if (text === undefined) return target.ours ? { missing: target } : {};
  // A file of that name in another tool's folder is none of ours.
  if (!target.ours && !text.includes('"waybill/artifacts/')) return {};
  const record = parseRecord(text, { path, run });
  if (idText(record) !== run) throw pluginKitErrors.error('RECORD_OWNER', { path, run, actual: idText(record) });
  const madeHere = await wasMadeHere(request.workspaceRoot, text);
  return { record: { project: target.project, target: target.target, folder, record, planned: false, madeHere } };
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
