import { runGit, type Git } from '@waybill/plugin-kit';

/**
 * What no commit holds, as `git status` prints it: changed files and files that git neither knows nor ignores. What releases themselves write does not
 * count: `dist`, `.waybill` and the folders that are published to.
 */
export async function readChanges(git: Git, publishedTo: readonly string[]): Promise<readonly string[]> {
  const inside = publishedTo.filter((path) => !path.startsWith('/') && !path.split('/').includes('..'));
  const own = ['dist', '.waybill', ...inside].map((path) => `:(exclude,literal)${path.replace(/^(\.\/)+|\/+$/g, '')}`);
  const text = await runGit(git, ['status', '--porcelain', '--untracked-files=normal', '--', ':/', ...own]);
  return (text ?? '').split('\n').filter((line) => line !== '');
}

/** Paths of folder destinations, whatever else the options of `publish` are. */
export function foldersOf(options: unknown): readonly string[] {
  const to = (options as { to?: unknown } | undefined)?.to;
  return (Array.isArray(to) ? (to as unknown[]) : []).flatMap((entry) => {
    const { type, path } = (entry ?? {}) as { type?: unknown; path?: unknown };
    return type === 'folder' && typeof path === 'string' ? [path] : [];
  });
}
