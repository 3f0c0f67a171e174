import type { ArchiveEntry } from '@waybill/core';
import type { SpooledMember } from './spooled-members';

/** Modes are 644 and 755, as git knows them: what a umask left is no property of a distribution. */
export function archiveEntryOf(member: SpooledMember): ArchiveEntry {
  const path = plainPath(member.path);
  if (member.kind === 'directory') return { kind: 'directory', path, mode: 0o755 };
  if (member.kind === 'symlink') return { kind: 'symlink', path, linkTarget: member.linkTarget! };
  return { kind: 'file', path, mode: (member.mode & 0o111) === 0 ? 0o644 : 0o755, size: member.size, open: () => member.open() };
}

/** Without `./` before and `/` behind it. */
export const plainPath = (path: string): string => path.replace(/^(\.\/)+/, '').replace(/\/+$/, '');

/** Bytewise by UTF-8, as every system sorts. */
export const byPath = (a: { path: string }, b: { path: string }): number => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
