import { normalize } from 'node:path/posix';
import { gitResult, type Git } from '@waybill/plugin-kit';
import { publishErrors } from '../errors/publish-errors';

/**
 * What no commit holds, as `git status` prints it: changed files and files that git neither knows nor ignores. What releases themselves write does not
 * count: `dist`, `.waybill` and the folders that are published to. Asked where there is a commit: that git gives no answer (`PUBLISH_TREE`) is not taken for
 * a clean tree.
 */
export async function readChanges(git: Git, publishedTo: readonly string[]): Promise<readonly string[]> {
  const inside = publishedTo.map((path) => normalize(path).replace(/\/+$/, '')).filter((path) => path !== '.' && !/^(\/|\.\.(\/|$))/.test(path));
  const own = ['dist', '.waybill', ...inside].map((path) => `:(exclude,literal)${path}`);
  const { exitCode, stdout, stderr } = await gitResult(git, ['status', '--porcelain', '--untracked-files=normal', '--', ':/', ...own]);
  if (exitCode !== 0) throw publishErrors.error('PUBLISH_TREE', { exitCode, said: stderr });
  return stdout.split('\n').filter((line) => line.trim() !== '');
}

/** Paths of folder destinations, whatever else the options of `publish` are. */
export function foldersOf(options: unknown): readonly string[] {
  const to = (options as { to?: unknown } | undefined)?.to;
  return (Array.isArray(to) ? (to as unknown[]) : []).flatMap((entry) => {
    const { type, path } = (entry ?? {}) as { type?: unknown; path?: unknown };
    return type === 'folder' && typeof path === 'string' ? [path] : [];
  });
}
