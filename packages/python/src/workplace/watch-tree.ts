import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { COVERAGE_DATA, TOOL_FOLDERS } from './tool-folders';

/** State of each file by path: what changes when anybody writes to it. */
export type TreeState = ReadonlyMap<string, string>;

/** Large, and other tools change them at any time: tests of the project run beside its build. */
const NOT_WATCHED: ReadonlySet<string> = new Set([...TOOL_FOLDERS, 'dist', 'target']);
const isOfTools = (name: string): boolean => NOT_WATCHED.has(name) || COVERAGE_DATA.test(name);

/** Remembers a tree by size, time, mode and inode; folders of other tools left out. */
export function watchTree(root: string, skip: (name: string) => boolean = isOfTools): TreeState {
  const state = new Map<string, string>();
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (skip(entry.name)) continue;
      if (entry.isDirectory()) folders.push(path);
      const stats = entry.isDirectory() ? undefined : lstatSync(join(root, path), { throwIfNoEntry: false });
      state.set(path, stats === undefined ? 'folder' : [stats.size, stats.mtimeMs, stats.mode, stats.ino].join(' '));
    }
  }
  return state;
}

export interface TreeChanges {
  added: readonly string[];
  changed: readonly string[];
  removed: readonly string[];
}

export function changesBetween(before: TreeState, after: TreeState): TreeChanges {
  const added = [...after.keys()].filter((path) => !before.has(path)).sort();
  const changed = [...after].filter(([path, state]) => before.has(path) && before.get(path) !== state).map(([path]) => path);
  const removed = [...before.keys()].filter((path) => !after.has(path)).sort();
  return { added, changed: changed.sort(), removed };
}

export const anyChange = ({ added, changed, removed }: TreeChanges): boolean => added.length + changed.length + removed.length > 0;
