import type { ElfFacts } from '../elf-facts';
import { type FileBytes, View } from '../reading/file-bytes';
import { PT } from './elf-constants';
import { ELF_LIMITS } from './elf-limits';
import { Refused } from '../reading/refused';
import type { ElfHeader } from './read-header';

export type Segment = ElfFacts['segments'][number];

/** The program headers. A PT_LOAD that ends behind the file is a refusal: ld.so would map it, and the process dies with SIGBUS at first touch. */
export function readSegments(bytes: FileBytes, header: ElfHeader): Segment[] {
  const { offset, count } = header.programHeaders;
  const entryBytes = header.bits === 64 ? 56 : 32;
  if (count === 0) return [];
  if (count * entryBytes > ELF_LIMITS.programHeaderBytes) {
    throw new Refused('limit', `${count} program headers, at most ${Math.floor(ELF_LIMITS.programHeaderBytes / entryBytes)} load`, offset);
  }
  const view = new View(bytes.read(offset, count * entryBytes, 'the program header table'), header);
  const segments: Segment[] = [];
  for (let index = 0; index < count; index += 1) {
    const segment = readSegment(view, index * entryBytes);
    checkLoad(segment, bytes, offset + index * entryBytes);
    segments.push(segment);
  }
  return segments;
}

function readSegment(view: View, at: number): Segment {
  if (view.format.bits === 64) {
    return {
      type: view.u32(at),
      flags: view.u32(at + 4),
      offset: view.u64(at + 8),
      virtualAddress: view.u64(at + 16),
      fileSize: view.u64(at + 32),
      memorySize: view.u64(at + 40),
      alignment: view.u64(at + 48),
    };
  }
  return {
    type: view.u32(at),
    flags: view.u32(at + 24),
    offset: view.u32(at + 4),
    virtualAddress: view.u32(at + 8),
    fileSize: view.u32(at + 16),
    memorySize: view.u32(at + 20),
    alignment: view.u32(at + 28),
  };
}

function checkLoad(segment: Segment, bytes: FileBytes, at: number): void {
  if (segment.type !== PT.load) return;
  const end = segment.offset + segment.fileSize;
  if (segment.fileSize > 0 && end > bytes.size) {
    throw new Refused('truncated', `a segment that is loaded ends at ${end}, the file at ${bytes.size}`, bytes.size);
  }
  if (segment.fileSize > segment.memorySize) {
    throw new Refused('bad-segment', `a segment holds ${segment.fileSize} bytes for ${segment.memorySize} bytes of memory`, at);
  }
}

/** Addresses to file offsets, the way ld.so maps the file: through PT_LOAD alone. */
export class AddressMap {
  private readonly loads: readonly Segment[];

  constructor(segments: readonly Segment[]) {
    this.loads = segments.filter((segment) => segment.type === PT.load && segment.fileSize > 0);
  }

  /** Offset in the file of `length` bytes at `address`; they must lie in one segment's part of the file. */
  offsetOf(address: number, length: number, what: string): number {
    for (const load of this.loads) {
      const into = address - load.virtualAddress;
      if (into >= 0 && into + length <= load.fileSize) return load.offset + into;
    }
    throw new Refused('bad-dynamic', `${what} at address 0x${address.toString(16)} is in no part of the file that is loaded`, 0);
  }

  /** How many bytes of the file follow `address` in its segment. */
  bytesFrom(address: number): number {
    for (const load of this.loads) {
      const into = address - load.virtualAddress;
      if (into >= 0 && into < load.fileSize) return load.fileSize - into;
    }
    return 0;
  }
}
