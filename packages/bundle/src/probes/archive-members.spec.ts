import type { TreeItem } from '@waybill/core';
import type { BundleEntry } from '@waybill/relocation';
import { compareMembers, parseMtree, type Member } from './archive-members';

const item = (path: string, rest: Partial<TreeItem> = {}): TreeItem =>
  ({ path, kind: 'file', mode: 0o100644, size: 3, mtimeMs: 0, ...rest }) as TreeItem;
const ITEMS = [
  item('a'),
  item('b', { kind: 'directory', mode: 0o40755, size: 0 }),
  item('b/l', { kind: 'symlink', mode: 0o120777, size: 0, linkTarget: '../a' }),
];
const ENTRIES = new Map([['a', { path: 'a', sha256: 'aa' } as BundleEntry]]);
const GOOD: Member[] = [
  { path: 'top', kind: 'directory', mode: 0o755 },
  { path: 'top/a', kind: 'file', mode: 0o644, size: 3, sha256: 'aa' },
  { path: 'top/b', kind: 'directory', mode: 0o755 },
  { path: 'top/b/l', kind: 'symlink', mode: 0o777, target: '../a' },
];

it('reads what libarchive lists', () => {
  const text =
    '#mtree\n./top mode=755 type=dir\n./top/l\\040k mode=777 type=link link=x\\040y/a\n./top/\\303\\251 mode=644 type=file size=3 sha256digest=98ea\n./dev mode=600 type=char\n';
  expect(parseMtree(text)).toEqual([
    { path: 'top', kind: 'directory', mode: 0o755 },
    { path: 'top/l k', kind: 'symlink', mode: 0o777, target: 'x y/a' },
    { path: 'top/é', kind: 'file', mode: 0o644, size: 3, sha256: '98ea' },
    { path: 'dev', kind: 'special', mode: 0o600 },
  ]);
});

it.each<[string, Member[], string[]]>([
  ['the same tree', GOOD, []],
  ['the same tree without its folders', GOOD.filter(({ kind }) => kind !== 'directory'), []],
  ['a reader that tells names alone', GOOD.map(({ path, kind }) => ({ path, kind })), []],
  ['another mode', GOOD.map((member) => (member.path === 'top/a' ? { ...member, mode: 0o755 } : member)), ['a: mode 0755, not 0644']],
  ['another mode of a folder', GOOD.map((member) => (member.path === 'top/b' ? { ...member, mode: 0o700 } : member)), ['b: mode 0700, not 0755']],
  ['another size', GOOD.map((member) => (member.path === 'top/a' ? { ...member, size: 4 } : member)), ['a: 4 bytes, not 3']],
  ['other content', GOOD.map((member) => (member.path === 'top/a' ? { ...member, sha256: 'bb' } : member)), ['a: other content']],
  ['another link', GOOD.map((member) => (member.target ? { ...member, target: '/a' } : member)), ['b/l: leads to `/a`']],
  ['a link that became a file', GOOD.map((member) => (member.target ? { ...member, kind: 'file' } : member)), ['b/l: file, not symlink']],
  ['a member more', [...GOOD, { path: 'top/x', kind: 'file' }], ['x: not there']],
  ['a member beside the top folder', [...GOOD, { path: 'topping/a', kind: 'file' }], ['topping/a: outside of `top`']],
  ['a member less', GOOD.slice(0, 3), ['b/l: missing']],
])('%s', (_, members, differences) => {
  expect(compareMembers(members, 'top', ITEMS, ENTRIES)).toEqual(differences);
});

it('an archive without a top folder', () => {
  const members = GOOD.slice(1).map((member) => ({ ...member, path: member.path.slice('top/'.length) }));
  expect(compareMembers(members, '', ITEMS, ENTRIES)).toEqual([]);
});
