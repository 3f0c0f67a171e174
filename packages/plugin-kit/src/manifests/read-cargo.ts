import type { ManifestFacts } from './manifest-facts';
import { tableOf, unique } from './read-pyproject';

type Table = Readonly<Record<string, unknown>>;

/** Crates by path, of dependencies to run and to build, for every platform. Those of tests are left out: Cargo allows circles there, Nx does not. */
export function readCargo(manifest: Table): ManifestFacts {
  const platforms = Object.values(tableOf(manifest['target'])).map(tableOf);
  const tables = [manifest, ...platforms].flatMap((table) => [tableOf(table['dependencies']), tableOf(table['build-dependencies'])]);
  const entries = tables.flatMap((table) => Object.entries(table).map(([name, value]) => [name, tableOf(value)] as const));
  const shared = Object.entries(tableOf(tableOf(manifest['workspace'])['dependencies'])).map(([name, value]) => [name, tableOf(value)] as const);
  return {
    needs: [],
    paths: unique(entries.flatMap(([, { path }]) => (typeof path === 'string' ? [path] : []))),
    inheritedCrates: unique(entries.filter(([, { workspace }]) => workspace === true).map(([name]) => name)),
    workspaceCrates: Object.fromEntries(shared.flatMap(([name, { path }]) => (typeof path === 'string' ? [[name, path]] : []))),
  };
}
