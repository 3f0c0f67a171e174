import { comparePaths, readTree, type TreeItem } from '@waybill/core';
import { detectLayout, type BundleEntry, type BundleFacts } from '@waybill/relocation';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { readNativeFiles, type NativeFile } from '../../../runtime/preparation/elf-index';

/** The files of a tree as they were when it was read, and the ELF facts of those that a loader loads. */
export interface NativeTree {
  /** Sorted by path. */
  items: readonly TreeItem[];
  natives: readonly NativeFile[];
}

/** Byte code is not in it: it may be being written, and nothing here asks for it. */
export async function readNativeTree(root: string): Promise<NativeTree> {
  const items = (await readTree(root)).filter(({ path }) => !/(^|\/)__pycache__(\/|$)/.test(path));
  const files = items.filter(({ kind }) => kind === 'file').map(({ path }) => path);
  return { items, natives: readNativeFiles(root, files) };
}

/** What vendoring, search paths and the glibc floor are decided from. */
export function factsOf({ items, natives }: NativeTree, platform: string): BundleFacts {
  const elf = new Map(natives.map((native) => [native.path, native.elf]));
  const entries = items.map((item): BundleEntry => {
    const known = elf.get(item.path);
    return known === undefined ? item : { ...item, content: 'elf', elf: known };
  });
  return { platform, entries, layout: detectLayout(entries) };
}

/** The tree after files were changed or added and others removed, with what lay below them; nothing else is read again. */
export function refreshed(tree: NativeTree, root: string, changed: readonly string[], removed: readonly string[]): NativeTree {
  const isGone = (path: string): boolean => removed.some((gone) => path === gone || path.startsWith(`${gone}/`));
  const isNew = new Set(changed);
  const kept = <T extends { path: string }>(all: readonly T[]): T[] => all.filter(({ path }) => !isGone(path) && !isNew.has(path));
  const byPath = (left: { path: string }, right: { path: string }): number => comparePaths(left.path, right.path);
  return {
    items: [...kept(tree.items), ...changed.map((path) => fileItem(root, path))].sort(byPath),
    natives: [...kept(tree.natives), ...readNativeFiles(root, changed)].sort(byPath),
  };
}

function fileItem(root: string, path: string): TreeItem {
  const { mode, mtimeMs, size } = lstatSync(join(root, path));
  return { path, kind: 'file', mode: mode & 0o7777, mtimeMs, size };
}
