import { distFolder, normaliseDistribution } from '@waybill/artifacts';
import { commandLine } from '@waybill/core';
import type { PlannedArtifact, StageContext, StagePlan } from '@waybill/plugin-kit';
import type { ChosenFrontend } from '../../building/choose-frontend';
import type { BuildCommand, BuildRequest } from '../../building/frontend';
import { TIER_TEXTS } from '../../environment/network';
import { traitsOf } from '../../project/backends';
import { CONSTRAINTS } from '../../requirements/local-wheels';
import { placesIn, workplacePath, type Workplace } from '../../workplace/workplace-path';
import type { BuildFacts } from './build-facts';
import { buildVariables } from './build-variables';
import type { BuildWheelOptions } from './options';

type Context = StageContext<BuildWheelOptions>;

/** One call of a frontend. */
export interface PlannedCall {
  chosen: ChosenFrontend;
  request: BuildRequest;
  command: BuildCommand;
}

export interface BuildPlan extends StagePlan {
  facts: BuildFacts;
  /** Absolute path of the folder that the build happens in. */
  workplace: string;
  sdist?: PlannedCall;
  wheel?: PlannedCall;
}

/** What will be run, and what comes of it. Names of artifacts are what backends usually write; the real ones are read from the files. */
export function planBuild(context: Context, facts: BuildFacts): BuildPlan {
  const workplace = workplacePath(context.projectName, context.projectRoot, facts.system);
  const calls = callsIn(context, facts, placesIn(workplace));
  const plan = { facts, workplace, ...calls };
  const artifacts = artifactsOf(context, plan);
  const overview = [`with Python ${facts.python.version}, ${facts.python.place}`, ...frontendTexts(plan).map((text) => `with ${text}`)];
  return { ...plan, artifacts, overview, lines: linesOf(context, plan, artifacts) };
}

/** The commands of a build in one workplace; `verify` makes them for a second one. */
export function callsIn(context: Context, facts: BuildFacts, places: Workplace): Pick<BuildPlan, 'sdist' | 'wheel'> {
  const { options, workspaceRoot } = context;
  const { sdist, wheel, python, lock, environments, localWheels, platform, sources, system } = facts;
  const tree = [places.sources, sources.project].filter((part) => part !== '').join('/');
  const prepared = lock !== undefined || environments !== undefined;
  const common = {
    python: prepared ? `${places.environment}/${system === 'win32' ? 'Scripts/python.exe' : 'bin/python'}` : python.executable,
    prepared,
    configSettings: options.configSettings,
    ...(options.wheelhouse !== undefined && { wheelhouse: `${workspaceRoot}/${options.wheelhouse}` }),
    ...(localWheels.length > 0 && !prepared && { constraints: `${places.wheels}/${CONSTRAINTS}` }),
    platform,
    manifest: facts.project.manifest,
    variables: buildVariables(context, facts, places),
    cargoLock: sources.paths.some((path) => path === 'Cargo.lock' || path.endsWith('/Cargo.lock')),
  };
  const call = (chosen: ChosenFrontend, request: BuildRequest): PlannedCall => ({
    chosen,
    request,
    command: chosen.frontend.command(request, chosen.tool),
  });
  const fromSdist = options.fromSdist || facts.upstreamSdist !== undefined;
  return {
    ...(sdist && { sdist: call(sdist, { ...common, what: 'sdist', source: tree, output: `${places.output}/sdist` }) }),
    ...(wheel && { wheel: call(wheel, { ...common, what: 'wheel', source: fromSdist ? places.sdist : tree, output: `${places.output}/wheel` }) }),
  };
}

type Bare = Omit<BuildPlan, 'artifacts' | 'lines'>;

