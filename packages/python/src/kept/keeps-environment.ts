import { normaliseDistribution } from '@waybill/artifacts';
import { UV, type ResolvedTool } from '@waybill/core';
import { readRequirement } from '@waybill/distributions';
import type { Network } from '../environment/network';
import { table, type ProjectFacts, type Table } from '../project/project-facts';

/** What decides whether a build may use an environment that others use too. */
export interface KeepingRequest {
  project: Pick<ProjectFacts, 'backend' | 'requires' | 'manifest'>;
  /** The project's folder and the files, relative to what is copied. */
  sources: { project: string; paths: readonly string[] };
  /** Of the frontends that make sdist and wheel. */
  tools: readonly ResolvedTool[];
  network: Network;
  /** `linux`, `darwin`, `win32`. */
  system: string;
  /** Names of variables that the target hands on. */
  passEnv: readonly string[];
}

/** Distributions that hold Python code alone, and nothing that compilers read. */
const PURE = new Set([
  'hatchling',
  'hatch-vcs',
  'hatch-fancy-pypi-readme',
  'flit-core',
  'poetry-core',
  'pdm-backend',
  'setuptools',
  'setuptools-scm',
  'wheel',
]);

/** Settings of uv that have no part in what an isolated build installs. */
const NEUTRAL = new Set([
  'conflicts',
  'default-groups',
  'dependency-groups',
  'dev-dependencies',
  'managed',
  'package',
  'required-version',
  'sources',
  'workspace',
]);

type Reads = (tool: Table, has: (file: string) => boolean) => boolean;

/** Any of these keys, however deep. */
const holds = (value: unknown, keys: ReadonlySet<string>): boolean =>
  Object.entries(table(value)).some(([key, inner]) => keys.has(key) || holds(inner, keys));

const OF_HATCH = new Set(['dependencies', 'require-runtime-dependencies', 'require-runtime-features']);
const HOOKS_WITHOUT_NEEDS = new Set(['vcs', 'version']);

/** Hooks that are not known may need more; the backend alone could tell. */
function hooksOfHatch(build: Table): readonly string[] {
  const targets = Object.values(table(build['targets']));
  return [build, ...targets].flatMap((place) => Object.keys(table(table(place)['hooks'])));
}

/** Backends, and when one asks for nothing but what `[build-system]` requires (its `get_requires_for_build_*`), so that nobody needs to start it for that. */
const ASK_FOR_NOTHING: Readonly<Record<string, Reads>> = {
  'hatchling.build': ({ hatch }, has) => {
    const build = table(table(hatch)['build']);
    return !has('hatch.toml') && !holds(build, OF_HATCH) && hooksOfHatch(build).every((name) => HOOKS_WITHOUT_NEEDS.has(name));
  },
  'flit_core.buildapi': () => true,
  'poetry.core.masonry.api': ({ poetry }) => table(poetry)['build'] === undefined,
  'pdm.backend': ({ pdm }, has) => !has('pdm_build.py') && !holds(table(pdm)['build'], new Set(['run-setuptools', 'custom-hook'])),
  // setup.py and setup.cfg have setup_requires
  'setuptools.build_meta': ({ setuptools }, has) => !has('setup.py') && !has('setup.cfg') && table(setuptools)['cmdclass'] === undefined,
};

const isPure = (requirement: string): boolean => {
  const read = readRequirement(requirement);
  return !('fault' in read) && read.requirement.url === undefined && PURE.has(normaliseDistribution(read.requirement.name));
};

/**
 * May the environment that a build needs be kept for the next one? Only where it depends on the versions of its distributions alone: a backend that is
 * known to need nothing else, and requirements whose paths no compiler writes into what it makes.
 */
export function keepsEnvironment({ project, sources, tools, network, system, passEnv }: KeepingRequest): boolean {
  const { backend, requires, manifest } = project;
  const tool = table(manifest['tool']);
  const prefix = sources.project === '' ? '' : `${sources.project}/`;
  const has = (file: string): boolean => sources.paths.includes(`${prefix}${file}`);
  return (
    system !== 'win32' &&
    network === 'open' &&
    tools.length > 0 &&
    tools.every(({ id }) => id === UV.id) &&
    !passEnv.some((name) => /^(UV|PIP)_/.test(name)) &&
    !sources.paths.some((path) => /(^|\/)uv\.toml$/.test(path)) &&
    Object.keys(table(tool['uv'])).every((key) => NEUTRAL.has(key)) &&
    table(manifest['build-system'])['backend-path'] === undefined &&
    requires.every(isPure) &&
    ASK_FOR_NOTHING[backend]?.(tool, has) === true
  );
}

/** Versions below which these backends ask for more after all. */
const ASK_SINCE: Readonly<Record<string, number>> = { 'flit-core': 3, setuptools: 71 };

export const asksForMore = (versions: ReadonlyMap<string, string>): boolean =>
  Object.entries(ASK_SINCE).some(([name, least]) => Number.parseInt(versions.get(name) ?? String(least), 10) < least);
