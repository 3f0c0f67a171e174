import { writeFile } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { formatPlatform, hostPlatform } from '@waybill/artifacts';
import {
  checkDelivery,
  checkSdist,
  checkWheel,
  fitWheel,
  parseWheelName,
  renderRequirements,
  type RequirementsLock,
  type SdistFacts,
  type WheelFacts,
} from '@waybill/distributions';
import { isAtOrBelow, isFile, type Finding } from '@waybill/core';
import type { StageContext } from '@waybill/plugin-kit';
import { findIgnored, ignorable } from '../../completeness/ignored-files';
import type { ReportedBuild } from '../../building/cibuildwheel';
import { findMissing, packageFolders } from '../../completeness/missing-files';
import { findMissingPackages } from '../../completeness/missing-packages';
import type { BuildRun } from '../../building/run-frontend';
import type { InstallTestRequest, InstallTestResult } from '../../installing/install-test';
import { checkRendering } from '../../describing/check-rendering';
import { homeIn, homeVariables } from '../../environment/private-home';
import { isSound } from '../../repacking/is-sound';
import { optionalRequirements } from '../../installing/find-extras';
import { testInstall } from '../../installing/test-install';
import { listIgnored } from '../../workplace/list-sources';
import { projectPaths } from './build-facts';
import type { BuildWheelOptions } from './options';
import type { BuildPlan } from './plan';

type Context = StageContext<BuildWheelOptions>;

/** Results as facts, each with its file. */
export interface ReadResults {
  sdist?: { file: string; facts: SdistFacts };
  wheels: readonly { file: string; facts: WheelFacts }[];
  /** Versions of build requirements that an isolated build resolved, as far as they are known. */
  resolved: ReadonlyMap<string, string>;
  /** What a frontend of several wheels said of each. */
  builds: readonly ReportedBuild[];
  /** Of what the build did beside making them. */
  conduct: readonly Finding[];
}

/** Everything that is wrong with the results, from their facts alone. */
export function judgeResults({ options, version, projectRoot }: Context, { facts }: BuildPlan, results: ReadResults): readonly Finding[] {
  const { sdist, wheels } = results;
  const { distribution } = facts.project;
  const policy = { version, metadata: options.metadata, ships: options.ships, ...(distribution !== undefined && { name: distribution }) };
  return [
    ...results.conduct,
    ...(sdist ? checkSdist(sdist.facts, policy) : []),
    ...wheels.flatMap((wheel) => checkWheel(wheel.facts, policy)),
    ...checkDelivery({ ...(sdist && { sdist: sdist.facts }), wheels: wheels.map((wheel) => wheel.facts) }),
    ...missingFiles(facts, results),
    ...missingPackages(facts, results),
    ...otherProjects(facts, projectRoot, results),
  ];
}

const inside = (path: string, folder: string): string[] => (path.startsWith(folder) ? [path.slice(folder.length)] : []);
const wheelPaths = ({ wheels }: ReadResults): string[] => wheels.flatMap(({ facts }) => facts.members.map(({ path }) => path));

/** Only a build from this tree can be compared with it. */
function missingFiles(facts: BuildPlan['facts'], results: ReadResults): readonly Finding[] {
  const { sdist } = results;
  if (facts.sdist === undefined || sdist === undefined) return [];
  const lists = { tree: projectPaths(facts.sources), sdist: sdistPaths(sdist.facts), wheel: wheelPaths(results) };
  return findMissing({ project: facts.project, ...lists, fileName: sdist.facts.fileName });
}

/** The same of whole packages, and of a wheel that is made from the sources themselves. */
function missingPackages(facts: BuildPlan['facts'], results: ReadResults): readonly Finding[] {
  const { sdist } = results;
  const [wheel] = results.wheels;
  if (facts.upstreamSdist !== undefined || wheel === undefined) return [];
  return findMissingPackages({
    project: facts.project,
    tree: projectPaths(facts.sources),
    ...(sdist && { sdist: sdistPaths(sdist.facts), sdistName: sdist.facts.fileName }),
    wheel: wheelPaths(results),
    wheelName: wheel.facts.fileName,
  });
}

function sdistPaths({ topFolders, members }: SdistFacts): string[] {
  const top = `${topFolders[0] ?? ''}/`;
  return members.filter(({ kind }) => kind !== 'directory').flatMap(({ path }) => inside(path, top));
}

/** Files of the project that the wheel lacks because git ignores them. */
export async function ignoredFiles(context: Context, { facts }: BuildPlan, results: ReadResults): Promise<readonly Finding[]> {
  const [first] = results.wheels;
  if (first === undefined || facts.upstreamSdist !== undefined || facts.sources.from !== 'git') return [];
  const { processes, workspaceRoot, toolEnvironment, projectRoot } = context;
  const lists = { tree: projectPaths(facts.sources), wheel: wheelPaths(results) };
  const git = { processes, workspaceRoot, environment: toolEnvironment };
  const ignored = await listIgnored(git, projectRoot, ignorable(lists));
  return findIgnored({ project: facts.project, ...lists, ignored, fileName: first.facts.fileName });
}

/** Projects in packages of the wheel, whose files it lacks because they are no inputs of the target. */
function otherProjects(facts: BuildPlan['facts'], projectRoot: string, results: ReadResults): readonly Finding[] {
  const [first] = results.wheels;
  const { leftOut } = facts.sources;
  if (first === undefined || facts.upstreamSdist !== undefined || leftOut.length === 0) return [];
  const packages = packageFolders(projectPaths(facts.sources), wheelPaths(results)).map((path) => posix.join(projectRoot, path));
  return leftOut
    .filter(({ root }) => packages.some((folder) => isAtOrBelow(root, folder)))
    .map(({ project, root }) => ({
      check: 'contents',
      level: 'warning',
      path: root,
      message: `the files are those of the project \`${project}\`, so that they were not copied, and \`${first.facts.fileName}\` lacks them`,
      fix: `add \`"{workspaceRoot}/${root}/**/*"\` to the \`inputs\` of the target, so that they are copied, and a change of them builds the wheel again`,
    }));
}

