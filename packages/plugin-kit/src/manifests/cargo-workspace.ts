import { posix } from 'node:path';
import type { ManifestFacts } from './manifest-facts';
import { isAtOrAbove, matchesGlob } from './uv-workspace';

interface Placed {
  path: string;
  facts: ManifestFacts;
}

/** Folders, relative to the workspace of Nx, of the crates that the Cargo workspace makes local: by `workspace = true`, and by `[patch]` for what a registry or git would give. */
export function cratesByWorkspace({ path, facts }: Placed, all: readonly Placed[]): readonly string[] {
  const { inheritedCrates = [], foreignCrates = [] } = facts;
  if (inheritedCrates.length + foreignCrates.length === 0) return [];
  const root = cargoRootOf({ path, facts }, all);
  const { workspaceCrates = {}, patchedCrates = {} } = root.facts;
  const places = [
    ...inheritedCrates.map((crate) => workspaceCrates[crate] ?? patchedCrates[crate]),
    ...foreignCrates.map((crate) => patchedCrates[crate]),
  ];
  return places.flatMap((place) => (place === undefined ? [] : [posix.join(posix.dirname(root.path), place)]));
}

/** The crate itself, the one that `package.workspace` names, or the nearest above that does not leave it out; the crate itself where there is none (the Cargo Book, "Workspaces"). */
function cargoRootOf(crate: Placed, all: readonly Placed[]): Placed {
  if (crate.facts.cargoExclude !== undefined) return crate;
  const folder = posix.dirname(crate.path);
  const named = crate.facts.cargoWorkspace === undefined ? undefined : posix.join(folder, crate.facts.cargoWorkspace, 'Cargo.toml');
  if (named !== undefined) return all.find(({ path }) => path === named) ?? crate;
  const above = all
    .filter(({ path, facts }) => facts.cargoExclude !== undefined && isAtOrAbove(posix.dirname(path), folder))
    .sort((one, other) => other.path.length - one.path.length)[0];
  return above === undefined || isExcluded(folder, above) ? crate : above;
}

const isExcluded = (folder: string, { path, facts }: Placed): boolean =>
  (facts.cargoExclude ?? []).some((place) => isAtOrAbove(posix.join(posix.dirname(path), place).replace(/\/$/, ''), folder));

/** Folders of the members of a Cargo workspace, of the manifests of Cargo that there are. */
export function matchMembers({ path, facts }: Placed, manifests: readonly string[]): readonly string[] {
  const root = posix.dirname(path);
  const members = (facts.cargoMembers ?? []).map((glob) => posix.join(root, glob));
  const folders = manifests.map((manifest) => posix.dirname(manifest));
  return folders.filter((folder) => !isExcluded(folder, { path, facts }) && members.some((glob) => matchesGlob(glob, folder)));
}
