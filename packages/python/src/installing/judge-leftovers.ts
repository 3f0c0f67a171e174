import { readTree, type Finding, type TreeItem } from '@waybill/core';

/** Path → what shows that a file was touched. Byte code is left out: the interpreter writes it when it likes. */
export type Snapshot = ReadonlyMap<string, string>;

/** Files and links below a folder. */
export async function takeSnapshot(folder: string): Promise<Snapshot> {
  const items = await readTree(folder);
  return new Map(items.filter(isKept).map((item) => [item.path, `${item.kind} ${item.size} ${item.mtimeMs} ${item.linkTarget ?? ''}`]));
}

/** uv locks an environment by `.lock` in its folder. */
const isKept = ({ kind, path }: TreeItem): boolean => kind !== 'directory' && path !== '.lock' && !/(^|\/)__pycache__\/|\.pyc$/.test(path);

/**
 * What an installation and its removal left, took or changed. `others`: paths of distributions that came with the wheel and stay.
 */
export function judgeLeftovers(before: Snapshot, after: Snapshot, others: ReadonlySet<string>): Finding[] {
  const left = [...after.keys()].filter((path) => !before.has(path) && !others.has(path));
  const taken = [...before.keys()].filter((path) => !after.has(path));
  const changed = [...before].filter(([path, state]) => after.has(path) && after.get(path) !== state).map(([path]) => path);
  return [
    finding('uninstalling leaves', left, 'let no module write into its own package: users’ files belong into their own folders'),
    finding('uninstalling takes away what another distribution installed,', taken, 'let no two distributions hold the same file'),
    finding('installing or running changed what another distribution installed,', changed, 'let no two distributions hold the same file'),
  ].flatMap((found) => found ?? []);
}

const SHOWN = 5;

function finding(what: string, paths: readonly string[], fix: string): Finding | undefined {
  const [first] = paths;
  if (first === undefined) return undefined;
  const more = paths.length > SHOWN ? ` and ${paths.length - SHOWN} more` : '';
  const shown = paths
    .slice(0, SHOWN)
    .map((path) => `\`${path}\``)
    .join(', ');
  return { check: 'install', level: 'error', path: first, message: `${what} ${shown}${more}`, expected: 'the environment as before', fix };
}
