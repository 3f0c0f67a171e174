import { copyFile } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import type { Artifact } from '@waybill/artifacts';
import { hashFile, UV } from '@waybill/core';
import type { StageContext, StageResult } from '@waybill/plugin-kit';
import { makeDistributions, type MakeRequest } from '../../building/make-distributions';
import type { BuildRun } from '../../building/run-frontend';
import { buildEnvironment } from '../../environment/build-environment';
import { pythonErrors } from '../../errors/python-errors';
import { generatedFiles } from '../../project/generated-files';
import { installRequirements, offerLocalWheels } from '../../requirements/install-requirements';
import { withWorkplace } from '../../workplace/open-workplace';
import { anyChange, changesBetween, watchTree } from '../../workplace/watch-tree';
import type { Workplace } from '../../workplace/workplace-path';
import type { InstallTestResult } from '../../installing/install-test';
import { finishSdist, finishWheel, type FinishRequest } from './finish-results';
import { judgeResults, tryWheel, type ReadResults } from './judge-results';
import type { BuildWheelOptions } from './options';
import { handedVersion, type BuildPlan } from './plan';
import { recordFacts } from './record-facts';

type Context = StageContext<BuildWheelOptions>;

/** Of the target's time, what ending processes and telling why may take. */
const RESERVE_MS = 5_000;

/** Carries the plan out in the project's workplace; what is delivered goes to `outputDir`. */
export async function applyBuild(context: Context, plan: BuildPlan, outputDir: string): Promise<StageResult> {
  const { progress, timeoutMs } = context;
  const onWait = (holder: string): void => progress.line(`waiting: another build of this project is busy (${holder})`);
  return withWorkplace({ path: plan.workplace, timeoutMs, onWait }, async (places) => {
    const run = buildRun(context, plan, places);
    const results = await buildResults(context, plan, run);
    const tried = await tryResults(context, plan, run, results);
    const findings = [...judgeResults(context, plan, results), ...(tried?.findings ?? [])];
    const failed = findings.some(({ level }) => level === 'error');
    const artifacts = failed ? [] : await deliver(context, plan, results, outputDir);
    return {
      outcome: failed ? 'failure' : 'success',
      artifacts,
      facts: recordFacts(context, plan, artifacts),
      findings,
      report: { ...(tried && { installed: { ...tried.tried } }) },
      summary: artifacts.map(({ name, size }) => `${name} (${size} bytes)`),
    };
  });
}

/** Makes sdist and wheels; what the sdist says is read while the wheel is made. The project itself must be as it was before. */
async function buildResults(context: Context, plan: BuildPlan, run: BuildRun): Promise<ReadResults> {
  const { progress, options, sourceDateEpoch, workspaceRoot, projectRoot } = context;
  const { facts } = plan;
  const { places } = run;
  const tree = join(workspaceRoot, projectRoot);
  const before = watchTree(tree);
  if (facts.lock) await progress.step('build requirements', () => prepare(run, context, plan));
  await offerLocalWheels(facts.lock ? [] : facts.localRequirements, places.wheels);
  const finish: FinishRequest = { places, repack: options.reproducible === 'enforce', mtimeSeconds: sourceDateEpoch };
  const sdists: ReturnType<typeof finishSdist>[] = [];
  const onSdist = (file: string): void => void sdists.push(later(finishSdist(file, finish)));
  const made = await makeDistributions(run, { ...makeRequest(context, plan), onSdist });
  const changes = changesBetween(before, watchTree(tree));
  if (anyChange(changes)) throw pythonErrors.error('WHEEL_TREE_CHANGED', changes);
  return progress.step('pack and read', async () => {
    const wheels: ReadResults['wheels'][number][] = [];
    for (const file of made.wheels) wheels.push(await finishWheel(file, finish));
    const sdist = await sdists[0];
    return { wheels, ...(sdist && { sdist }) };
  });
}

/** Awaited when the wheel is there; until then a failure is not one that nobody handles. */
function later<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

