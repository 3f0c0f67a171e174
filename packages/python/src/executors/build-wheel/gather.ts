import { readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { formatPlatform, hostPlatform, normaliseDistribution } from '@waybill/artifacts';
import { isAtOrBelow, isFile, isOffline, UV, type ResolvedTool } from '@waybill/core';
import { chooseWheels, parseRequirements, type RequirementsLock } from '@waybill/distributions';
import { PACKAGE_INFO, type Git, type StageContext, type UpstreamArtifact } from '@waybill/plugin-kit';
import { chooseFrontend, toolIfThere, type ChosenFrontend, type FrontendRequest } from '../../building/choose-frontend';
import { closedTier } from '../../environment/network';
import { pythonErrors } from '../../errors/python-errors';
import { findPython } from '../../interpreter/find-python';
import type { Interpreter } from '../../interpreter/query-python';
import { keepsEnvironment } from '../../kept/keeps-environment';
import { readsGit, traitsOf } from '../../project/backends';
import { findReach } from '../../project/find-reach';
import { rustFlagsVariable } from '../../project/find-rust-flags';
import type { ProjectFacts } from '../../project/project-facts';
import { distributionIn, readProject } from '../../project/read-project';
import { checkLocal, checkRequirements, withoutLocal, type WorkspaceProject } from '../../requirements/check-requirements';
import { localRequirements } from '../../requirements/local-wheels';
import { listSources } from '../../workplace/list-sources';
import type { BuildFacts, Sources } from './build-facts';
import type { BuildWheelOptions } from './options';
import { wantedPlatform, wantedResults } from './wanted-results';

type Context = StageContext<BuildWheelOptions>;

/** Reads everything that the plan is made from; the first thing that no wheel can be built with ends the run. */
export async function gatherBuild(context: Context): Promise<BuildFacts> {
  const startedMs = performance.now();
  const { options, workspaceRoot, projectRoot } = context;
  const project = readProject(projectRoot, join(workspaceRoot, projectRoot));
  const platform = wantedPlatform(context);
  const ownSdist = sdistOf(context);
  const delivers = wantedResults(context, ownSdist !== undefined);
  const upstreamSdist = options.fromSdist ? ownSdist : undefined;
  checkWheelhouses(context);
  const lock = readLock(options.buildRequirements, workspaceRoot);
  const installLock = readLock(options.install.requirements, workspaceRoot);
  const [python, sources, closedNetwork] = await Promise.all([
    pythonOf(context, project),
    sourcesOf(context, project),
    closedTier(context.processes, context.toolEnvironment, process.platform),
  ]);
  const localWheels = chooseLocal(context, python, platform);
  checkLocal(project.requires, workspaceProjects(context), localWheels);
  const local = await localRequirements(project.requires, localWheels);
  checkRequirements(project.requires, lock, local);
  const frontends = await frontendsOf(context, { project, python, platform, upstreamSdist, delivers, lock });
  checkPinned(context, frontends.wheel, local.length > 0);
  const installer = await installerOf(context, frontends.wheel);
  const chosen = [frontends.sdist?.tool, frontends.wheel?.tool, installer].filter((tool) => tool !== undefined);
  await context.checkTools([...new Set(chosen)]);
  const network = options.wheelhouse !== undefined || isOffline(context.environment) ? closedNetwork : 'open';
  const environments = lock === undefined ? environmentsOf(context, { project, sources, ...frontends, network }) : undefined;
  return {
    project,
    python,
    platform,
    delivers,
    system: process.platform,
    ...frontends,
    sources,
    ...(upstreamSdist && { upstreamSdist }),
    localWheels,
    localRequirements: local.map(({ wheel }) => wheel),
    ...(lock && { lock: withoutLocal(lock, local) }),
    ...(installLock && { installLock }),
    rustFlags: rustFlagsOf(context, sources, platform),
    ...(installer && { installer }),
    ...(environments !== undefined && { environments }),
    network,
    closedNetwork,
    startedMs,
  };
}

/** `verify` gets environments that nothing but their own build has seen. */
function environmentsOf(
  { options, toolEnvironment: { XDG_CACHE_HOME, HOME } }: Context,
  { project, sources, sdist, wheel, network }: Pick<BuildFacts, 'project' | 'sources' | 'sdist' | 'wheel' | 'network'>,
): string | undefined {
  const caches = XDG_CACHE_HOME ?? (HOME === undefined ? undefined : join(HOME, '.cache'));
  const tools = [sdist, wheel].flatMap((chosen) => (chosen === undefined ? [] : [chosen.tool]));
  const request = { project, sources, tools, network, system: process.platform, passEnv: options.passEnv };
  return caches !== undefined && options.reproducible !== 'verify' && keepsEnvironment(request) ? join(caches, 'waybill/environments') : undefined;
}

function rustFlagsOf({ workspaceRoot, toolEnvironment }: Context, { base, project }: Sources, platform: string): string {
  const home = toolEnvironment['CARGO_HOME'] ?? (toolEnvironment['HOME'] === undefined ? undefined : join(toolEnvironment['HOME'], '.cargo'));
  return rustFlagsVariable(workspaceRoot, base, project, platform, home);
}

function pythonOf(
  { options, processes, toolEnvironment, environment, projectRoot, workspaceRoot }: Context,
  project: ProjectFacts,
): Promise<Interpreter> {
  const wanted = options.python ?? (environment['PYO3_PYTHON'] || undefined);
  return findPython({ wanted, requiresPython: project.requiresPython, processes, environment: toolEnvironment, projectRoot, workspaceRoot });
}

async function sourcesOf(context: Context, project: ProjectFacts): Promise<Sources> {
  const { workspaceRoot, processes, toolEnvironment } = context;
  const projectRoot = context.projectRoot === '.' ? '' : context.projectRoot;
  const git: Git = { processes, workspaceRoot, environment: toolEnvironment };
  const inside = context.projectsInside.map(({ root }) => root);
  const reach = await findReach(project, projectRoot, workspaceRoot, inside);
  await context.checkInputs(reach.map((path) => ({ option: 'the manifest of the project', path })));
  const base = reach.reduce(commonFolder, projectRoot);
  const own = await listSources(git, projectRoot, readsGit(project));
  const further: string[] = [];
  for (const path of reach) {
    const isFolder = statSync(join(workspaceRoot, path)).isDirectory();
    further.push(...(isFolder ? (await listSources(git, path)).paths.map((inner) => posix.join(path, inner)) : [path]));
  }
  const ownPaths = traitsOf(project.backend).doublesPackageInfo ? own.paths.filter((path) => path !== PACKAGE_INFO) : own.paths;
  // what Nx does not hash for the target is not built from: a change of it would give the old result
  const ownFiles = ownPaths.map((path) => posix.join(projectRoot, path));
  const left = new Set(ownFiles.filter((path) => !context.isInput(path)));
  const leftOut = context.projectsInside.filter(({ root }) => [...left].some((path) => isAtOrBelow(path, root)));
  const all = [...ownFiles.filter((path) => !left.has(path)), ...further];
  const paths = [...new Set(all)].map((path) => (base === '' ? path : path.slice(base.length + 1))).sort();
  const projectInBase = base === '' ? projectRoot : projectRoot.slice(base.length).replace(/^\//, '');
  return { from: own.from, base, project: projectInBase, paths, reach, leftOut, readsGit: readsGit(project) };
}

/** The deepest folder that holds both. */
function commonFolder(one: string, other: string): string {
  const [left, right] = [one.split('/'), other.split('/')];
  const same = left.findIndex((part, index) => part !== right[index]);
  return left.slice(0, same < 0 ? left.length : same).join('/');
}

function readLock(file: string | undefined, workspaceRoot: string): RequirementsLock | undefined {
  if (file === undefined) return undefined;
  return parseRequirements(file, (path) => {
    const absolute = join(workspaceRoot, path);
    return isFile(absolute) ? readFileSync(absolute, 'utf8') : undefined;
  });
}

function checkWheelhouses({ options, workspaceRoot }: Context): void {
  for (const [option, path] of [
    ['wheelhouse', options.wheelhouse],
    ['install.wheelhouse', options.install.wheelhouse],
  ] as const) {
    if (path === undefined || statSync(join(workspaceRoot, path), { throwIfNoEntry: false })?.isDirectory()) continue;
    throw pythonErrors.error('WHEEL_WHEELHOUSE', { path, option });
  }
}

/** Of a project that others build on, the wheel that this interpreter can use. Wheels of this project itself are none of them. */
function chooseLocal({ upstream, projectName }: Context, { series, abiFlags }: Interpreter, platform: string): readonly UpstreamArtifact[] {
  const wheels = upstream.filter(({ kind, project }) => kind === 'wheel' && project !== projectName);
  return chooseWheels(wheels, { series, abiFlags, platform });
}

const workspaceProjects = ({ dependencies, workspaceRoot }: Context): readonly WorkspaceProject[] =>
  dependencies.map(({ project, root, targets }) => {
    const name = distributionIn(root, join(workspaceRoot, root));
    return { project, targets, ...(name !== undefined && { distribution: normaliseDistribution(name) }) };
  });

const sdistOf = ({ upstream, projectName }: Context): UpstreamArtifact | undefined =>
  upstream.find(({ kind, project }) => kind === 'sdist' && project === projectName);

interface FrontendFacts extends Pick<BuildFacts, 'project' | 'python' | 'platform' | 'delivers'> {
  upstreamSdist: UpstreamArtifact | undefined;
  lock: RequirementsLock | undefined;
}

/** Frontends of the sdist and of the wheel: two only when the one for wheels makes no sdist. */
async function frontendsOf(context: Context, facts: FrontendFacts): Promise<{ sdist?: ChosenFrontend; wheel?: ChosenFrontend }> {
  const { options, tools, processes, toolEnvironment: environment, environment: variables } = context;
  const { project, python, platform, delivers, lock, upstreamSdist } = facts;
  const pinned = lock !== undefined || options.wheelhouse !== undefined;
  const request: FrontendRequest = { wanted: options.frontend, project, python, pinned, tools, processes, environment, variables };
  const chosen = await chooseFrontend(request);
  if (options.wheel) checkHost(chosen, platform);
  const needsSdist = upstreamSdist === undefined && (delivers.sdist || options.fromSdist);
  const sdist = !needsSdist ? undefined : chosen.frontend.makes.includes('sdist') ? chosen : await chooseFrontend({ ...request, wanted: 'auto' });
  return { ...(sdist && { sdist }), ...(options.wheel && { wheel: chosen }) };
}

/** What would only seem to hold: containers have a network and an index of their own. */
function checkPinned({ options, environment }: Context, wheel: ChosenFrontend | undefined, hasLocal: boolean): void {
  if (!wheel?.frontend.manyWheels) return;
  const asked = [
    ...(options.buildRequirements === undefined ? [] : ['the option `buildRequirements`']),
    ...(options.wheelhouse === undefined ? [] : ['the option `wheelhouse`']),
    ...(isOffline(environment) ? ['the variable `WAYBILL_OFFLINE`'] : []),
    ...(hasLocal ? ['wheels of this workspace among the build requirements'] : []),
  ];
  if (asked.length > 0) throw pythonErrors.error('WHEEL_FRONTEND_PINNED', { frontend: wheel.frontend.id, asked });
}

function checkHost({ frontend }: ChosenFrontend, platform: string): void {
  const host = formatPlatform(hostPlatform(process));
  if (platform === host || frontend.manyWheels) return;
  throw pythonErrors.error('WHEEL_PLATFORM_HOST', { platform, host, frontend: frontend.id });
}

/** uv where it can be had without asking for it: whoever chose `build` gets no uv in the back. */
async function installerOf({ options, tools }: Context, wheel: ChosenFrontend | undefined): Promise<ResolvedTool | undefined> {
  if (wheel === undefined || !options.install.enabled || wheel.tool.id === 'build') return undefined;
  return wheel.tool.id === UV.id ? wheel.tool : toolIfThere(tools, UV);
}
