import type { ManifestFacts } from './manifest-facts';
import { tableOf, textsOf, unique } from './read-pyproject';

type Table = Readonly<Record<string, unknown>>;

const entriesOf = (table: unknown): readonly (readonly [string, Table])[] =>
  Object.entries(tableOf(table)).map(([name, value]) => [name, tableOf(value)] as const);
/** `name = { package = "name-in-the-registry" }` */
const packageOf = (name: string, { package: real }: Table): string => (typeof real === 'string' ? real : name);
const pathsByName = (entries: readonly (readonly [string, Table])[], nameOf: typeof packageOf): Readonly<Record<string, string>> =>
  Object.fromEntries(entries.flatMap(([name, table]) => (typeof table['path'] === 'string' ? [[nameOf(name, table), table['path']]] : [])));

/**
 * Crates by path, of dependencies to run and to build, for every platform, and what can make one local: the Cargo workspace and `[patch]`. Those of tests are left out: Cargo allows
 * circles there, Nx does not.
 */
export function readCargo(manifest: Table): ManifestFacts {
  const platforms = Object.values(tableOf(manifest['target'])).map(tableOf);
  const entries = [manifest, ...platforms].flatMap((table) => [...entriesOf(table['dependencies']), ...entriesOf(table['build-dependencies'])]);
  const inherited = unique(entries.filter(([, { workspace }]) => workspace === true).map(([name]) => name));
  const foreign = unique(
    entries.flatMap(([name, table]) => (table['path'] === undefined && table['workspace'] !== true ? [packageOf(name, table)] : [])),
  );
  const patched = pathsByName(Object.values(tableOf(manifest['patch'])).flatMap(entriesOf), packageOf);
  const root = tableOf(manifest['package'])['workspace'];
  return {
    needs: [],
    paths: unique(entries.flatMap(([, { path }]) => (typeof path === 'string' ? [path] : []))),
    ...(inherited.length > 0 && { inheritedCrates: inherited }),
    ...(foreign.length > 0 && { foreignCrates: foreign }),
    ...(typeof root === 'string' && { cargoWorkspace: root }),
    ...(Object.keys(patched).length > 0 && { patchedCrates: patched }),
    ...workspaceFacts(manifest),
  };
}

function workspaceFacts(manifest: Table): Pick<ManifestFacts, 'workspaceCrates' | 'cargoExclude' | 'cargoMembers'> {
  if (manifest['workspace'] === undefined) return {};
  const { dependencies, exclude, members } = tableOf(manifest['workspace']);
  return {
    workspaceCrates: pathsByName(entriesOf(dependencies), (name) => name),
    cargoExclude: textsOf(exclude),
    ...(manifest['package'] === undefined && { cargoMembers: textsOf(members) }),
  };
}
