import { existsSync } from 'node:fs';
import { isAbsolute, join, posix, relative } from 'node:path';
import { findFiles } from '@waybill/core';
import { isPattern } from '../graph/match-names';
import { gitResult, type Git } from '../version/run-git';
import type { OptionFile } from './check-option-files';

/** Stands for whatever a folder holds now or later: an input covers the folder when it covers a file that nobody has thought of. */
const ANY_FILE = 'any/file';

/** Files that options name, as the workspace has them: patterns become the files that they match, folders a file in them; each says whether it is ignored. */
export async function locateOptionFiles(git: Git, named: readonly { option: string; path: string }[]): Promise<readonly OptionFile[]> {
  const files = (
    await Promise.all(named.map(async ({ option, path }) => (await pathsOf(git.workspaceRoot, path)).map((found) => ({ option, ...found }))))
  ).flat();
  const ignored = await ignoredPaths(
    git,
    files.map(({ path }) => path).filter((path) => !isAbsolute(path) && !path.startsWith('..')),
  );
  return files.map((file) => ({ ...file, ignored: ignored.has(file.path) }));
}

async function pathsOf(workspaceRoot: string, path: string): Promise<readonly Pick<OptionFile, 'path' | 'folder'>[]> {
  const fromRoot = isAbsolute(path) ? relative(workspaceRoot, path).replaceAll('\\', '/') : posix.normalize(path.replaceAll('\\', '/'));
  const plain = fromRoot.startsWith('..') ? path : fromRoot.replace(/\/$/, '');
  if (isPattern(plain)) return (await findFiles([plain], { cwd: workspaceRoot, dot: true })).map((found) => ({ path: found }));
  const isFolder = existsSync(`${join(workspaceRoot, plain)}/.`);
  return [isFolder ? { path: `${plain}/${ANY_FILE}`, folder: plain } : { path: plain }];
}

/**
 * Nx leaves out what .gitignore and .nxignore name, whether git tracks it or not: hence `--no-index`. git knows no .nxignore, so that it
 * is given as the user's own exclude file. Without git nothing counts as ignored.
 */
async function ignoredPaths(git: Git, paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set();
  const ask = async (settings: readonly string[]): Promise<readonly string[]> => {
    const { exitCode, stdout } = await gitResult(git, [...settings, '-c', 'core.quotePath=false', 'check-ignore', '--no-index', '--', ...paths]);
    return exitCode === 0 ? stdout.split('\n').filter((line) => line !== '') : [];
  };
  const nxIgnore = join(git.workspaceRoot, '.nxignore');
  const answers = [await ask([])];
  if (existsSync(nxIgnore)) answers.push(await ask(['-c', `core.excludesFile=${nxIgnore}`]));
  return new Set([...answers.flat(), ...paths.filter((path) => path.split('/').includes('node_modules'))]);
}
