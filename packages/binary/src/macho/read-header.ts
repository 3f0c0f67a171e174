import { type FileBytes, type NumberFormat, View } from '../reading/file-bytes';
import { Refused } from '../reading/refused';
import { MAGIC } from './macho-constants';
import { MACHO_LIMITS } from './macho-limits';

export interface MachOHeader extends NumberFormat {
  cpuType: number;
  cpuSubtype: number;
  fileType: number;
  commandCount: number;
  commandBytes: number;
  flags: number;
  headerBytes: number;
}

/** The highest byte of a subtype holds capabilities, such as the version of the pointer authentication ABI. */
export const SUBTYPE_MASK = 0x00ffffff;

export function readHeader(bytes: FileBytes): MachOHeader {
  const format = readMagic(bytes);
  const headerBytes = format.bits === 64 ? 32 : 28;
  const view = new View(bytes.read(0, headerBytes, 'the header'), format);
  const commandBytes = view.u32(20);
  // The kernel reads header and commands at once and refuses more; each command has at least 8 bytes.
  if (commandBytes > MACHO_LIMITS.commandBytes) {
    throw new Refused('limit', `load commands of ${commandBytes} bytes, at most ${MACHO_LIMITS.commandBytes} are read`, bytes.start + 20);
  }
  if (view.u32(16) * 8 > commandBytes) {
    throw new Refused('bad-header', `${view.u32(16)} load commands in ${commandBytes} bytes`, bytes.start + 16);
  }
  return {
    ...format,
    cpuType: view.u32(4),
    cpuSubtype: view.u32(8) & SUBTYPE_MASK,
    fileType: view.u32(12),
    commandCount: view.u32(16),
    commandBytes,
    flags: view.u32(24),
    headerBytes,
  };
}

function readMagic(bytes: FileBytes): NumberFormat {
  if (bytes.size < 4) throw new Refused('not-mach-o', `${bytes.size} bytes are no Mach-O file`, bytes.start);
  const magic = bytes.read(0, 4, 'the magic number');
  for (const little of [true, false]) {
    const number = new View(magic, { bits: 32, little }).u32(0);
    if (number === MAGIC.thin32 || number === MAGIC.thin64) return { bits: number === MAGIC.thin64 ? 64 : 32, little };
  }
  // A universal file of static libraries looks like one of programs until here.
  const archive = Buffer.from(magic).toString('latin1') === '!<ar';
  throw new Refused('not-mach-o', archive ? 'a static library, not a Mach-O file' : 'no Mach-O magic number', bytes.start);
}
