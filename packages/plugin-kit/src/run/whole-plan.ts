import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@waybill/core';
import type { TargetId } from '../graph/expand-depends-on';
import { isWaitedFor, targetsUpTo } from '../graph/tasks-of-run';
import type { StagePlan } from '../stage-definition';
import type { Prepared, StageRun } from './prepare-stage';

/** What a dry target comes to, in a few lines. */
interface TargetOverview extends TargetId {
  lines: readonly string[];
}

/** What would be made, with what, and from where to where; without how. */
export function overviewOf({ id, row }: StageRun, { context, foreign }: Prepared<unknown>, plan: StagePlan): TargetOverview {
  const { artifacts, overview = [], skip } = plan;
  const tools = Object.values(context.resolvedTools).map(({ id: tool, version, source }) => `${tool} ${version} (${source})`);
  const lines = [
    ...(skip === undefined ? [] : [`skipped: ${skip}`]),
    ...(artifacts.length === 0 ? [] : [`makes ${artifacts.map(({ name }) => name).join(', ')}`]),
    ...overview,
    ...(tools.length === 0 ? [] : [`with ${tools.join(', ')}`]),
    ...foreign.map(({ project, target }) => `behind ${project}:${target}, which ran for real`),
  ];
  return { ...id, lines: lines.length > 0 ? lines : [`${row.stage}, makes no file`] };
}

const fileOf = (folder: string, { project, target }: TargetId): string =>
  join(folder, `${encodeURIComponent(project)}@${encodeURIComponent(target)}.overview`);

/** For the last target of the run; lives in the run's temporary folder. */
export const keepOverview = (folder: string, overview: TargetOverview): Promise<void> =>
  writeFileAtomic(fileOf(folder, overview), JSON.stringify(overview));

async function readOverview(folder: string, id: TargetId): Promise<TargetOverview | undefined> {
  try {
    return JSON.parse(await readFile(fileOf(folder, id), 'utf8')) as TargetOverview;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The plan of the whole run, of a target that no other of Waybill's waits for: what each target before it comes to, in order, and it itself. Nothing where
 * it was the only one.
 */
export async function wholePlan({ nx }: StageRun, folder: string): Promise<readonly string[]> {
  if (isWaitedFor(nx)) return [];
  const found = (await Promise.all(targetsUpTo(nx).map((id) => readOverview(folder, id)))).filter((one) => one !== undefined);
  if (found.length < 2) return [];
  const nameOf = ({ project, target }: TargetId): string => `${project}:${target}`;
  const width = Math.max(...found.map((one) => nameOf(one).length));
  const rows = found.flatMap((one) => one.lines.map((line, index) => `  ${(index === 0 ? nameOf(one) : '').padEnd(width)}  ${line}`));
  return [`the whole plan, of ${found.length} targets: nothing is changed`, ...rows];
}
