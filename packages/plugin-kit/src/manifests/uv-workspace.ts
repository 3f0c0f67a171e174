import { posix } from 'node:path';
import { matchGlob } from '../inputs/match-filesets';
import type { ManifestFacts, UvSource } from './manifest-facts';

interface Placed {
  /** Relative to the workspace of Nx. */
  path: string;
  facts: ManifestFacts;
}

/** The manifest of the uv workspace that a manifest belongs to: the nearest above, or itself; nothing where that one leaves its folder out (uv, "Using workspaces"). */
export function uvRootOf(path: string, all: readonly Placed[]): Placed | undefined {
  const folder = posix.dirname(path);
  const nearest = all
    .filter((root) => root.facts.uvWorkspace !== undefined && isAtOrAbove(posix.dirname(root.path), folder))
    .sort((one, other) => other.path.length - one.path.length)[0];
  return nearest && isMember(folder, nearest) ? nearest : undefined;
}

/** The root is a member of its own. */
export function isMember(folder: string, { path, facts }: Placed): boolean {
  const inRoot = posix.relative(posix.dirname(path), folder);
  if (inRoot === '') return true;
  const { members, exclude } = facts.uvWorkspace!;
  const matches = (globs: readonly string[], place: string): boolean => globs.some((glob) => matchesGlob(glob, place));
  return !inRoot.startsWith('..') && matches(members, inRoot) && !atAndAbove(inRoot).some((place) => matches(exclude, place));
}

/** What the root says of a name of which the member says nothing. */
export const inheritedSource = (name: string, { uvSources: own = {} }: ManifestFacts, root: Placed | undefined): UvSource | undefined =>
  own[name] === undefined ? root?.facts.uvSources?.[name] : undefined;

/** A folder without a pattern is that folder alone. */
export function matchesGlob(glob: string, folder: string): boolean {
  const plain = posix.normalize(glob).replace(/\/$/, '');
  return plain === folder || (/[*?[{]/.test(plain) && matchGlob(plain, folder));
}

export const isAtOrAbove = (folder: string, place: string): boolean => folder === '.' || place === folder || place.startsWith(`${folder}/`);

/** `a/b` → `a/b`, `a`. */
const atAndAbove = (place: string): readonly string[] => (place === '.' ? [] : [place, ...atAndAbove(posix.dirname(place))]);
