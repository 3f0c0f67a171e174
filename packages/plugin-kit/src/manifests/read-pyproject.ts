import { normaliseDistribution } from '@waybill/artifacts';
import { posix } from 'node:path';
import type { ManifestFacts, UvSource } from './manifest-facts';

type Table = Readonly<Record<string, unknown>>;

export const tableOf = (value: unknown): Table => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : {});
export const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []);

/** PEP 508: the name that a requirement starts with, and the folder of `name @ file:…`. */
const REQUIREMENT = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\]\s*)?(?:@\s*(\S+))?/;

/** Nothing for an address outside of the workspace. */
export function readRequirement(text: string): { name: string; path?: string } | undefined {
  const [, name, address] = REQUIREMENT.exec(text) ?? [];
  if (name === undefined) return undefined;
  if (address === undefined) return { name: normaliseDistribution(name) };
  const path = pathOfAddress(address);
  return path === undefined ? undefined : { name: normaliseDistribution(name), path };
}

/** What stands for the project's own folder in addresses: of PDM (`file:///${PROJECT_ROOT}/../lib`) and Hatch (`{root:uri}/../lib`, `{root:parent:uri}/lib`). */
const OWN_FOLDER = /^(?:file:(?:\/\/)?\/?)?(?:\$\{PROJECT_ROOT\}|\{root((?::parent)*)(?::(?:uri|real))?\})\/?/;

/** `file:../lib`, `file:./lib`, `../lib` (uv); an absolute path names no place in a workspace that others have too. */
function pathOfAddress(address: string): string | undefined {
  const [own, parents = ''] = OWN_FOLDER.exec(address) ?? [];
  const path = address
    .slice(own?.length ?? 0)
    .replace(/^file:/, '')
    .replace(/[?#].*$/, '');
  if (own !== undefined) return `${parents.replaceAll(':parent', '../')}${path}` || '.';
  return path.startsWith('/') || !(address.startsWith('file:') || /^\.{1,2}(\/|$)/.test(address)) ? undefined : path;
}

/** Names of groups, extras and requirements files of what tests and tools need. */
export const NAMES_FOR_TESTS = ['dev', 'develop', 'development', 'test', 'tests', 'testing', 'doc', 'docs', 'lint', 'typing'];

/** An extra of tests, from before there were groups (PEP 735). A library and what it is tested with go in circles. */
export const isForTests = (extra: string): boolean => NAMES_FOR_TESTS.includes(normaliseDistribution(extra));

const extrasOf = (value: unknown): readonly unknown[] => Object.entries(tableOf(value)).flatMap(([extra, list]) => (isForTests(extra) ? [] : [list]));

/** setuptools: requirements that stand in files of their own. */
function includesOf(dynamic: Table): readonly string[] {
  const lists = [dynamic['dependencies'], ...extrasOf(dynamic['optional-dependencies'])].map((list) => tableOf(list)['file']);
  return unique(lists.flatMap((file) => (typeof file === 'string' ? [file] : textsOf(file))));
}

/**
 * Dependencies to run (extras too, but those of tests and tools) and to build; those of groups (PEP 735) are for tests and tools, and would close circles between a
 * library and what it is tested with, so a source of uv counts for names alone that are needed to run or to build. A source of uv or Poetry that is no path and no workspace (git, an index, a URL) takes a name out.
 */
export function readPyproject(manifest: Table): ManifestFacts {
  const project = tableOf(manifest['project']);
  const poetry = tableOf(tableOf(manifest['tool'])['poetry']);
  const uv = tableOf(tableOf(manifest['tool'])['uv']);
  const sources = tableOf(uv['sources']);
  const texts = [
    ...textsOf(project['dependencies']),
    ...extrasOf(project['optional-dependencies']).flatMap(textsOf),
    ...textsOf(tableOf(manifest['build-system'])['requires']),
  ];
  const requirements = texts.map(readRequirement).filter((found) => found !== undefined);
  const ofPoetry = Object.entries(tableOf(poetry['dependencies']));
  const foreign = new Set(
    [...Object.entries(sources), ...ofPoetry].filter(([, source]) => isElsewhere(source)).map(([name]) => normaliseDistribution(name)),
  );
  const name = project['name'] ?? poetry['name'];
  const needs = [...requirements.map((requirement) => requirement.name), ...ofPoetry.map(([key]) => normaliseDistribution(key))];
  const includes = includesOf(tableOf(tableOf(tableOf(manifest['tool'])['setuptools'])['dynamic']));
  const ofNeeds = Object.entries(sources).filter(([key]) => needs.includes(normaliseDistribution(key)));
  return {
    ...(typeof name === 'string' && name !== '' && { name }),
    needs: unique(needs.filter((need) => !foreign.has(need) && need !== 'python')),
    paths: unique([
      ...requirements.flatMap(({ path }) => (path === undefined ? [] : [path])),
      ...[...ofNeeds, ...ofPoetry].flatMap(([, source]) => pathsOf(source)),
      ...cratesOf(tableOf(manifest['tool'])),
    ]),
    ...(includes.length > 0 && { includes }),
    ...(Object.keys(sources).length > 0 && { uvSources: uvSources(sources) }),
    ...(uv['workspace'] !== undefined && { uvWorkspace: uvWorkspace(tableOf(uv['workspace'])) }),
  };
}

const uvSources = (sources: Table): Readonly<Record<string, UvSource>> =>
  Object.fromEntries(
    Object.entries(sources).map(([name, source]) => {
      const paths = pathsOf(source);
      const isWorkspace = tablesOf(source).some(({ workspace }) => workspace === true);
      return [normaliseDistribution(name), { ...(paths.length > 0 && { paths }), ...(isWorkspace && { workspace: true as const }) }];
    }),
  );

const uvWorkspace = ({ members, exclude }: Table): NonNullable<ManifestFacts['uvWorkspace']> => ({
  members: textsOf(members),
  exclude: textsOf(exclude),
});

/** Folders of crates that the backend builds: of maturin, and of setuptools-rust. One beside the manifest is read with it. */
function cratesOf(tool: Table): readonly string[] {
  const rust = tableOf(tool['setuptools-rust']);
  const modules = [rust['ext-modules'], rust['bins']].flatMap((list) => (Array.isArray(list) ? list.map(tableOf) : []));
  const manifests = [tableOf(tool['maturin'])['manifest-path'], ...modules.map(({ path }) => path)];
  return manifests.flatMap((path) => (typeof path === 'string' && posix.dirname(path) !== '.' ? [posix.dirname(path)] : []));
}

/** One table, or a list of tables with markers. */
const tablesOf = (value: unknown): readonly Table[] => (Array.isArray(value) ? value.map(tableOf) : [tableOf(value)]);
const pathsOf = (source: unknown): readonly string[] => tablesOf(source).flatMap(({ path }) => (typeof path === 'string' ? [path] : []));
/** Of several, by markers, all: one that is local on some machine is needed there. */
const isElsewhere = (source: unknown): boolean =>
  tablesOf(source).every((table) => ['git', 'url', 'index', 'source'].some((key) => table[key] !== undefined));

/** Normalized; nothing for an address outside of the workspace. */
export const readRequirementName = (text: string): string | undefined => readRequirement(text)?.name;

export const unique = <T>(list: readonly T[]): readonly T[] => [...new Set(list)];
