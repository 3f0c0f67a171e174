import type { HostProcess } from '@waybill/artifacts';
import type { ProjectKind } from '../../targets/targets-for';
import type { WrittenResult } from '../define-generator';
import { isObject, type GeneratorTree, type JsonObject } from '../generator-tree';
import { readJsonFile, writeJsonFile } from '../read-json-file';
import { initWorkspace } from '../workspace/init-workspace';
import { hiddenDefaults, type HiddenDefaults } from '../workspace/target-default-keys';
import { checkNeighbours, localDistributions } from './check-neighbours';
import { checkRequirements } from './check-requirements';
import { choosePlatforms } from './choose-platforms';
import { DEFAULT_FOLDER, destinationsOfTargets, inFolder, parseDestinations, variablesOf, type Destinations } from './destination-options';
import { detectKind, isLikelyProgram, lacksBackend } from './detect-kind';
import { mergeTargets, removeTargets, type MergeRequest, type Merged } from './merge-targets';
import { planTargets, type PlannedTarget, type TargetsPlan } from './plan-targets';
import type { ProjectFacts } from './project-facts';
import { readProjectFacts } from './read-project-facts';
import { NO_KEY_YET, signingOf, type Signing } from './signing-options';
import { nativeOfTargets, platformsOfTargets, projectAsWritten } from './written-before';

type Planned = Readonly<Record<string, PlannedTarget>>;

export interface ReleaseTargetsRequest {
  project: string;
  kind?: ProjectKind;
  platforms?: readonly string[];
  signing?: Signing;
  /** Folder that releases are published to, relative to the workspace. */
  folder?: string;
  /** Where they go: `s3`, `oci=registry.example.org/team/app`, … */
  destinations?: readonly string[];
  nativeTarget?: string;
  binary?: string;
  remove?: boolean;
  skipPackageJson?: boolean;
}

/**
 * Writes the targets of a release into project.json or package.json of a project, and sets the workspace up where that is missing. Run
 * twice it changes nothing; what the user changed is kept. Every refusal comes before the first change.
 */
export function writeReleaseTargets(tree: GeneratorTree, request: ReleaseTargetsRequest, host: HostProcess = process): WrittenResult {
  const project = readProjectFacts(tree, request.project);
  if (request.remove) return takeOut(tree, project, request);
  const { kind, because } = detectKind(project, request.kind);
  checkNeighbours(tree, project.name);
  const plan = { kind, ...planFor(project, kind, request, host) };
  const planned = planTargets(project, plan);
  const hidden = hiddenByTarget(tree, project, planned);
  const merge = { ...mergeRequest(project, planned, hidden), ...askedNow(request, plan.destinations) };
  if (kind !== 'library') checkRequirements(project, localDistributions(tree));
  const merged = mergeTargets(merge);
  const workspace = initWorkspace(tree, request);
  saveTargets(tree, project, merged);
  const changes = [...newsOf(workspace.lines, merged), ...merged.lines];
  return {
    lines: [
      `${project.name} is ${kind === 'embedded-app' ? 'an' : 'a'} ${kind} (${because})`,
      ...changes,
      ...(changes.some((line) => !line.startsWith('!')) ? [] : ['= nothing to change']),
      ...leftOut(project.name, hidden),
      ...debugHint(project, plan),
      ...hints(project, plan),
    ],
    install: workspace.install,
  };
}

const mergeRequest = (project: ProjectFacts, planned: Planned, hidden: Readonly<Record<string, HiddenDefaults>>): MergeRequest => ({
  project: project.name,
  file: project.file,
  present: project.targets,
  scripts: project.scripts,
  planned,
  hiddenDefaults: (name) => hidden[name]!.defaults,
});

const KINDS: readonly ProjectKind[] = ['library', 'python-app', 'embedded-app'];
/** Whatever machine it is done on. */
const LINUX: HostProcess = { platform: 'linux', arch: process.arch };