function artifactsOf({ name, version, options: { ships } }: Context, { facts }: Bare): PlannedArtifact[] {
  const { delivers } = facts;
  const distribution = normaliseDistribution(facts.project.distribution ?? name).replaceAll('-', '_');
  const sdist = `${distribution}-${version}.tar.gz`;
  const { series, platformTag } = facts.python;
  const cp = `cp${series.replace('.', '')}`;
  const isNative = facts.project.native === 'yes';
  const wheel = `${distribution}-${version}-${isNative ? `${cp}-${cp}${facts.python.abiFlags}-${platformTag}` : 'py3-none-any'}.whl`;
  return [
    ...(delivers.sdist ? [{ name: sdist, path: sdist, kind: 'sdist' as const, ships }] : []),
    ...(delivers.wheel ? [{ name: wheel, path: wheel, kind: 'wheel' as const, ...(isNative && { platform: facts.platform }), ships }] : []),
  ].sort((one, other) => (one.name < other.name ? -1 : 1));
}

const line = (what: string, text: string): string => `${what.padEnd(9)} ${text}`;

function linesOf(context: Context, plan: Bare, artifacts: readonly PlannedArtifact[]): string[] {
  const { facts } = plan;
  const { project, python, sources, network, lock } = facts;
  const { options } = context;
  const folder = distFolder(context.projectRoot, context.targetName);
  return [
    `${project.distribution ?? context.name} ${context.version} by ${traitsOf(project.backend).name} (\`${project.backend}\`)`,
    line('python', `${python.version}, ${python.place}`),
    line('sources', `${sources.paths.length} files, ${sources.from === 'git' ? 'as git has them' : 'all but caches and results'}; built in a copy`),
    ...sources.reach.map((path) => line('sources', `${path}, outside of the project`)),
    ...frontendLines(plan),
    line('requires', lock === undefined ? requiresText(facts) : `${lock.requirements.length} pinned by hash in ${lock.files.join(', ')}`),
    ...facts.localRequirements.map(({ name, project: owner, target }) => line('requires', `${name} of ${owner}:${target}`)),
    line('network', network === 'open' ? 'as the machine has it' : TIER_TEXTS[network]),
    ...callLines(context, plan),
    line('results', RESULT_LINES[options.reproducible]),
    line(
      'checks',
      `names, contents, metadata (${options.metadata})${options.install.enabled && options.wheel ? '; installed in a fresh environment, without network' : ''}`,
    ),
    ...artifacts.map(({ name, kind }) => line(kind, `${folder}/${name}`)),
  ];
}

const requiresText = ({ project, environments }: BuildFacts): string =>
  `${project.requires.join(', ') || 'nothing'}${environments === undefined ? '' : ', in an environment that builds with the same versions share'}`;

const RESULT_LINES: Readonly<Record<BuildWheelOptions['reproducible'], string>> = {
  enforce: 'packed again, so that they are the same everywhere',
  verify: 'built twice under other conditions, and compared',
  off: 'as the backend leaves them',
};

const frontendLines = (plan: Bare): string[] => frontendTexts(plan).map((text) => line('frontend', text));

/** Who calls the backend and why, one line each. */
export function frontendTexts({ sdist, wheel }: Bare): string[] {
  const all = [
    ...new Map([sdist?.chosen, wheel?.chosen].filter((chosen) => chosen !== undefined).map((chosen) => [chosen.frontend.id, chosen])).values(),
  ];
  return all.map(({ frontend, tool, why }) => `${frontend.id} ${tool.version} (${why})`);
}

function callLines({ options }: Context, { facts, workplace, sdist, wheel }: Bare): string[] {
  const show = ({ command }: PlannedCall): string => commandLine(command.tool.id, command.args, workplace);
  const { upstreamSdist } = facts;
  return [
    ...(sdist ? [line('run', show(sdist))] : []),
    ...(upstreamSdist ? [line('from', `${upstreamSdist.name} of ${upstreamSdist.project}:${upstreamSdist.target}`)] : []),
    ...(wheel ? [line('run', `${show(wheel)}${options.fromSdist || upstreamSdist ? '  (the unpacked sdist)' : ''}`)] : []),
  ];
}
