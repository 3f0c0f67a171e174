import { copyFile } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import type { Artifact, ArtifactKind } from '@waybill/artifacts';
import { hashFile, UV } from '@waybill/core';
import type { StageContext, StageResult } from '@waybill/plugin-kit';
import { makeDistributions, type Made, type MakeRequest } from '../../building/make-distributions';
import type { BuildRun } from '../../building/run-frontend';
import { buildEnvironment } from '../../environment/build-environment';
import { pythonErrors } from '../../errors/python-errors';
import { generatedFiles } from '../../project/generated-files';
import { installRequirements, offerLocalWheels } from '../../requirements/install-requirements';
import { withWorkplace } from '../../workplace/open-workplace';
import { anyChange, changesBetween, watchTree } from '../../workplace/watch-tree';
import type { Workplace } from '../../workplace/workplace-path';
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
    const tree = join(context.workspaceRoot, context.projectRoot);
    const before = watchTree(tree);
    const { facts } = plan;
    if (facts.lock) await progress.step('build requirements', () => prepare(run, context, plan));
    await offerLocalWheels(facts.lock ? [] : facts.localRequirements, places.wheels);
    const made = await makeDistributions(run, makeRequest(context, plan));
    const changes = changesBetween(before, watchTree(tree));
    if (anyChange(changes)) throw pythonErrors.error('WHEEL_TREE_CHANGED', changes);
    const artifacts = await deliver(context, plan, made, outputDir);
    return {
      outcome: 'success',
      artifacts,
      facts: recordFacts(context, plan, artifacts),
      findings: [],
      summary: artifacts.map(({ name, size }) => `${name} (${size} bytes)`),
    };
  });
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
async function deliver(context: Context, { delivers, facts }: BuildPlan, made: Made, outputDir: string): Promise<Artifact[]> {
  const files: [file: string, kind: ArtifactKind][] = [
    ...(delivers.sdist && made.sdist !== undefined ? [[made.sdist, 'sdist'] as [string, ArtifactKind]] : []),
    ...(delivers.wheel ? made.wheels.map((file): [string, ArtifactKind] => [file, 'wheel']) : []),
  ];
  const artifacts: Artifact[] = [];
  for (const [file, kind] of files) {
    const name = basename(file);
    await copyFile(file, join(outputDir, name));
    const { size, sha256 } = await hashFile(file);
    const isPure = kind === 'sdist' || name.endsWith('-any.whl');
    artifacts.push({ name, path: name, kind, ...(!isPure && { platform: facts.platform }), ships: true, size, sha256, madeFrom: [] });
  }
  return artifacts;
}
