import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { REPORT_FILE, distFolder, stageRow } from '@waybill/artifacts';
import { createRedactor, findingLines, writeFileAtomic, type Secret, type WaybillError } from '@waybill/core';
import type { z } from 'zod';
import { pluginKitErrors } from '../errors/plugin-kit-errors';
import { asksForDryRun } from '../dry-run/dry-run';
import { askedOfDependants } from '../graph/asked-of-dependants';
import type { TargetId } from '../graph/expand-depends-on';
import type { NxContext } from '../nx-context';
import type { CommonOptions } from '../options/common-options';
import { parseOptions } from '../options/parse-options';
import type { StageDefinition, StagePlan } from '../stage-definition';
import { carryOut, type Ending, type Staged } from './carry-out';
import { asWaybillError, errorLines } from './describe-error';
import { findSecrets } from './find-secrets';
import { prepareStage, targetsOf, type Prepared, type StageRun } from './prepare-stage';
import { createProgress, type RecordedProgress } from './progress';
import { errorReport, renderReport, resultReport, type ReportSoFar } from './report';
import { endLines, planLines } from './result-lines';
import type { StageHost } from './stage-host';

/** A target's run from Nx's call to its answer. Failures are printed, with code and fix, and answered `success: false`. */
export async function runStage<Schema extends z.ZodType, Facts, Plan extends StagePlan>(
  definition: StageDefinition<Schema, Facts, Plan>,
  rawOptions: unknown,
  nx: NxContext,
  host: StageHost,
): Promise<{ success: boolean }> {
  const { redact, conceal } = growingRedactor(findSecrets(host.variables));
  const write = (line: string): void => host.write(redact(line));
  const progress = createProgress(write, host.nowMs);
  const [startMs, staged]: [number, Staged] = [host.nowMs(), new Set()];
  const stopListening = host.onEnd((signal) => endEarly(signal, staged, host));
  const id: TargetId = { project: nx.projectName ?? '', target: nx.targetName ?? '' };
  const about: { version?: string; tools?: ReportSoFar['tools']; plan?: readonly string[] } = {};
  const soFar = (): ReportSoFar => ({
    ...id,
    stage: definition.stage,
    ...about,
    ...recordedBy(progress),
    seconds: Math.round(host.nowMs() - startMs) / 1_000,
  });
  let dry = asksForDryRun(host.variables);
  try {
    const ports = { nx, host, progress, processes: host.createProcesses(redact), staged, conceal };
    const run: StageRun = { id, ...placeOf(nx), row: stageRow(definition.stage), ...ports };
    const options = parseOptions(definition.options, givenTo(definition, rawOptions, nx), `${id.project}:${id.target}`);
    dry ||= (options as CommonOptions).dryRun;
    const declared = definition.secrets?.(options, targetsOf(nx, id.project)) ?? [];
    conceal(...valuesOf(declared, host.variables));
    definition.checkOptions?.(options, host.variables);
    return await withTimeout(run, (options as CommonOptions).timeoutMs, async () => {
      const prepared = await prepareStage(run, definition, options);
      about.version = prepared.context.version;
      about.tools = Object.values(prepared.context.resolvedTools).map(({ id: tool, version, source }) => ({ id: tool, version, source }));
      const reportText = (ending: Required<Pick<Ending, 'result'>> & Ending): string =>
        renderReport(resultReport({ ...soFar(), plan: ending.plan }, ending.result, ending.skipReason), redact);
      const ending = await carryOut(run, definition, prepared, reportText, staged);
      return finish(run, prepared, ending, write);
    });
  } catch (cause) {
    removeStaged(staged);
    const error = asWaybillError(cause, `${id.project}:${id.target}`);
    [...findingLines(progress.findings), ...errorLines(error, host.variables['NX_VERBOSE_LOGGING'] === 'true')].forEach(write);
    if (!dry) await keepReport(nx, error, soFar(), redact, write);
    return { success: false };
  } finally {
    stopListening();
  }
}

