import { partsOfPath } from '@waybill/core';
import type { RecordAlgorithm, WheelFacts } from '../distribution-facts';
import { recordHash } from '../record/record-text';
import type { FindingList } from './finding-list';

/** Files that RECORD cannot or need not hash (PEP 427, PEP 376). */
const UNHASHED = /^[^/]+\.dist-info\/RECORD(\.jws|\.p7s)?$/;
const FIX = 'correct what writes RECORD; a wheel that was changed after the build needs it written again (`wheel pack`)';

/** `record`: every file is listed once with its digest and size, and nothing else is. Directory entries, which uv_build writes, need no row. */
export function checkRecord(facts: WheelFacts, list: FindingList): void {
  const folder = facts.distInfos[0] ?? '*.dist-info';
  const record = `${folder}/RECORD`;
  if (facts.record === undefined) {
    list.error('record', record, 'The wheel has no RECORD', { expected: `\`${record}\``, actual: 'no such file', fix: FIX });
    return;
  }
  const listed = checkRows(facts, record, list);
  const missing = facts.members.filter(({ path, kind }) => kind === 'file' && !listed.has(path) && !UNHASHED.test(path)).map(({ path }) => path);
  list.each(missing, (path) => list.error('record', path, 'RECORD does not name the file', { fix: FIX }), 'record');
}

function checkRows(facts: WheelFacts, record: string, list: FindingList): Set<string> {
  const members = new Map(facts.members.map((member) => [member.path, member]));
  const listed = new Set<string>();
  for (const row of facts.record ?? []) {
    const { path } = row;
    if (listed.has(path)) list.error('record', record, `RECORD names \`${path}\` twice`, { fix: FIX });
    listed.add(path);
    const parts = partsOfPath(path);
    if ('reason' in parts) {
      list.error('record', record, `RECORD names \`${path}\`, which ${parts.reason}`, { fix: FIX });
      continue;
    }
    const member = members.get(path);
    if (member === undefined) {
      list.error('record', record, `RECORD names \`${path}\`, which is not in the wheel`, { fix: FIX });
    } else if (!UNHASHED.test(path)) {
      compareRow(row, member, list);
    }
  }
  return listed;
}

function compareRow(
  { path, hash, size }: { path: string; hash?: string; size?: number },
  member: WheelFacts['members'][number],
  list: FindingList,
): void {
  if (hash === undefined) {
    list.error('record', path, 'RECORD gives no digest for the file', { fix: FIX });
  } else if (!/^sha(256|384|512)=/.test(hash)) {
    list.error('record', path, 'RECORD gives a digest that is not sha256 or stronger', { actual: hash, fix: FIX });
  } else {
    const actual = digestOf(member, hash.split('=', 1)[0]!);
    if (hash.replace(/=+$/, '') !== actual)
      list.error('record', path, 'The file is not the one that RECORD names', { expected: hash, actual: actual ?? 'no file', fix: FIX });
  }
  if (size !== undefined && size !== member.size) {
    list.error('record', path, 'RECORD gives another size for the file', { expected: `${size}`, actual: `${member.size}`, fix: FIX });
  }
}

/** As RECORD has it; `undefined` for what is no file, and for a digest that nobody computed: neither is the one that RECORD names. */
function digestOf({ sha256, otherDigests }: WheelFacts['members'][number], algorithm: string): string | undefined {
  const digest = algorithm === 'sha256' ? sha256 : otherDigests?.[algorithm as RecordAlgorithm];
  return digest === undefined ? undefined : recordHash(digest, algorithm);
}