/** What was written for the kind that fits best what is there: the project may be another by now, or its manifests gone. */
function takeOut(tree: GeneratorTree, project: ProjectFacts, request: ReleaseTargetsRequest): WrittenResult {
  const kinds = request.kind === undefined ? KINDS : [request.kind];
  const ends = kinds.map((kind) => {
    const before = projectAsWritten(project, kind);
    const planned = planTargets(before, { kind, ...planFor(before, kind, request, LINUX) });
    return removeTargets(mergeRequest(project, planned, hiddenByTarget(tree, project, planned)));
  });
  const size = ({ targets }: Merged): number => Object.keys(targets).length;
  const best = ends.reduce((one, other) => (size(other) < size(one) ? other : one));
  saveTargets(tree, project, best);
  return { lines: best.lines.length > 0 ? best.lines : ['= nothing to take out'], install: false };
}

/** Warnings about defaults that are hidden are no news where the targets have them already; doctor tells what is missing there. */
const newsOf = (lines: readonly string[], merged: Merged): readonly string[] =>
  merged.lines.some((line) => line.startsWith('+')) ? lines : lines.filter((line) => !line.startsWith('!'));

/** What replaces that of targets that are there. */
const askedNow = ({ signing, folder, destinations: asked }: ReleaseTargetsRequest, destinations: Destinations): Partial<MergeRequest> => ({
  ...(signing && { signing }),
  ...((folder ?? asked) !== undefined && { destinations }),
});

function hiddenByTarget(tree: GeneratorTree, project: ProjectFacts, planned: Planned): Readonly<Record<string, HiddenDefaults>> {
  const defaults = readJsonFile(tree, 'nx.json')['targetDefaults'];
  const own = [...Object.keys(project.targets), ...project.scripts, ...Object.keys(planned)];
  const entries = Object.entries(planned).map(([name, { executor }]) => [name, hiddenDefaults(defaults, name, executor === 'nx:noop', own)] as const);
  return Object.fromEntries(entries);
}

const leftOut = (project: string, hidden: Readonly<Record<string, HiddenDefaults>>): readonly string[] =>
  Object.entries(hidden)
    .filter(([, { left }]) => left.length > 0)
    .map(
      ([name, { left }]) =>
        `! targetDefaults of ${name}: ${project} has no target for ${JSON.stringify(left)}; name it in \`dependsOn\` of ${name} once there is one`,
    );

/** What is asked for, else what its targets say; at first a folder, which needs no account. */
function destinationsFor({ targets }: ProjectFacts, { folder, destinations }: ReleaseTargetsRequest): Destinations {
  if (destinations !== undefined && destinations.length > 0) return parseDestinations(destinations, folder);
  const present = destinationsOfTargets(targets) ?? parseDestinations(['folder'], folder ?? DEFAULT_FOLDER);
  return folder === undefined ? present : inFolder(present, folder);
}

/** What is asked for, else what its targets say, else what is first. */
function planFor(project: ProjectFacts, kind: ProjectKind, request: ReleaseTargetsRequest, host: HostProcess): Omit<TargetsPlan, 'kind'> {
  const written = kind === 'library' || request.platforms?.length ? [] : platformsOfTargets(project.targets, host);
  return {
    platforms: written.length > 0 ? written : choosePlatforms(kind, request.platforms, host),
    signing: request.signing ?? signingOfProject(project) ?? NO_KEY_YET,
    destinations: destinationsFor(project, request),
    ...nativeFor(project, request),
  };
}

/** What is asked for, else what its targets say. A program is that of its build: another build is asked for with its own. */
function nativeFor({ targets }: ProjectFacts, { nativeTarget, binary }: ReleaseTargetsRequest): { nativeTarget?: string; binary?: string } {
  const asked = { ...(nativeTarget !== undefined && { nativeTarget }), ...(binary !== undefined && { binary }) };
  return nativeTarget === undefined ? { ...nativeOfTargets(targets), ...asked } : asked;
}