/** Whether a description in reStructuredText renders; a project whose README is Markdown starts nothing. */
export function renderDescriptions(
  context: Context,
  { facts }: BuildPlan,
  run: BuildRun,
  { sdist, wheels }: ReadResults,
): Promise<readonly Finding[]> {
  return checkRendering({
    distributions: [...(sdist ? [sdist.facts] : []), ...wheels.map((wheel) => wheel.facts)],
    metadata: context.options.metadata,
    python: facts.python.executable,
    tools: context.tools,
    processes: context.processes,
    environment: context.toolEnvironment,
    timeoutMs: run.timeLeftMs(),
  });
}

/** A lock is installed from the wheelhouse of the build where there is one: a target that names it has no index. Written to `file`: what it names by path is found from anywhere. */
async function dependenciesOf(
  { install, wheelhouse }: BuildWheelOptions,
  lock: RequirementsLock | undefined,
  { workspaceRoot, file }: { workspaceRoot: string; file: string },
): Promise<InstallTestRequest['dependencies']> {
  if (lock !== undefined) {
    const links = wheelhouse === undefined ? {} : { wheelhouse: join(workspaceRoot, wheelhouse) };
    await writeFile(file, renderRequirements(lock, { workspaceRoot, isFile }));
    return { from: 'lock', file, ...links };
  }
  return install.wheelhouse === undefined ? { from: 'none' } : { from: 'wheelhouse', folder: join(workspaceRoot, install.wheelhouse) };
}

/** Findings of the install test; `tried` is absent when there was nothing to try. */
export type TriedWheel = Pick<InstallTestResult, 'findings'> & Partial<InstallTestResult>;

const tagOf = (file: string): string => {
  const { pythonTags, abiTags, platformTags } = parseWheelName(basename(file))!;
  return [pythonTags, abiTags, platformTags].map((tags) => tags.join('.')).join('-');
};

/** No wheel fits the interpreter: those of other Pythons are tried by who builds them, the only one of a build by nobody. */
function untried({ facts, wheel }: BuildPlan, wheels: ReadResults['wheels'], platform: string): Finding {
  const { version, series, abiFlags } = facts.python;
  const interpreter = `Python ${version}${abiFlags} on ${platform}`;
  const cp = `cp${series.replace('.', '')}`;
  const tags = wheels.map(({ file }) => `\`${tagOf(file)}\``).join(', ');
  if (wheel?.chosen.frontend.manyWheels) {
    const message = `install test skipped: no wheel fits ${interpreter}`;
    return { check: 'install', level: 'info', message, actual: tags };
  }
  return {
    check: 'install',
    level: 'error',
    path: basename(wheels[0]!.file),
    message: `the wheel cannot be installed by the interpreter that built it: its tag ${tags} does not fit ${interpreter}`,
    expected: `a tag that fits, as \`py3-none-any\` or \`${cp}-${cp}${abiFlags}-${facts.python.platformTag}\``,
    actual: tags,
    fix: 'have the backend write the tag of what it builds, or name the interpreter that the wheel is for by the option `python`',
  };
}

/** Installs the wheel that fits this interpreter, and tries it. `undefined` when the only wheel is none that may be installed. */
export async function tryWheel(context: Context, plan: BuildPlan, run: BuildRun, results: ReadResults): Promise<TriedWheel | undefined> {
  const { python } = plan.facts;
  // cibuildwheel builds for other machines too: what is tried runs on this one
  const platform = formatPlatform(hostPlatform(process));
  const target = { series: python.series, abiFlags: python.abiFlags, platform };
  const fitting = results.wheels.find(({ file }) => fitWheel(parseWheelName(basename(file))!, target) !== undefined);
  // what installers would write outside of the environment is told by the checks, and tried nowhere
  if (!isSound((fitting ?? results.wheels[0]!).facts.members)) return undefined;
  return fitting === undefined ? { findings: [untried(plan, results.wheels, platform)] } : tryFitting(context, plan, run, fitting);
}

async function tryFitting(context: Context, plan: BuildPlan, run: BuildRun, wheel: ReadResults['wheels'][number]): Promise<InstallTestResult> {
  const { options, workspaceRoot, processes, toolEnvironment } = context;
  const { python, localWheels, installer, network, closedNetwork, installLock } = plan.facts;
  const { imports, commands } = options.install;
  const home = homeIn(run.places, run.system);
  return testInstall({
    wheel: { name: basename(wheel.file), file: wheel.file },
    local: localWheels.map(({ name, file }) => ({ name, file })),
    python: python.executable,
    dependencies: await dependenciesOf(options, installLock, { workspaceRoot, file: join(run.places.scratch, 'install-requirements.txt') }),
    ...(imports && { imports }),
    topLevels: wheel.facts.topLevels,
    ...(commands && { commands }),
    consoleScripts: wheel.facts.entryPoints.filter(({ group }) => group === 'console_scripts').map(({ name }) => name),
    optional: optionalRequirements(wheel.facts.metadata?.requiresDist ?? []),
    ...(installer && { uv: installer }),
    network: { run: closedNetwork, download: network },
    scratch: join(run.places.scratch, 'install'),
    environment: { ...toolEnvironment, ...(home !== undefined && homeVariables(home, toolEnvironment, run.system)), TMPDIR: run.places.temporary },
    timeoutMs: run.timeLeftMs(),
    processes,
  });
}
