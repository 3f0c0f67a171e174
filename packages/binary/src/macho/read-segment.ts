import type { MachOSection, MachOSegment } from '../macho-facts';
import { Refused } from '../reading/refused';
import type { CommandView } from './command-view';
import { ZERO_FILL } from './macho-constants';

const NAME_BYTES = 16;

/** LC_SEGMENT or LC_SEGMENT_64 with its sections. `limit`: bytes of the slice, or undefined where content lies elsewhere (dSYM, stub). */
export function readSegment(command: CommandView, limit: number | undefined): MachOSegment {
  const wide = command.format.bits === 64;
  const [fixedBytes, sectionBytes] = wide ? [72, 80] : [56, 68];
  command.needs(fixedBytes, 'a segment');
  const at = 8 + NAME_BYTES;
  const word = wide ? 8 : 4;
  const tail = at + 4 * word;
  const sectionCount = command.u32(tail + 8);
  if (fixedBytes + sectionCount * sectionBytes > command.length) {
    throw command.refused(`a segment of ${sectionCount} sections in ${command.length} bytes`);
  }
  const segment: MachOSegment = {
    name: command.name(8, NAME_BYTES),
    address: command.word(at),
    memorySize: command.word(at + word),
    offset: command.word(at + 2 * word),
    fileSize: command.word(at + 3 * word),
    maximumProtection: command.u32(tail),
    initialProtection: command.u32(tail + 4),
    flags: command.u32(tail + 12),
    sections: Array.from({ length: sectionCount }, (_, index) => readSection(command, fixedBytes + index * sectionBytes)),
  };
  if (limit !== undefined) checkRanges(command, segment, limit);
  return segment;
}

function readSection(command: CommandView, at: number): MachOSection {
  const word = command.format.bits === 64 ? 8 : 4;
  const numbers = at + 2 * NAME_BYTES;
  return {
    name: command.name(at, NAME_BYTES),
    segment: command.name(at + NAME_BYTES, NAME_BYTES),
    address: command.word(numbers),
    size: command.word(numbers + word),
    offset: command.u32(numbers + 2 * word),
    flags: command.u32(numbers + 2 * word + 16),
  };
}

/** The kernel maps nothing that ends behind the file, and no segment whose file part is larger than its memory. */
function checkRanges(command: CommandView, segment: MachOSegment, limit: number): void {
  const end = segment.offset + segment.fileSize;
  if (segment.fileSize > 0 && end > limit) {
    throw new Refused('truncated', `segment \`${segment.name}\` ends at ${end}, its file at ${limit}`, command.offset);
  }
  if (segment.memorySize !== 0 && segment.fileSize > segment.memorySize) {
    throw new Refused(
      'bad-segment',
      `segment \`${segment.name}\` holds ${segment.fileSize} bytes for ${segment.memorySize} bytes of memory`,
      command.offset,
    );
  }
  for (const section of segment.sections) {
    if (ZERO_FILL.has(section.flags & 0xff) || section.size === 0) continue;
    if (section.offset + section.size > limit) {
      throw new Refused('bad-segment', `section \`${section.name}\` ends at ${section.offset + section.size}, its file at ${limit}`, command.offset);
    }
  }
}
