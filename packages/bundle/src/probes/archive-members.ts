import type { TreeItem } from '@waybill/core';
import type { BundleEntry } from '@waybill/relocation';

/** What a reader says of one member; what it does not tell is absent. */
export interface Member {
  /** As it stands in the archive, without `./` in front and `/` at the end. */
  path: string;
  kind: 'file' | 'directory' | 'symlink' | 'special';
  mode?: number;
  size?: number;
  sha256?: string;
  target?: string;
}

const PERMISSIONS = 0o7777;

/**
 * How the tree that a reader sees differs from the one that was unpacked: paths, kinds, modes, sizes, digests and link targets. `prefix` is the
 * archive's one top folder, or empty. Folders may be absent from an archive: who unpacks makes them.
 */
export function compareMembers(
  members: readonly Member[],
  prefix: string,
  items: readonly TreeItem[],
  entries: ReadonlyMap<string, BundleEntry>,
): string[] {
  const wanted = new Map(items.map((item) => [item.path, item]));
  const seen = new Set<string>();
  const differences: string[] = [];
  for (const member of members) {
    const path = pathInBundle(member.path, prefix);
    if (path === undefined) differences.push(`${member.path}: outside of \`${prefix}\``);
    if (path === undefined || path === '' || path === '.') continue;
    seen.add(path);
    const item = wanted.get(path);
    differences.push(
      ...(item === undefined ? [`${path}: not there`] : compareOne(member, item, entries.get(path)?.sha256).map((text) => `${path}: ${text}`)),
    );
  }
  return [...differences, ...items.filter(({ path, kind }) => kind !== 'directory' && !seen.has(path)).map(({ path }) => `${path}: missing`)];
}

function pathInBundle(path: string, prefix: string): string | undefined {
  if (prefix === '') return path;
  if (path === prefix) return '';
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length + 1) : undefined;
}

function compareOne(member: Member, item: TreeItem, sha256: string | undefined): string[] {
  if (member.kind !== item.kind) return [`${member.kind}, not ${item.kind}`];
  if (item.kind === 'symlink') return member.target === undefined || member.target === item.linkTarget ? [] : [`leads to \`${member.target}\``];
  const mode =
    member.mode === undefined || (member.mode & PERMISSIONS) === (item.mode & PERMISSIONS)
      ? []
      : [`mode ${octal(member.mode)}, not ${octal(item.mode)}`];
  if (item.kind === 'directory') return mode;
  const size = member.size === undefined || member.size === item.size ? [] : [`${member.size} bytes, not ${item.size}`];
  const digest = member.sha256 === undefined || sha256 === undefined || member.sha256 === sha256 ? [] : ['other content'];
  return [...mode, ...size, ...digest];
}

const octal = (mode: number): string => (mode & PERMISSIONS).toString(8).padStart(4, '0');

const KINDS: Readonly<Record<string, Member['kind']>> = { file: 'file', dir: 'directory', link: 'symlink' };

/** Members as libarchive lists them (mtree(5)): a line each, words behind the path, bytes outside of ASCII as octal escapes. */
export function parseMtree(text: string): Member[] {
  return text.split('\n').flatMap((line) => {
    if (!line.startsWith('./')) return [];
    const [name = '', ...words] = line.split(' ');
    const facts = new Map(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]));
    const path = unescape(name.slice(2));
    if (path === '') return [];
    const [mode, size, sha256, target] = ['mode', 'size', 'sha256digest', 'link'].map((key) => facts.get(key));
    return [
      {
        path,
        kind: KINDS[facts.get('type') ?? 'file'] ?? 'special',
        ...(mode !== undefined && { mode: Number.parseInt(mode, 8) }),
        ...(size !== undefined && { size: Number(size) }),
        ...(sha256 !== undefined && { sha256 }),
        ...(target !== undefined && { target: unescape(target) }),
      },
    ];
  });
}

/** `\303\251` is `é`. */
function unescape(text: string): string {
  const latin1 = text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
