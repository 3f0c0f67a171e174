import { findFiles, mapConcurrently, readTree, type TreeItem } from '@waybill/core';
import { lstatSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path/posix';
import { bundleErrors } from '../../../errors/bundle-errors';
import { PYTHON_APP, type PackageDistOptions } from '../options';
import type { IncludedItem } from '../package-facts';

type IncludeEntry = PackageDistOptions['include'][number];

/** What no bundle wants, whatever folder is named: byte code of another place, version control, editors. */
const NEVER =
  /(^|\/)(__pycache__|\.git|\.hg|\.svn|\.DS_Store|node_modules|\.mypy_cache|\.pytest_cache|\.ruff_cache|[^/]*\.egg-info)(\/|$)|\.py[co]$|~$/;
/** Settings and secrets of who works there (`.env`, `.npmrc`): they come along only when they are named. */
const DOT_NAME = /(^|\/)\.[^/]+(\/|$)/;
const GLOB = /[*?[\]{}!()]/;

/** The part of a glob that is no glob: `a/b` of `a/b/**\/*.py`. */
function staticBase(pattern: string): string {
  const parts = pattern.split('/');
  const first = parts.findIndex((part) => GLOB.test(part));
  return parts.slice(0, first).join('/');
}

type Named = Pick<TreeItem, 'path' | 'kind' | 'mode' | 'size' | 'linkTarget' | 'special'>;

/** One path of the workspace as `lstat` sees it. */
async function itemAt(path: string, workspaceRoot: string): Promise<Named | undefined> {
  const file = join(workspaceRoot, path);
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  const { mode, size } = found;
  if (found.isSymbolicLink()) return { path, kind: 'symlink', mode, size: 0, linkTarget: await readlink(file) };
  if (found.isDirectory()) return { path, kind: 'directory', mode, size: 0 };
  return found.isFile() ? { path, kind: 'file', mode, size } : { path, kind: 'special', mode, size: 0, special: 'fifo' };
}

/** A file, link or folder named by its path, and the tree below a folder. Paths relative to the workspace. */
async function itemsAt(path: string, workspaceRoot: string): Promise<{ items: Named[]; folder: boolean } | undefined> {
  const item = await itemAt(path, workspaceRoot);
  if (item?.kind !== 'directory') return item && { items: [item], folder: false };
  const items = await readTree(join(workspaceRoot, path));
  return { folder: true, items: items.map((other) => ({ ...other, path: join(path, other.path) })) };
}

async function itemsOfGlob(pattern: string, workspaceRoot: string): Promise<Named[]> {
  const paths = await findFiles([pattern], { cwd: workspaceRoot, dot: false });
  const items = await mapConcurrently(paths, 16, (path) => itemAt(path, workspaceRoot));
  return items.filter((item) => item !== undefined);
}

/** Where an item goes: entries with `to` say it; a plain one keeps its place in the project, or its name when it comes from elsewhere. */
function targetOf(entry: IncludeEntry, base: string, projectRoot: string): (path: string) => string {
  if (typeof entry !== 'string') return (path) => join(entry.to, relative(base, path));
  const inProject = projectRoot === '.' || projectRoot === '' || `${entry}/`.startsWith(`${projectRoot}/`);
  const from = inProject ? projectRoot : base;
  return (path) => join(PYTHON_APP, relative(from, path));
}

interface Expanded {
  items: IncludedItem[];
  /** Relative to the workspace. */
  leftOut: string[];
}

async function expand(entry: IncludeEntry, workspaceRoot: string, projectRoot: string): Promise<Expanded> {
  const pattern = normalize(typeof entry === 'string' ? entry : entry.from).replace(/\/$/, '');
  const named = await itemsAt(pattern, workspaceRoot);
  const items = named?.items ?? (GLOB.test(pattern) ? await itemsOfGlob(pattern, workspaceRoot) : []);
  const base = named === undefined ? staticBase(pattern) : named.folder && typeof entry !== 'string' ? pattern : dirname(pattern);
  const inFolder = (path: string): string => (named?.folder ? relative(pattern, path) : path);
  const wanted = items.filter((item) => item.kind !== 'directory' && !NEVER.test(inFolder(item.path)));
  const isLeftOut = ({ path }: Named): boolean => named?.folder === true && DOT_NAME.test(inFolder(path));
  if (wanted.length === 0) throw bundleErrors.error('BUNDLE_INCLUDE_MISSING', { pattern });
  const place = targetOf(entry, base, projectRoot);
  return {
    items: wanted.filter((item) => !isLeftOut(item)).map((item) => includedItem(item, place(item.path), pattern, workspaceRoot)),
    leftOut: wanted.filter(isLeftOut).map(({ path }) => path),
  };
}

function includedItem(item: Named, to: string, because: string, workspaceRoot: string): IncludedItem {
  if (item.kind === 'special') throw bundleErrors.error('BUNDLE_INCLUDE_SPECIAL', { path: item.path, kind: item.special ?? 'special file' });
  const from = join(workspaceRoot, item.path);
  if (item.kind === 'symlink') return { from, to, kind: 'symlink', mode: 0o777, size: 0, because, linkTarget: item.linkTarget ?? '' };
  return { from, to, kind: 'file', mode: (item.mode & 0o111) === 0 ? 0o644 : 0o755, size: item.size, because };
}

/** A link must end inside what is copied: anything else would be dangling, or host content, on the user's machine. */
function checkLinks(items: readonly IncludedItem[]): void {
  const places = new Set(items.flatMap(({ to }) => to.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'))));
  for (const { to, from, linkTarget } of items) {
    if (linkTarget === undefined) continue;
    if (linkTarget.startsWith('/') || !places.has(join(dirname(to), linkTarget))) {
      throw bundleErrors.error('BUNDLE_INCLUDE_OUTSIDE', { path: from, linkTarget });
    }
  }
}

/** A file where another entry needs a folder. */
function checkFolders(found: ReadonlyMap<string, IncludedItem>, workspaceRoot: string): void {
  for (const item of found.values()) {
    for (let folder = dirname(item.to); folder !== '.'; folder = dirname(folder)) {
      const other = found.get(folder);
      if (other === undefined) continue;
      throw bundleErrors.error('BUNDLE_INCLUDE_CONFLICT', { path: folder, from: [other, item].map(({ from }) => relative(workspaceRoot, from)) });
    }
  }
}

/**
 * Files that `include` names, each with its place in the bundle, sorted by place, and those with a dot in front of a name that are left out
 * because nothing names them. Two that want one place are an error.
 */
export async function findIncluded(entries: readonly IncludeEntry[], workspaceRoot: string, projectRoot: string): Promise<Expanded> {
  const found = new Map<string, IncludedItem>();
  const leftOut = new Set<string>();
  for (const entry of entries) {
    const expanded = await expand(entry, workspaceRoot, projectRoot);
    expanded.leftOut.forEach((path) => leftOut.add(path));
    for (const item of expanded.items) {
      const other = found.get(item.to);
      if (other !== undefined && other.from !== item.from) {
        throw bundleErrors.error('BUNDLE_INCLUDE_CONFLICT', { path: item.to, from: [other, item].map(({ from }) => relative(workspaceRoot, from)) });
      }
      found.set(item.to, item);
    }
  }
  checkFolders(found, workspaceRoot);
  const items = [...found.values()].sort((a, b) => Buffer.compare(Buffer.from(a.to), Buffer.from(b.to)));
  checkLinks(items.map((item) => ({ ...item, from: relative(workspaceRoot, item.from) })));
  const taken = new Set(items.map(({ from }) => relative(workspaceRoot, from)));
  return { items, leftOut: [...leftOut].filter((path) => !taken.has(path)).sort() };
}