const givenTo = ({ inherit }: Pick<StageDefinition<z.ZodType, unknown, StagePlan>, 'inherit'>, options: unknown, nx: NxContext): unknown =>
  inherit === undefined ? options : inherit(options, targetsOf(nx, nx.projectName ?? ''), askedOfDependants(nx));

/** Leaves out secrets, of which more may become known. */
function growingRedactor(known: readonly string[]): { redact(text: string): string; conceal(...more: readonly (string | Secret)[]): void } {
  const secrets: (string | Secret)[] = [...known];
  let redactor = createRedactor(secrets);
  return {
    redact: (text) => redactor(text),
    conceal: (...more) => {
      secrets.push(...more);
      redactor = createRedactor(secrets);
    },
  };
}

const recordedBy = ({ warnings, steps, findings }: RecordedProgress): Pick<ReportSoFar, 'warnings' | 'steps' | 'findings'> => ({
  warnings,
  steps,
  findings,
});

const valuesOf = (names: readonly string[], variables: StageHost['variables']): readonly string[] =>
  names.map((name) => variables[name] ?? '').filter((value) => value !== '');

function placeOf(nx: NxContext): { projectRoot: string } {
  const node = nx.projectName === undefined ? undefined : nx.projectGraph?.nodes[nx.projectName];
  if (!node) throw pluginKitErrors.error('GRAPH_CONTEXT', { missing: nx.projectName === undefined ? 'projectName' : 'projectGraph' });
  if (nx.targetName === undefined || !node.data.targets?.[nx.targetName]) throw pluginKitErrors.error('GRAPH_CONTEXT', { missing: 'targetName' });
  return { projectRoot: node.data.root };
}

function finish(run: StageRun, prepared: Prepared<unknown>, ending: Ending, write: (line: string) => void): { success: boolean } {
  if (!ending.result) {
    planLines(run, prepared, ending).forEach(write);
    return { success: true };
  }
  endLines(run, ending.result, ending.skipReason).forEach(write);
  const { outcome } = ending.result;
  return { success: outcome === 'success' || (outcome === 'skipped' && ending.skipReason !== undefined) };
}

/** Work that goes on behind an expired timeout finds its staging folder gone; Nx ends the process and its children. */
async function withTimeout<T>(run: StageRun, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const target = `${run.id.project}:${run.id.target}`;
      reject(pluginKitErrors.error('PROCESS_TIMEOUT_STAGE', { target, timeoutMs, step: run.progress.current() ?? 'its preparation' }));
    }, timeoutMs);
  });
  return Promise.race([work(), expired]).finally(() => clearTimeout(timer));
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** Leaves the previous result, and nothing half made. Child processes end with this one. */
function endEarly(signal: NodeJS.Signals, staged: Staged, host: StageHost): void {
  try {
    removeStaged(staged);
    host.write(`stopped by ${signal}; the previous result is as it was`);
  } finally {
    // a child that still writes may keep a folder from being removed; that must not keep this process
    host.exit(128 + (SIGNAL_NUMBERS[signal] ?? 15));
  }
}

function removeStaged(staged: Staged): void {
  for (const folder of staged) rmSync(folder, { recursive: true, force: true, maxRetries: 2 });
}

/** The previous artifacts and their record stay; report.json tells of this run. That it cannot be written must not hide why. */
async function keepReport(
  nx: NxContext,
  error: WaybillError,
  soFar: ReportSoFar,
  redact: (text: string) => string,
  write: (line: string) => void,
): Promise<void> {
  const node = nx.projectGraph?.nodes[soFar.project];
  if (!node || soFar.target === '') return;
  const pathInWorkspace = `${distFolder(node.data.root, soFar.target)}/${REPORT_FILE}`;
  try {
    const path = join(nx.root, pathInWorkspace);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFileAtomic(path, renderReport(errorReport(soFar, error), redact));
    write(`report: ${pathInWorkspace}`);
  } catch (cause) {
    write(`warning: \`${pathInWorkspace}\` could not be written: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}
