import { lstat, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RECORD_FILE, REPORT_FILE, checkPortable, distFolder, makeRecord, renderRecord, type ArtifactRecord } from '@waybill/artifacts';
import { withFileLock, withStagedFolder, writeFileAtomic } from '@waybill/core';
import type { z } from 'zod';
import { pluginKitErrors } from '../errors/plugin-kit-errors';
import type { StageDefinition, StagePlan, StageResult } from '../stage-definition';
import { noteMadeHere } from '../upstream/made-here';
import { writePlannedRecord } from '../upstream/planned-records';
import type { Prepared, StageRun } from './prepare-stage';
import { keepOverview, overviewOf, wholePlan } from './whole-plan';

/** What the lines of a run need to know of its end. */
export interface Ending {
  plan: readonly string[];
  /** Absent in a dry run. */
  result?: StageResult;
  skipReason?: string;
  /** Of a dry run: what all targets up to this one come to, when it is the last. */
  wholePlan?: readonly string[];
}

/** Text of report.json for a result, given when everything else is known. */
export type ReportText = (ending: Ending & { result: StageResult }) => string;

/** Staging folders of this run that are not yet in their place, for whoever has to end it early. */
export type Staged = Set<string>;

/** gather → plan → (print it | apply it and put the result in its place, all at once). */
export async function carryOut<Schema extends z.ZodType, Facts, Plan extends StagePlan>(
  run: StageRun,
  definition: StageDefinition<Schema, Facts, Plan>,
  prepared: Prepared<z.output<Schema>>,
  reportText: ReportText,
  staged: Staged,
): Promise<Ending> {
  const { context, plannedFolder } = prepared;
  const facts = await run.progress.step('gather', () => definition.gather(context));
  const plan = definition.plan(context, facts);
  const ending: Ending = { plan: plan.lines, ...(plan.skip !== undefined && { skipReason: plan.skip }) };
  if (plannedFolder !== undefined) {
    await writePlannedRecord(plannedFolder, headOf(run, prepared), plan.artifacts);
    await keepOverview(plannedFolder, overviewOf(run, prepared, plan));
    return { ...ending, wholePlan: await wholePlan(run, plannedFolder) };
  }
  const folder = join(run.nx.root, distFolder(run.projectRoot, run.id.target));
  await mkdir(dirname(folder), { recursive: true });
  return withFileLock(`${dirname(folder)}/.${run.id.target}.lock`, lockOptions(run, context.timeoutMs), async () => {
    const done = await withStagedFolder(folder, async (stage) => {
      staged.add(stage);
      const result = await definition.apply(context, plan, stage);
      const end = { ...ending, result };
      if (result.outcome === 'failure' && definition.keepsPrevious) throw new KeptFolder(end);
      await finishFolder(run, prepared, stage, result);
      await writeFileAtomic(join(stage, REPORT_FILE), reportText(end));
      staged.delete(stage);
      return end;
    }).catch(keptOf);
    if (!(done instanceof KeptFolder)) return done;
    await writeFileAtomic(join(folder, REPORT_FILE), reportText(done.end));
    return done.end;
  });
}

/** Ends a staged folder that is not to take the place of the one before. */
class KeptFolder extends Error {
  constructor(readonly end: Ending & { result: StageResult }) {
    super('the folder of the run before is kept');
  }
}

function keptOf(cause: unknown): KeptFolder {
  if (cause instanceof KeptFolder) return cause;
  throw cause;
}

function lockOptions(run: StageRun, timeoutMs: number): { timeoutMs: number; onWait: () => void } {
  return { timeoutMs, onWait: () => run.progress.line(`waiting: another run of ${run.id.project}:${run.id.target} is busy`) };
}

function headOf(run: StageRun, { context }: Prepared<unknown>): Omit<ArtifactRecord, 'schema' | 'artifacts' | 'facts'> {
  const { project, target } = run.id;
  return { project, target, stage: run.row.stage, version: context.version, sourceDateEpoch: context.sourceDateEpoch };
}

/** With a good end the record stands beside its artifacts; without one no artifact stays, so that nothing can take it for a good one. */
async function finishFolder(run: StageRun, prepared: Prepared<unknown>, stage: string, result: StageResult): Promise<void> {
  if (result.outcome === 'failure' || result.outcome === 'pending') {
    for (const { path } of result.artifacts) await rm(join(stage, path), { recursive: true, force: true });
    return;
  }
  const record = makeRecord({ ...headOf(run, prepared), artifacts: result.artifacts, facts: result.facts });
  checkPortable(record as unknown as Parameters<typeof checkPortable>[0], [run.nx.root, stage, run.host.homeFolder]);
  for (const artifact of record.artifacts) await checkWritten(run, stage, artifact);
  const text = renderRecord(record);
  await writeFileAtomic(join(stage, RECORD_FILE), text);
  await noteMadeHere(run.nx.root, text);
}

async function checkWritten(run: StageRun, stage: string, { path, size }: ArtifactRecord['artifacts'][number]): Promise<void> {
  const stats = await lstat(join(stage, path)).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw cause;
  });
  const reason = !stats
    ? `\`${path}\` is not there`
    : stats.isFile() && stats.size !== size
      ? `\`${path}\` has ${stats.size} bytes, the record says ${size}`
      : !stats.isFile() && !stats.isDirectory()
        ? `\`${path}\` is a link or special file`
        : undefined;
  if (reason) throw pluginKitErrors.error('RECORD_RESULT', { target: `${run.id.project}:${run.id.target}`, reason });
}