async function tryResults(context: Context, plan: BuildPlan, run: BuildRun, results: ReadResults): Promise<InstallTestResult | undefined> {
  if (!context.options.install.enabled || results.wheels.length === 0) return undefined;
  return context.progress.step('install test', () => tryWheel(context, plan, run, results));
}

export function buildRun(context: Context, plan: BuildPlan, places: Workplace): BuildRun {
  const { processes, toolEnvironment, timeoutMs, environment: variables, progress } = context;
  const { facts } = plan;
  const deadlineMs = facts.startedMs + timeoutMs - Math.min(RESERVE_MS, timeoutMs / 5);
  const environment = buildEnvironment({ base: toolEnvironment, places, version: handedVersion(context, facts), system: facts.system });
  return {
    processes,
    environment,
    umask: '022',
    network: facts.network,
    places,
    timeLeftMs: () => Math.max(100, Math.round(deadlineMs - performance.now())),
    system: facts.system,
    ...(variables['NX_VERBOSE_LOGGING'] === 'true' && { onOutput: (text) => progress.line(text) }),
  };
}

function prepare(run: BuildRun, { options, workspaceRoot }: Context, { facts, sdist, wheel }: BuildPlan): Promise<string> {
  const uv = [sdist, wheel].map((call) => call?.chosen.tool).find((tool) => tool?.id === UV.id);
  return installRequirements(run, {
    lock: facts.lock!,
    ...(options.wheelhouse !== undefined && { wheelhouse: join(workspaceRoot, options.wheelhouse) }),
    local: facts.localRequirements,
    python: facts.python.executable,
    uv,
  });
}

function makeRequest(context: Context, { facts, sdist, wheel }: BuildPlan): MakeRequest {
  const { workspaceRoot, version, sourceDateEpoch, processes, toolEnvironment, options, progress } = context;
  const { sources, project, upstreamSdist } = facts;
  return {
    workspaceRoot,
    base: sources.base,
    paths: sources.paths,
    backend: project.backend,
    version,
    epochSeconds: sourceDateEpoch,
    mtimeSeconds: sourceDateEpoch,
    ...(sources.readsGit && { git: { processes, workspaceRoot, environment: toolEnvironment } }),
    ...(sdist && { sdist }),
    ...(wheel && { wheel: { ...wheel, many: wheel.chosen.frontend.manyWheels === true } }),
    ...(upstreamSdist && { givenSdist: upstreamSdist.file }),
    generated: generatedFiles(project.manifest).map((path) => posix.join(sources.project, path)),
    fromSdist: options.fromSdist || upstreamSdist !== undefined,
    step: (name, work) => progress.step(name, work),
  };
}

/** Only what was asked for leaves the workplace. */
async function deliver(context: Context, { delivers, facts }: BuildPlan, { sdist, wheels }: ReadResults, outputDir: string): Promise<Artifact[]> {
  const source = sdist && (await hashFile(sdist.file));
  const from = [...(source && makesFromSdist(context, facts) ? [source.sha256] : []), ...facts.localRequirements.map(({ sha256 }) => sha256)];
  const madeFrom = from.map((digest) => `sha256:${digest}`).sort();
  const artifacts: Artifact[] = [];
  if (sdist && delivers.sdist) artifacts.push(await place(sdist.file, outputDir, { kind: 'sdist', madeFrom: [] }));
  for (const { file } of delivers.wheel ? wheels : []) {
    const isPure = file.endsWith('-any.whl');
    artifacts.push(await place(file, outputDir, { kind: 'wheel', madeFrom, ...(!isPure && { platform: facts.platform }) }));
  }
  return artifacts;
}

const makesFromSdist = ({ options }: Context, { upstreamSdist }: BuildPlan['facts']): boolean => options.fromSdist || upstreamSdist !== undefined;

async function place(file: string, outputDir: string, about: Pick<Artifact, 'kind' | 'madeFrom' | 'platform'>): Promise<Artifact> {
  const name = basename(file);
  await copyFile(file, join(outputDir, name));
  const { size, sha256 } = await hashFile(file);
  const { kind, platform, madeFrom } = about;
  return { name, path: name, kind, ...(platform !== undefined && { platform }), ships: true, size, sha256, madeFrom };
}
