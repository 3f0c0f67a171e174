import type { MachOSlice } from '../macho-facts';
import type { FileBytes } from '../reading/file-bytes';
import { Refused } from '../reading/refused';
import { CommandView } from './command-view';
import { architectureOf, cpuNameOf, FILE_TYPES } from './macho-constants';
import { type CommandFacts, READ_COMMAND } from './read-commands';
import { type MachOHeader, readHeader } from './read-header';

/** One architecture: header and load commands, nothing of code or data. */
export function readSlice(bytes: FileBytes): MachOSlice {
  const header = readHeader(bytes);
  const type = FILE_TYPES[header.fileType] ?? 'other';
  const commands: { command: number; size: number }[] = [];
  const facts: CommandFacts = { libraries: [], rpaths: [], targets: [], dyldEnvironment: [], segments: [] };
  // Debug files and stubs keep the load commands of the file that they belong to, without its content.
  const limit = type === 'dsym' || type === 'dylib-stub' ? undefined : bytes.size;
  for (const command of commandsOf(bytes, header)) {
    commands.push({ command: command.command, size: command.length });
    READ_COMMAND[command.command]?.(command, { facts, limit });
  }
  return {
    offset: bytes.start,
    size: bytes.size,
    bits: header.bits,
    endianness: header.little ? 'little' : 'big',
    architecture: architectureOf(header.cpuType),
    cpuName: cpuNameOf(header.cpuType, header.cpuSubtype),
    cpuType: header.cpuType,
    cpuSubtype: header.cpuSubtype,
    type,
    fileType: header.fileType,
    flags: header.flags,
    commandBytes: header.headerBytes + header.commandBytes,
    commands,
    ...facts,
  };
}

function* commandsOf(bytes: FileBytes, header: MachOHeader): Generator<CommandView> {
  const all = bytes.read(header.headerBytes, header.commandBytes, 'the load commands');
  const table = new CommandView(all, header, bytes.start + header.headerBytes);
  let at = 0;
  for (let index = 0; index < header.commandCount; index += 1) {
    const size = at + 8 <= all.length ? table.u32(at + 4) : 0;
    // dyld refuses sizes that are no multiple of 4; without that, a command could overlap the next.
    if (size < 8 || size % 4 !== 0 || at + size > all.length) {
      throw new Refused('bad-load-command', `load command ${index} has ${size} bytes, ${all.length - at} are left`, table.offset + at);
    }
    yield new CommandView(all.subarray(at, at + size), header, table.offset + at);
    at += size;
  }
}
