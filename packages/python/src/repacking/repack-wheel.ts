import { basename } from 'node:path';
import { hashBytes, writeArchive } from '@waybill/core';
import { parseRecordText, recordHash, renderRecordText } from '@waybill/distributions';
import { memberErrors } from '../errors/member-errors';
import { archiveEntryOf, byPath } from './archive-entry-of';
import { isSound } from './is-sound';
import type { RepackRequest, Repacked } from './repack-request';
import { replaceBuildPaths } from './replace-build-paths';
import { contentOf, withSpooledMembers, type SpooledMember } from './spooled-members';

/** Documents that build tools generate (PEP 770): maturin writes the build folder into them. */
const SBOM = /^[^/]+\.dist-info\/sboms\/[^/]+\.json$/;
const RECORD = /^[^/]+\.dist-info\/RECORD$/;

/**
 * Writes a wheel again so that its bytes depend on its content alone: members sorted, the dist-info last and RECORD at the very end (PEP 427), one time, modes
 * 644 and 755. Contents stay, but for build folders in generated SBOMs; RECORD is written again only then. A repacked wheel repacks to the same bytes.
 * Throws `FILE_…`, `ARCHIVE_…` (a path that leads out of the wheel, or comes twice), `WHEEL_MEMBER_KIND`, `WHEEL_RECORD_MISSING`.
 */
export async function repackWheel(request: RepackRequest): Promise<Repacked> {
  return withSpooledMembers(request.input, request.output, (members) => packMembers(request, members));
}

/**
 * The same for what a backend made: `undefined`, and nothing written, when its members are what no wheel may hold. The checks tell of each, with all
 * that they find else.
 */
export async function repackSoundWheel(request: RepackRequest): Promise<Repacked | undefined> {
  return withSpooledMembers(request.input, request.output, async (members) => (isSound(members) ? packMembers(request, members) : undefined));
}

async function packMembers({ input, output, mtimeSeconds, buildPaths = [] }: RepackRequest, members: readonly SpooledMember[]): Promise<Repacked> {
  const strange = members.find(({ kind }) => kind !== 'file' && kind !== 'directory');
  if (strange !== undefined) {
    throw memberErrors.error('WHEEL_MEMBER_KIND', { file: basename(input), path: strange.path, what: strange.special ?? strange.kind });
  }
  const cleaned = await cleanSboms(members, buildPaths);
  const written = cleaned.size === 0 ? cleaned : await withRecord(basename(input), members, cleaned);
  const entries = members
    .map((member) => ({ ...member, ...written.get(member.path) }))
    .map(archiveEntryOf)
    .sort((a, b) => rank(a.path) - rank(b.path) || byPath(a, b));
  const archive = await writeArchive({ format: 'zip', entries, output, mtimeSeconds });
  return { ...archive, changed: [...written.keys()].sort() };
}

const rank = (path: string): number => (RECORD.test(path) ? 2 : /^[^/]+\.dist-info(\/|$)/.test(path) ? 1 : 0);

type Rewritten = ReadonlyMap<string, Pick<SpooledMember, 'size' | 'open'> & { sha256: string }>;

async function cleanSboms(members: readonly SpooledMember[], buildPaths: readonly string[]): Promise<Rewritten> {
  const cleaned = new Map<string, Pick<SpooledMember, 'size' | 'open'> & { sha256: string }>();
  for (const member of members.filter(({ path, kind }) => kind === 'file' && SBOM.test(path))) {
    const text = (await contentOf(member)).toString('utf8');
    const clean = replaceBuildPaths(text, buildPaths);
    if (clean !== text) cleaned.set(member.path, rewritten(clean));
  }
  return cleaned;
}

/** The rows of changed members get their new digests, the others stand as they were. */
async function withRecord(file: string, members: readonly SpooledMember[], changed: Rewritten): Promise<Rewritten> {
  const record = members.find(({ path, kind }) => kind === 'file' && RECORD.test(path));
  if (record === undefined) throw memberErrors.error('WHEEL_RECORD_MISSING', { file });
  const rows = parseRecordText((await contentOf(record)).toString('utf8')).map((row) => {
    const now = changed.get(row.path);
    return now === undefined ? row : { path: row.path, hash: recordHash(now.sha256), size: now.size };
  });
  return new Map([...changed, [record.path, rewritten(renderRecordText(rows))]]);
}

function rewritten(text: string): Pick<SpooledMember, 'size' | 'open'> & { sha256: string } {
  const bytes = Buffer.from(text);
  return { size: bytes.length, sha256: hashBytes(bytes), open: () => once(bytes) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
