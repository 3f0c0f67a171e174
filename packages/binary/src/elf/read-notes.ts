import { type FileBytes, View } from '../reading/file-bytes';
import { PT, X86_MACHINES } from './elf-constants';
import { ELF_LIMITS } from './elf-limits';
import { Refused } from '../reading/refused';
import type { ElfHeader } from './read-header';
import type { Segment } from './read-segments';

export interface NoteFacts {
  buildId?: string;
  isaLevel?: number;
}

const NT_GNU_BUILD_ID = 3;
const NT_GNU_PROPERTY_TYPE_0 = 5;
/** GNU_PROPERTY_X86_ISA_1_NEEDED of the x86-64 psABI: bit n−1 asks for level n. */
const X86_ISA_NEEDED = 0xc0008002;
const HIGHEST_ISA_LEVEL = 4;

export function readNotes(bytes: FileBytes, header: ElfHeader, segments: readonly Segment[]): NoteFacts {
  const facts: NoteFacts = {};
  for (const segment of segments) {
    if (segment.fileSize === 0 || (segment.type !== PT.note && segment.type !== PT.gnuProperty)) continue;
    if (segment.fileSize > ELF_LIMITS.noteBytes) throw new Refused('limit', `a note segment of ${segment.fileSize} bytes`, segment.offset);
    readNoteSegment(bytes.read(segment.offset, segment.fileSize, 'a note segment'), header, segment, facts);
  }
  return facts;
}

function readNoteSegment(raw: Uint8Array, header: ElfHeader, segment: Segment, facts: NoteFacts): void {
  const view = new View(raw, header);
  const align = segment.alignment === 8 ? 8 : 4;
  let at = 0;
  while (at + 12 <= raw.length) {
    const [nameBytes, dataBytes, type] = [view.u32(at), view.u32(at + 4), view.u32(at + 8)];
    const dataAt = roundUp(at + 12 + nameBytes, align);
    if (dataAt + dataBytes > raw.length) {
      throw new Refused('bad-note', `a note of ${nameBytes} + ${dataBytes} bytes in a segment of ${raw.length}`, segment.offset + at);
    }
    if (isGnu(raw, at + 12, nameBytes)) readGnuNote(type, raw.subarray(dataAt, dataAt + dataBytes), header, segment.offset + dataAt, facts);
    at = roundUp(dataAt + dataBytes, align);
  }
}

function isGnu(raw: Uint8Array, at: number, nameBytes: number): boolean {
  return nameBytes === 4 && raw[at] === 0x47 && raw[at + 1] === 0x4e && raw[at + 2] === 0x55 && raw[at + 3] === 0;
}

function readGnuNote(type: number, data: Uint8Array, header: ElfHeader, offset: number, facts: NoteFacts): void {
  if (type === NT_GNU_BUILD_ID && facts.buildId === undefined && data.length > 0) {
    facts.buildId = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
  }
  if (type === NT_GNU_PROPERTY_TYPE_0 && X86_MACHINES.has(header.machine)) readProperties(data, header, offset, facts);
}

function readProperties(data: Uint8Array, header: ElfHeader, offset: number, facts: NoteFacts): void {
  const view = new View(data, header);
  let at = 0;
  while (at + 8 <= data.length) {
    const [type, bytes] = [view.u32(at), view.u32(at + 4)];
    if (at + 8 + bytes > data.length) throw new Refused('bad-note', `a property of ${bytes} bytes in a note of ${data.length}`, offset + at);
    if (type === X86_ISA_NEEDED && bytes >= 4) {
      const level = 32 - Math.clz32(view.u32(at + 8) & (2 ** HIGHEST_ISA_LEVEL - 1));
      if (level > 0) facts.isaLevel = Math.max(level, facts.isaLevel ?? 0);
    }
    at = roundUp(at + 8 + bytes, header.bits / 8);
  }
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
