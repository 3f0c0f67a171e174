import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { comparePaths } from '@waybill/core';
import { PACKAGE_INFO, gitResult, type Git } from '@waybill/plugin-kit';
import { COVERAGE_DATA, TOOL_FOLDERS } from './tool-folders';

/** The files that a build starts from. */
export interface SourceList {
  /** Who says which files these are. */
  from: 'git' | 'folder';
  /** Files and links, relative to the listed folder, sorted. */
  paths: readonly string[];
}

/** Never sources of a distribution: what tools and builds leave, and what belongs to other tools. */
const LEFT_OUT: ReadonlySet<string> = new Set([...TOOL_FOLDERS, '.eggs', '.env', 'env']);
/** Environments only when they are: packages and modules have these names too. */
const ENVIRONMENTS: ReadonlySet<string> = new Set(['env', 'venv']);
/** Left by builds at the top of a project. */
const BUILT = /^(build|dist|target)$/;
/** Folders that setuptools writes anew in each build. */
export const EGG_INFO = /(^|\/)[^/]+\.egg-info\//;

/**
 * In a git repository what git would take: tracked files, and others that are not ignored. Elsewhere everything but caches, environments,
 * results of builds and folders of version control. `folder` is relative to the workspace.
 *
 * What an earlier build left as `*.egg-info` is no source, even when git has it: setuptools takes its old list of files as its own. In an
 * unpacked sdist that list is the only one there is of what belongs in it, unless the build asks git (`readsGit`) (setuptools, "Controlling files
 * in the distribution").
 */
export async function listSources(git: Git, folder: string, readsGit = false): Promise<SourceList> {
  const { from, paths } = await listAll(git, folder);
  const keepsEggInfo = paths.includes(PACKAGE_INFO) && !readsGit;
  return { from, paths: keepsEggInfo ? paths : paths.filter((path) => !EGG_INFO.test(path)) };
}

async function listAll(git: Git, folder: string): Promise<SourceList> {
  const absolute = join(git.workspaceRoot, folder);
  const { exitCode, stdout } = await gitResult({ ...git, workspaceRoot: absolute }, [
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
    '--deduplicate',
  ]);
  if (exitCode !== 0) return { from: 'folder', paths: walk(absolute, '').sort(comparePaths) };
  const listed = stdout.split('\0').filter((path) => path !== '' && existsOrIsLink(join(absolute, path)));
  // a submodule, or a repository inside, is listed as a folder
  const paths = listed.flatMap((path) => (lstatSync(join(absolute, path)).isDirectory() ? walk(absolute, path.replace(/\/$/, '')) : [path]));
  return { from: 'git', paths: [...new Set(paths)].sort(comparePaths) };
}

/** Files below some folders of the project that are there and that git ignores; none where there is no git. `below` is relative to `folder`. */
export async function listIgnored(git: Git, folder: string, below: readonly string[]): Promise<readonly string[]> {
  if (below.length === 0) return [];
  const args = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--', ...below.map((path) => `:(literal)${path}`)];
  const { exitCode, stdout } = await gitResult({ ...git, workspaceRoot: join(git.workspaceRoot, folder) }, args);
  return exitCode === 0
    ? stdout
        .split('\0')
        .filter((path) => path !== '')
        .sort(comparePaths)
    : [];
}

const existsOrIsLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (LEFT_OUT.has(entry.name) && (!ENVIRONMENTS.has(entry.name) || existsSync(join(root, path, 'pyvenv.cfg')))) return [];
    if (folder === '' && BUILT.test(entry.name)) return [];
    if (entry.name.endsWith('.pyc') || COVERAGE_DATA.test(entry.name)) return [];
    return entry.isDirectory() ? walk(root, path) : [path];
  });
}
