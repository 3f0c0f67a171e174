import { basename } from 'node:path';
import { findEscapingLinks, writeArchive } from '@waybill/core';
import { PACKAGE_INFO } from '@waybill/plugin-kit';
import { memberErrors } from '../errors/member-errors';
import { archiveEntryOf, byPath, plainPath } from './archive-entry-of';
import type { RepackRequest, Repacked } from './repack-request';
import { withSpooledMembers, type SpooledMember } from './spooled-members';

const MOST_HOPS = 40;

/**
 * Writes an sdist again so that its bytes depend on its content alone: members sorted, one time (set, not clamped), modes 644 and 755, uid and gid 0, no names,
 * a fixed gzip header. Symlinks that stay inside are kept; a hard link becomes the file that it stands for. A repacked sdist repacks to the same bytes.
 * Of several PKG-INFO the last stays, as for whoever unpacks: hatchling and scikit-build-core put theirs behind that of an unpacked sdist.
 * Throws `FILE_…`, `ARCHIVE_…`, `WHEEL_MEMBER_KIND`, `WHEEL_MEMBER_LINK`.
 */
export async function repackSdist(request: RepackRequest): Promise<Repacked> {
  const { input, output, mtimeSeconds } = request;
  return withSpooledMembers(input, output, async (all) => {
    const members = all.filter((member, index) => !isPackageInfo(member) || index === all.findLastIndex(isPackageInfo));
    const file = basename(input);
    const special = members.find(({ kind }) => kind === 'special');
    if (special !== undefined) throw memberErrors.error('WHEEL_MEMBER_KIND', { file, path: special.path, what: special.special ?? special.kind });
    requireLinksInside(file, members);
    const byPlainPath = new Map(members.map((member) => [plainPath(member.path), member]));
    const entries = members
      .filter((member) => member.kind !== 'directory' || (plainPath(member.path) !== '' && byPlainPath.get(plainPath(member.path)) === member))
      .map((member) => archiveEntryOf(member.kind === 'hardlink' ? resolveHardLink(file, member, byPlainPath) : member))
      .sort(byPath);
    const archive = await writeArchive({ format: 'tar.gz', entries, output, mtimeSeconds });
    return { ...archive, changed: [] };
  });
}

const isPackageInfo = ({ path }: SpooledMember): boolean => plainPath(path).split('/').slice(1).join('/') === PACKAGE_INFO;

/** Inside means: below the top folder, which is what remains when somebody moves it. */
function requireLinksInside(file: string, members: readonly SpooledMember[]): void {
  const links = new Map(members.filter(({ kind }) => kind === 'symlink').map(({ path, linkTarget = '' }) => [plainPath(path), linkTarget]));
  const below = new Map([...links].map(([path, target]) => [path.split('/').slice(1).join('/'), target]));
  const [escaping] = findEscapingLinks(below);
  if (escaping === undefined) return;
  const path = [...links.keys()].find((link) => link.split('/').slice(1).join('/') === escaping)!;
  throw memberErrors.error('WHEEL_MEMBER_LINK', { file, path, target: links.get(path)! });
}

function resolveHardLink(file: string, link: SpooledMember, members: ReadonlyMap<string, SpooledMember>): SpooledMember {
  let target: SpooledMember | undefined = link;
  for (let hops = 0; target?.kind === 'hardlink' && hops < MOST_HOPS; hops += 1) target = members.get(plainPath(target.linkTarget ?? ''));
  if (target?.kind !== 'file') throw memberErrors.error('WHEEL_MEMBER_LINK', { file, path: link.path, target: link.linkTarget ?? '' });
  return { ...target, path: link.path };
}
