import type { Finding, TreeItem } from '@waybill/core';
import type { SignatureFile } from '../delivery/sort-files';
import type { Expected } from './check-sums';

interface Presence {
  items: readonly TreeItem[];
  /** Names of sums files, readable or not. */
  sumsNames: readonly string[];
  expected: Expected;
  signatures: readonly SignatureFile[];
  ignoreMissing: boolean;
}

const finding = (check: string, path: string, message: string, fix?: string): Finding => ({
  check,
  level: 'error',
  path,
  message,
  ...(fix !== undefined && { fix }),
});

/** What the sums name and is not here; what is here and no sums name; what is no plain file; names that are one on many systems. */
export function presenceFindings({ items, sumsNames, expected, signatures, ignoreMissing }: Presence): readonly Finding[] {
  const files = new Set(items.filter(({ kind }) => kind === 'file').map(({ path }) => path));
  const missing = [...expected.keys()].filter((name) => !files.has(name) && !items.some(({ path }) => path === name));
  const known = new Set([...expected.keys(), ...sumsNames]);
  const isKnown = (path: string): boolean => known.has(path) || signatures.some(({ name, of }) => name === path && known.has(of));
  return [
    ...(ignoreMissing
      ? []
      : missing.map((name) =>
          finding(
            'missing',
            name,
            'the sums name it, and it is not here',
            'download it, or give `--ignore-missing` to check the files that are here',
          ),
        )),
    ...(ignoreMissing && [...expected.keys()].every((name) => !files.has(name))
      ? [finding('missing', '.', 'none of the files that the sums name is here')]
      : []),
    ...items.flatMap(({ path, kind }) => oddItem(path, kind, isKnown(path), items, sumsNames.length > 0)),
    ...collisions(items),
  ];
}

/** Where no sums file is here, that is what is to be mended, and it is told once. */
function oddItem(path: string, kind: TreeItem['kind'], isKnown: boolean, items: readonly TreeItem[], hasSums: boolean): readonly Finding[] {
  if (kind === 'symlink' || kind === 'special')
    return [finding('refused', path, `it is a ${kind === 'symlink' ? 'link' : 'special file'}, not a file`)];
  if (kind === 'file')
    return isKnown
      ? []
      : [finding('extra', path, 'no sums file names it', hasSums ? 'delete it, or move it elsewhere: nobody vouches for it' : undefined)];
  return items.some((item) => item.path.startsWith(`${path}/`)) ? [] : [finding('extra', path, 'it is an empty folder')];
}

function collisions(items: readonly TreeItem[]): readonly Finding[] {
  const seen = new Map<string, string>();
  return items.flatMap(({ path }) => {
    const folded = path.normalize('NFC').toLowerCase();
    const other = seen.get(folded);
    seen.set(folded, path);
    return other === undefined ? [] : [finding('refused', path, `it differs from \`${other}\` in case or Unicode form alone`)];
  });
}
