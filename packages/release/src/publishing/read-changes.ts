import { normalize } from 'node:path/posix';
import { gitResult, readHead, type Git, type ReleaseTag, type TagForm } from '@waybill/plugin-kit';
import { publishErrors } from '../errors/publish-errors';

/** The commit at HEAD, its release tags, and what no commit holds, asked at once; `undefined` where there is no commit. */
export async function readTree(git: Git, forms: readonly TagForm[], publishedTo: readonly string[]): Promise<Tree | undefined> {
  const [head, status] = await Promise.all([readHead(git, forms), readStatus(git, publishedTo)]);
  return head && { ...head, changes: changesIn(status) };
}

export interface Tree {
  commit: string;
  tags: readonly ReleaseTag[];
  /** See `changesIn`. */
  changes: readonly string[];
}

type Status = Awaited<ReturnType<typeof gitResult>>;

function readStatus(git: Git, publishedTo: readonly string[]): Promise<Status> {
  const inside = publishedTo.map((path) => normalize(path).replace(/\/+$/, '')).filter((path) => path !== '.' && !/^(\/|\.\.(\/|$))/.test(path));
  const own = ['dist', '.waybill', ...inside].map((path) => `:(exclude,literal)${path}`);
  return gitResult(git, ['status', '--porcelain', '--untracked-files=normal', '--', ':/', ...own]);
}

/**
 * What no commit holds, as `git status` prints it: changed files and files that git neither knows nor ignores. What releases themselves write does not
 * count: `dist`, `.waybill` and the folders that are published to. Where there is a commit, that git gives no answer (`PUBLISH_TREE`) is not taken for a clean
 * tree.
 */
function changesIn({ exitCode, stdout, stderr }: Status): readonly string[] {
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
