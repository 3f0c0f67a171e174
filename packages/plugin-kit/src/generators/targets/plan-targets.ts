import { posix } from 'node:path';
import type { NxInput } from '../../nx-context';
import { exclusionsIn, targetDefaults } from '../../targets/target-defaults';
import { targetsFor, type ProjectKind, type TargetLines } from '../../targets/targets-for';
import { generatorErrors } from '../generator-errors';
import { isObject, type JsonObject } from '../generator-tree';
import { crateName, startModule } from './detect-kind';
import type { Destinations } from './destination-options';
import type { ProjectFacts } from './project-facts';
import { signingOptions, type Signing } from './signing-options';

export interface TargetsPlan {
  kind: ProjectKind;
  platforms: readonly string[];
  signing: Signing;
  /** Where releases go. */
  destinations: Destinations;
  /** The target that makes the native program of an embedded-app; by default one called `build`. */
  nativeTarget?: string;
  /** The native program, relative to the workspace; by default where that target says. */
  binary?: string;
}

/** The target that says where releases go; `nx-release-publish` has no `to`, and goes where this one goes. */
export const PUBLISH_TARGET = 'publish';

export type PlannedTarget = TargetLines & { options?: JsonObject };

/** Executors whose targets would have nothing before them: packaging for macOS is not built yet. */
const NOTHING_BEFORE: ReadonlySet<string> = new Set(['@waybill/signing:notarize']);

/** The targets of a project with their options, by name, in the order of a release. Pure. */
export function planTargets(project: ProjectFacts, plan: TargetsPlan): Readonly<Record<string, PlannedTarget>> {
  const native = plan.kind === 'embedded-app' ? nativeProgram(project, plan) : undefined;
  const targets = targetsFor({
    kind: plan.kind,
    platforms: plan.platforms,
    hasWheel: plan.kind !== 'embedded-app' || project.pyproject !== undefined,
    ...(native && { nativeTarget: native.target }),
  });
  const fed = Object.entries(targets).filter(([, { executor }]) => !NOTHING_BEFORE.has(executor));
  return Object.fromEntries(fed.map(([name, lines]) => [name, withOptions(name, lines, project, plan, native)]));
}

function withOptions(
  name: string,
  lines: TargetLines,
  project: ProjectFacts,
  { kind, signing, destinations }: TargetsPlan,
  native: NativeProgram | undefined,
): PlannedTarget {
  switch (lines.executor) {
    // The wheel of a program goes into its bundle, and nowhere else: not to an index, whose rules for descriptions are none for it.
    case '@waybill/python:build-wheel':
      return kind === 'library'
        ? libraryWheel(lines, project)
        : { ...lines, inputs: wheelInputs('waybillWheel', ...exclusionsIn(project.root)), options: CARRIED };
    case '@waybill/bundle:package-dist': {
      const start = native ? { binary: native.binary } : { entry: { module: startModule(project) } };
      const more = [...exclusionsIn(project.root), ...(native ? [{ dependentTasksOutputFiles: native.binary }] : [])];
      return {
        ...lines,
        ...(more.length > 0 && { inputs: inputsWith(lines.executor, ...more) }),
        options: { ...start, ...(project.lock !== undefined && { requirements: project.lock }) },
      };
    }
    case '@waybill/bundle:relocatability-smoke':
      return kind === 'python-app' ? { ...lines, options: { imports: [startModule(project)] } } : lines;
    case '@waybill/signing:sign':
      return { ...lines, options: signingOptions(signing) };
    case '@waybill/release:publish':
      return name === PUBLISH_TARGET ? { ...lines, options: { to: destinations } } : lines;
    default:
      return lines;
  }
}

const CARRIED: JsonObject = { sdist: false, ships: false, metadata: 'warn' };

/** Where the sdist lists what it holds, documents that are not listed make nothing. */
function libraryWheel(lines: TargetLines, { pyproject }: ProjectFacts): PlannedTarget {
  const listed = listedInSdist(pyproject);
  const holdsDocs = listed === undefined || listed.some((path) => !/^\/?[\w.-]+\/?$/.test(path) || /^\/?(docs\/?|\.\/?)$/.test(path));
  return holdsDocs ? lines : { ...lines, inputs: wheelInputs('waybillDistribution', '!{projectRoot}/docs/**/*') };
}

/** `only-include` of hatchling: the one list that leaves no room for more but README, licence and pyproject.toml. */
function listedInSdist(pyproject: JsonObject | undefined): readonly string[] | undefined {
  const tables = ['tool', 'hatch', 'build', 'targets', 'sdist'];
  const sdist = tables.reduce<JsonObject>((at, key) => (isObject(at[key]) ? at[key] : {}), pyproject ?? {});
  const listed = sdist['only-include'];
  return Array.isArray(listed) && listed.every((path) => typeof path === 'string') ? listed : undefined;
}

const wheelInputs = (...sources: readonly string[]): readonly NxInput[] => [
  ...sources,
  ...targetDefaults()['@waybill/python:build-wheel']!.inputs.slice(1),
];

/** `inputs` of a target replace the defaults as a whole, so they are repeated. */
function inputsWith(executor: string, ...more: readonly NxInput[]): readonly NxInput[] {
  const [sources, ...rest] = targetDefaults()[executor]!.inputs;
  return [sources!, ...more, ...rest];
}

interface NativeProgram {
  target: string;
  binary: string;
}

/** Outputs of the native build decide where the program is; `GRAPH_NATIVE_TARGET` when there is no such build. */
function nativeProgram(project: ProjectFacts, { nativeTarget = 'build', binary }: TargetsPlan): NativeProgram {
  const target = project.targets[nativeTarget];
  if (!target)
    throw generatorErrors.error('GRAPH_NATIVE_TARGET', { project: project.name, target: nativeTarget, known: Object.keys(project.targets) });
  if (binary !== undefined) return { target: nativeTarget, binary };
  const crate = crateName(project);
  const output = target.outputs?.map((text) => inWorkspace(text, project.root)).find((path) => posix.basename(path) === crate);
  const folder = target.options?.['target-dir'];
  const elsewhere = typeof folder === 'string' ? posix.join(folder, 'release', crate) : posix.join(project.root, 'target/release', crate);
  return { target: nativeTarget, binary: output ?? elsewhere };
}

const inWorkspace = (output: string, root: string): string =>
  posix.normalize(output.replace(/^\{workspaceRoot\}\/?/, '').replaceAll('{projectRoot}', root));
