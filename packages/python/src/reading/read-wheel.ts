import { normaliseDistribution } from '@waybill/artifacts';
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { readArchiveEntries } from '@waybill/core';
import {
  findTopLevels,
  parseCoreMetadata,
  parseEntryPoints,
  parseWheelFile,
  parseWheelName,
  readRecord,
  type MemberFacts,
  type RecordAlgorithm,
  type RecordLine,
  type WheelFacts,
} from '@waybill/distributions';
import { readMembers } from './read-members';
import { readText, type TextFault } from './read-text';

const DIST_INFO_TEXT = /^[^/]+\.dist-info\/(?:METADATA|WHEEL|RECORD|entry_points\.txt)$/;

/** A wheel to facts, nothing judged. Throws what `readMembers` throws; what is wrong with texts inside is in `faults`. */
export async function readWheel(file: string): Promise<WheelFacts> {
  const read = await readMembers(file, (path) => DIST_INFO_TEXT.test(path));
  const fileName = basename(file);
  const distInfos = [...new Set(read.members.flatMap(({ path }) => /^([^/]+\.dist-info)(?:\/|$)/.exec(path)?.[1] ?? []))];
  const folder = ownDistInfo(fileName, distInfos);
  const faults: TextFault[] = [];
  const text = <T extends { faults: readonly string[] }>(name: string, parse: (text: string) => T): T | undefined =>
    readText(read, `${folder}/${name}`, parse, faults);
  const metadata = text('METADATA', parseCoreMetadata)?.metadata;
  const wheel = text('WHEEL', parseWheelFile)?.wheel;
  const record = text('RECORD', readRecord)?.rows.map(toLine);
  const members = await withOtherDigests(file, read.members, record ?? []);
  const entryPoints = text('entry_points.txt', parseEntryPoints)?.entryPoints ?? [];
  return {
    kind: 'wheel',
    fileName,
    container: read.container,
    members,
    natives: read.natives,
    distInfos,
    ...(metadata === undefined ? {} : { metadata }),
    ...(wheel === undefined ? {} : { wheel }),
    ...(record === undefined ? {} : { record }),
    entryPoints,
    topLevels: findTopLevels(members.filter(({ kind }) => kind === 'file').map(({ path }) => path)),
    faults,
  };
}

/** The dist-info that an installer takes: the file's own; else the first. */
function ownDistInfo(fileName: string, distInfos: readonly string[]): string | undefined {
  const distribution = parseWheelName(fileName)?.distribution;
  return distInfos.find((name) => normaliseDistribution(name.split('-')[0]!) === distribution) ?? distInfos[0];
}

/** RECORD stands at the end: which digests it wants beside sha256 is known when all is read, so that such a wheel is read twice. */
async function withOtherDigests(file: string, members: readonly MemberFacts[], record: readonly RecordLine[]): Promise<readonly MemberFacts[]> {
  const wanted = new Map(record.flatMap(({ path, hash }) => (isOther(algorithmOf(hash)) ? [[path, algorithmOf(hash)] as const] : [])));
  if (wanted.size === 0) return members;
  const digests = new Map<string, MemberFacts['otherDigests']>();
  for await (const { path, kind, content } of readArchiveEntries(file)) {
    const algorithm = wanted.get(path);
    if (kind !== 'file' || algorithm === undefined) continue;
    const hash = createHash(algorithm);
    for await (const part of content()) hash.update(part);
    digests.set(path, { [algorithm]: hash.digest('hex') });
  }
  return members.map((member) => (digests.has(member.path) ? { ...member, otherDigests: digests.get(member.path)! } : member));
}

const algorithmOf = (hash: string | undefined): string => (hash ?? '').split('=', 1)[0]!;
const isOther = (algorithm: string): algorithm is RecordAlgorithm => algorithm === 'sha384' || algorithm === 'sha512';

function toLine({ path, hash, size }: { path: string; hash: string; size: string }): RecordLine {
  return { path, ...(hash === '' ? {} : { hash }), ...(/^\d+$/.test(size) ? { size: Number(size) } : {}) };
}