/** What its targets are signed with now: new ones get the same. */
function signingOfProject({ targets }: ProjectFacts): Signing | undefined {
  const signed = Object.values(targets).filter(({ executor }) => executor === '@waybill/signing:sign');
  return signed.map(({ options }) => signingOf(options)).find((found) => found !== undefined);
}

function saveTargets(tree: GeneratorTree, { file, name, root }: ProjectFacts, { targets }: Merged): void {
  const isPackage = file.endsWith('package.json');
  const before: JsonObject = tree.exists(file) ? readJsonFile(tree, file) : { name, root };
  if (!isPackage) {
    const { root: _root, ...json } = before;
    writeJsonFile(tree, file, before, withTargets(json, targets));
    return;
  }
  const { nx, ...rest } = before;
  const kept = withTargets(isObject(nx) ? nx : {}, targets);
  writeJsonFile(tree, file, before, Object.keys(kept).length > 0 ? { ...before, nx: kept } : rest);
}

/** Targets stand where they stood; none at all leave no empty object behind. */
function withTargets(json: JsonObject, targets: Merged['targets']): JsonObject {
  if (Object.keys(targets).length > 0) return { ...json, targets };
  const { targets: _targets, ...rest } = json;
  return rest;
}

/** What ships is the release build; `@monodon/rust` builds for debugging unless told otherwise, and `dependsOn` can name no configuration. */
function debugHint({ name, targets }: ProjectFacts, { nativeTarget = 'build' }: Pick<ReleaseTargetsRequest, 'nativeTarget'>): readonly string[] {
  const build = targets[nativeTarget];
  if (build?.executor !== '@monodon/rust:build' || build.options?.['release'] === true) return [];
  return [`! ${name}:${nativeTarget} builds for debugging: set \`"release": true\` among its options, or the packaged file is not there`];
}

/** Poetry keeps name and version where no other backend looks. */
const backendFor = ({ pyproject }: ProjectFacts): string =>
  isObject(pyproject?.['tool']) && isObject(pyproject['tool']['poetry'])
    ? 'requires = ["poetry-core"] and build-backend = "poetry.core.masonry.api"'
    : 'requires = ["hatchling"] and build-backend = "hatchling.build"';

/** What the guide "Package an application" has: guides are not where the packages are. */
const SMOKE_ANSWER = 'print(json.dumps({"version": platform.python_version(), "prefix": sys.prefix, "executable": sys.executable}))';

function hints(project: ProjectFacts, { kind, signing, destinations }: TargetsPlan): readonly string[] {
  const { name, answersSmoke } = project;
  const program =
    kind === 'library' && isLikelyProgram(project)
      ? [`! its wheel is released; for a program that brings its own Python: npx nx g @waybill/release:release-targets ${name} --kind=python-app`]
      : [];
  const backend = lacksBackend(project)
    ? [`! build-wheel needs a build backend in ${project.root}/pyproject.toml: [build-system] with ${backendFor(project)}`]
    : [];
  const smoke =
    kind === 'library' || answersSmoke
      ? []
      : [`! the proof starts the program with \`--smoke-python\`, which no source handles; answer with JSON: \`${SMOKE_ANSWER}\``];
  const unsigned =
    'allowUnsigned' in signing
      ? [
          `! unsigned until a key is chosen: make one (npx @waybill/release make-key), then npx nx g @waybill/release:release-targets ${name} --sign=minisign --keyEnv=RELEASE_KEY`,
        ]
      : [];
  const variables = variablesOf(destinations);
  const publish = variables.length === 0 ? [] : [`! with a release tag, publish reads ${variables.join(', ')}; without one it writes folders alone`];
  return [...program, ...backend, ...smoke, ...unsigned, ...publish, `next: npx nx run ${name}:release`];
}
