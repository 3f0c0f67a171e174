import { type FileBytes, View } from '../reading/file-bytes';
import { DT, PT } from './elf-constants';
import { ELF_LIMITS } from './elf-limits';
import { Refused } from '../reading/refused';
import type { ElfHeader } from './read-header';
import type { AddressMap, Segment } from './read-segments';

/** The dynamic section up to DT_NULL. A tag that stands twice counts as ld.so counts it: the last one. */
export interface Dynamic {
  values: ReadonlyMap<number, number>;
  /** DT_NEEDED, in order: offsets in the string table. */
  neededOffsets: readonly number[];
  /** Offset in the file. */
  offset: number;
}

export function readDynamic(bytes: FileBytes, header: ElfHeader, segments: readonly Segment[], map: AddressMap): Dynamic | undefined {
  const segment = segments.find(({ type }) => type === PT.dynamic);
  if (!segment) return undefined;
  const values = new Map<number, number>();
  const neededOffsets: number[] = [];
  if (segment.fileSize === 0) return { values, neededOffsets, offset: segment.offset };
  const entryBytes = header.bits === 64 ? 16 : 8;
  const count = Math.floor(segment.fileSize / entryBytes);
  const offset = map.offsetOf(segment.virtualAddress, Math.min(count, 1) * entryBytes, 'the dynamic section');
  const available = Math.min(count, Math.floor(map.bytesFrom(segment.virtualAddress) / entryBytes), ELF_LIMITS.dynamicEntries + 1);
  const view = new View(bytes.read(offset, available * entryBytes, 'the dynamic section'), header);
  for (let index = 0; index < available; index += 1) {
    if (index === ELF_LIMITS.dynamicEntries) throw new Refused('limit', `more than ${ELF_LIMITS.dynamicEntries} dynamic entries`, offset);
    const tag = view.word(index * entryBytes);
    const value = view.word(index * entryBytes + entryBytes / 2);
    if (tag === DT.null) return { values, neededOffsets, offset };
    if (tag === DT.needed) neededOffsets.push(value);
    else values.set(tag, value);
  }
  throw new Refused('bad-dynamic', 'the dynamic section has no end (DT_NULL)', offset);
}
