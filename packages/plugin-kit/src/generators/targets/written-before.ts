import { posix } from 'node:path';
import { formatPlatform, hostPlatform, type HostProcess } from '@waybill/artifacts';
import type { ProjectKind } from '../../targets/targets-for';
import type { ProjectFacts } from './project-facts';

type Targets = ProjectFacts['targets'];

const PACKAGE = '@waybill/bundle:package-dist';

const packagesIn = (targets: Targets): readonly (readonly [string, Targets[string]])[] =>
  Object.entries(targets).filter(([, { executor }]) => executor === PACKAGE);

/** The kind that the targets of a project were written for, so that another run need not be told again; absent where none were. */
export function kindOfTargets(targets: Targets): ProjectKind | undefined {
  const packages = packagesIn(targets);
  if (packages.some(([, { options }]) => typeof options?.['binary'] === 'string')) return 'embedded-app';
  if (packages.some(([, { options }]) => options?.['entry'] !== undefined)) return 'python-app';
  const isLibrary = packages.length === 0 && targets['checksum']?.executor === '@waybill/release:checksum' && targets['build-wheel'] !== undefined;
  return isLibrary ? 'library' : undefined;
}

/** The native build and its program that bundles are made of, as their targets have them. */
export function nativeOfTargets(targets: Targets): { nativeTarget?: string; binary?: string } {
  const [, bundle] = packagesIn(targets).find(([, { options }]) => typeof options?.['binary'] === 'string') ?? [];
  const nativeTarget = (bundle?.dependsOn ?? []).find(
    (entry) => typeof entry === 'string' && targets[entry] !== undefined && !targets[entry].executor?.startsWith('@waybill/'),
  );
  const binary = bundle?.options?.['binary'];
  return {
    ...(typeof nativeTarget === 'string' && { nativeTarget }),
    ...(typeof binary === 'string' && { binary }),
  };
}

const WHEEL = '@waybill/python:build-wheel';
const WITHOUT_DOCS = '!{projectRoot}/docs/**/*';

/**
 * The project as targets of a kind were written for it, whatever its files say now: what they were read from may be another's, changed or gone. For
 * taking them out.
 */
export function projectAsWritten(project: ProjectFacts, kind: ProjectKind): ProjectFacts {
  const { lock: _now, pyproject: _own, ...rest } = project;
  const [, bundle] = packagesIn(project.targets)[0] ?? [];
  const requirements = bundle?.options?.['requirements'];
  const isOurs =
    typeof requirements === 'string' &&
    posix.dirname(requirements) === project.root &&
    /^requirements\.(lock|txt)$/.test(posix.basename(requirements));
  return {
    ...rest,
    targets: { ...project.targets, ...nativeStub(project.targets) },
    startModules: [moduleOfTargets(project.targets) ?? 'main'],
    ...(isOurs && { lock: requirements }),
    ...wheelStub(project, kind),
  };
}

/** The module that a Python program starts, as its bundle or the proof of it has it. */
function moduleOfTargets(targets: Targets): string | undefined {
  const entries = packagesIn(targets).map(([, { options }]) => (options?.['entry'] as { module?: unknown } | undefined)?.module);
  const imports = Object.values(targets).flatMap(({ executor, options }) =>
    executor === '@waybill/bundle:relocatability-smoke' && Array.isArray(options?.['imports']) ? (options['imports'] as unknown[]) : [],
  );
  return [...entries, ...imports].find((module) => typeof module === 'string');
}

/** A build that is gone, by the name that bundles have it before them; `build` where none is named. */
function nativeStub(targets: Targets): Targets {
  const named = packagesIn(targets).flatMap(([, { dependsOn = [] }]) =>
    dependsOn.filter((entry) => typeof entry === 'string' && !entry.startsWith('^')),
  );
  const gone = [...named, 'build'].filter((name): name is string => typeof name === 'string' && targets[name] === undefined);
  return Object.fromEntries(gone.map((name) => [name, {}]));
}

/** A manifest with a name; with a list of what the sdist holds where the wheel's target leaves documents out. A native program has one where it has such a target. */
function wheelStub({ name, targets }: ProjectFacts, kind: ProjectKind): Pick<ProjectFacts, 'pyproject'> {
  const wheel = Object.values(targets).find(({ executor }) => executor === WHEEL);
  if (!wheel && kind === 'embedded-app') return {};
  const sdist = wheel?.inputs?.includes(WITHOUT_DOCS) ? { 'only-include': [] } : {};
  return { pyproject: { project: { name }, tool: { hatch: { build: { targets: { sdist } } } } } };
}

/** Bundles for Linux have targets already: another run works with them on any machine, as long as no other platforms are asked for. */
export const platformsOfTargets = (targets: Targets, host: HostProcess): readonly string[] =>
  targets['package-linux']?.executor === PACKAGE ? [formatPlatform({ ...hostPlatform(host), os: 'linux' })] : [];
