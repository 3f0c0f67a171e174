import { basename } from 'node:path';
import {
  findTopLevels,
  normaliseDistribution,
  parseCoreMetadata,
  parseEntryPoints,
  parseWheelFile,
  parseWheelName,
  readRecord,
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
  const entryPoints = text('entry_points.txt', parseEntryPoints)?.entryPoints ?? [];
  return {
    kind: 'wheel',
    fileName,
    container: read.container,
    members: read.members,
    natives: read.natives,
    distInfos,
    ...(metadata === undefined ? {} : { metadata }),
    ...(wheel === undefined ? {} : { wheel }),
    ...(record === undefined ? {} : { record }),
    entryPoints,
    topLevels: findTopLevels(read.members.filter(({ kind }) => kind === 'file').map(({ path }) => path)),
    faults,
  };
}

/** The dist-info that an installer takes: the file's own; else the first. */
function ownDistInfo(fileName: string, distInfos: readonly string[]): string | undefined {
  const distribution = parseWheelName(fileName)?.distribution;
  return distInfos.find((name) => normaliseDistribution(name.split('-')[0]!) === distribution) ?? distInfos[0];
}

function toLine({ path, hash, size }: { path: string; hash: string; size: string }): RecordLine {
  return { path, ...(hash === '' ? {} : { hash }), ...(/^\d+$/.test(size) ? { size: Number(size) } : {}) };
}
