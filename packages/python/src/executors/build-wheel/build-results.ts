import { delimiter, join, posix } from 'node:path';
import type { Finding } from '@waybill/core';
import type { StageContext } from '@waybill/plugin-kit';
import { makeDistributions, type MakeRequest } from '../../building/make-distributions';
import { resolvedRequirements } from '../../building/resolved-requirements';
import type { BuildRun } from '../../building/run-frontend';
import { homeIn, homeVariables, isHidden, openHome, strangersIn } from '../../environment/private-home';
import { pythonErrors } from '../../errors/python-errors';
import { buildScripts } from '../../project/build-scripts';
import { generatedFiles } from '../../project/generated-files';
import { offerLocalWheels } from '../../requirements/local-wheels';
import { anyChange, changesBetween, watchTree } from '../../workplace/watch-tree';
import type { Workplace } from '../../workplace/workplace-path';
import { finishSdist, finishWheel, type FinishRequest } from './finish-results';
import { projectPaths } from './build-facts';
import { buildVariables } from './build-variables';
import { judgeAttempts } from './judge-attempts';
import type { ReadResults } from './judge-results';
import { openRequirements } from './open-requirements';
import type { BuildWheelOptions } from './options';
import type { BuildPlan } from './plan';

type Context = StageContext<BuildWheelOptions>;

/** Of the target's time, what ending processes and telling why may take. */
const RESERVE_MS = 5_000;

/** What a build must not depend on, and `verify` makes different. */
export interface Conditions {
  /** Octal digits. */
  umask: string;
  variables: Readonly<Record<string, string>>;
  /** Times of the sources, beside SOURCE_DATE_EPOCH. */
  shiftSeconds: number;
  /** Python gets what folders hold in the opposite order. */
  otherOrder?: boolean;
}

export const USUAL: Conditions = { umask: '022', variables: {}, shiftSeconds: 0 };

/** Holds a `sitecustomize.py`, which every Python of a build loads that is not isolated from its variables. */
const OTHER_ORDER = join(__dirname, '../../environment/other-order');

/** Makes sdist and wheels; what the sdist says is read while the wheel is made. The project itself must be as it was before. */
export async function buildResults(context: Context, plan: BuildPlan, run: BuildRun, conditions: Conditions): Promise<ReadResults> {
  const { progress, options, sourceDateEpoch, workspaceRoot, projectRoot } = context;
  const { facts } = plan;
  const { places } = run;
  const tree = join(workspaceRoot, projectRoot);
  const before = watchTree(tree);
  const home = homeIn(places, facts.system);
  if (home !== undefined) await openHome(home, context.toolEnvironment);
  const { plan: ready, kept } = await openRequirements(context, plan, run);
  await offerLocalWheels(facts.lock || kept ? [] : facts.localWheels, places.wheels);
  const finish: FinishRequest = { places, repack: options.reproducible === 'enforce', mtimeSeconds: sourceDateEpoch };
  const sdists: ReturnType<typeof finishSdist>[] = [];
  const onSdist = (file: string): void => void sdists.push(later(finishSdist(file, finish)));
  const made = await makeDistributions(run, { ...makeRequest(context, ready, conditions), onSdist });
  await kept?.release(facts.project.backend);
  const inHome = home === undefined ? [] : judgeHome(strangersIn(home), facts.project.backend);
  const conduct = [...inHome, ...judgeAttempts(made.attempts, facts.project.backend)];
  const changes = changesBetween(before, watchTree(tree));
  if (anyChange(changes)) throw pythonErrors.error('WHEEL_TREE_CHANGED', changes);
  return progress.step('pack and read', async () => {
    const wheels: ReadResults['wheels'][number][] = [];
    for (const file of made.wheels) wheels.push(await finishWheel(file, finish));
    const sdist = await sdists[0];
    const resolved = resolvedRequirements(
      made.output,
      wheels.flatMap((wheel) => wheel.facts.wheel?.generator ?? []),
    );
    return { wheels, resolved: new Map([...resolved, ...(kept?.versions ?? [])]), builds: made.builds, conduct, ...(sdist && { sdist }) };
  });
}

/** The home is thrown away: hidden files in it are told, others make `WHEEL_WROTE_OUTSIDE`. `strangers` relative to it. */
function judgeHome(strangers: readonly string[], backend: string): readonly Finding[] {
  const plain = strangers.filter((path) => !isHidden(path));
  if (plain.length > 0) throw pythonErrors.error('WHEEL_WROTE_OUTSIDE', { backend, paths: plain.map((path) => `~/${path}`) });
  return strangers.map((path) => ({
    check: 'home',
    level: 'warning',
    path: `~/${path}`,
    message: `\`${backend}\` left it in the home folder of the build, which is thrown away`,
    fix: 'nothing, if a tool keeps it for itself; what the build needs again belongs below the project',
  }));
}

/** Awaited when the wheel is there; until then a failure is not one that nobody handles. */
function later<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

export function buildRun(context: Context, plan: BuildPlan, places: Workplace, conditions: Conditions): BuildRun {
  const { processes, toolEnvironment, timeoutMs, environment: variables, progress, options } = context;
  const { facts } = plan;
  const deadlineMs = facts.startedMs + timeoutMs - Math.min(RESERVE_MS, timeoutMs / 5);
  const { wheelhouse } = options;
  const home = homeIn(places, facts.system);
  const environment = buildVariables(context, facts, places);
  return {
    processes,
    environment: {
      ...environment,
      ...(home !== undefined && homeVariables(home, toolEnvironment, facts.system)),
      ...conditions.variables,
      ...(conditions.otherOrder && withPath(environment, OTHER_ORDER)),
    },
    umask: conditions.umask,
    network: facts.network,
    ...(wheelhouse !== undefined && { wheelhouse }),
    places,
    timeLeftMs: () => Math.max(100, Math.round(deadlineMs - performance.now())),
    system: facts.system,
    ...(variables['NX_VERBOSE_LOGGING'] === 'true' && { onOutput: (text) => progress.line(text) }),
  };
}

const withPath = ({ PYTHONPATH }: Readonly<Record<string, string>>, folder: string): Record<string, string> => ({
  PYTHONPATH: PYTHONPATH ? `${folder}${delimiter}${PYTHONPATH}` : folder,
});

function makeRequest(context: Context, { facts, sdist, wheel }: BuildPlan, { shiftSeconds }: Conditions): MakeRequest {
  const { workspaceRoot, version, sourceDateEpoch, processes, toolEnvironment, options, progress } = context;
  const { sources, project, upstreamSdist } = facts;
  return {
    workspaceRoot,
    base: sources.base,
    paths: sources.paths,
    project: sources.project,
    backend: project.backend,
    version,
    epochSeconds: sourceDateEpoch,
    mtimeSeconds: sourceDateEpoch + shiftSeconds,
    ...(sources.readsGit && { git: { processes, workspaceRoot, environment: toolEnvironment } }),
    ...(sdist && { sdist }),
    ...(wheel && { wheel: { ...wheel, many: wheel.chosen.frontend.manyWheels === true } }),
    ...(upstreamSdist && { givenSdist: upstreamSdist.file }),
    generated: generatedFiles(project.manifest).map((path) => posix.join(sources.project, path)),
    scripts: buildScripts(project.manifest, projectPaths(sources)),
    fromSdist: options.fromSdist || upstreamSdist !== undefined,
    step: (name, work) => progress.step(name, work),
  };
}
