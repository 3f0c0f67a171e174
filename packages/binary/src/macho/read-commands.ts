import type { BuildTarget, DylibName, DylibUse, MachOSegment, MachOSlice } from '../macho-facts';
import { Refused } from '../reading/refused';
import type { CommandView } from './command-view';
import { DYLIB_USE, DYLIB_USE_MARKER, LC, platformOf } from './macho-constants';
import { readSegment } from './read-segment';

/** What the load commands of one slice say, while they are read. */
export interface CommandFacts extends Pick<MachOSlice, 'id' | 'dylinker' | 'uuid' | 'entry' | 'encryption' | 'symbolTable' | 'signature'> {
  libraries: DylibUse[];
  rpaths: string[];
  targets: BuildTarget[];
  dyldEnvironment: string[];
  segments: MachOSegment[];
}

interface Scope {
  facts: CommandFacts;
  /** Bytes of the slice that ranges must stay in; undefined where content lies in another file. */
  limit: number | undefined;
}

type Read = (command: CommandView, scope: Scope) => void;

const KINDS: Readonly<Record<number, DylibUse['kind']>> = {
  [LC.loadDylib]: 'load',
  [LC.loadWeakDylib]: 'weak',
  [LC.reexportDylib]: 'reexport',
  [LC.loadUpwardDylib]: 'upward',
  [LC.lazyLoadDylib]: 'lazy',
};
const DYLIB_BYTES = 24;
const DYLIB_USE_BYTES = 28;

const readUse: Read = (command, { facts }) => void facts.libraries.push(useOf(command));
const readVersionMinimum =
  (platform: string): Read =>
  (command, { facts }) => {
    command.needs(16, 'a lowest system version');
    facts.targets.push({ platform, minimumSystem: systemVersion(command.u32(8)), sdk: systemVersion(command.u32(12)) });
  };

/** By number. What is not here says nothing of loading or signing. */
export const READ_COMMAND: Readonly<Record<number, Read>> = {
  [LC.segment]: (command, scope) => void scope.facts.segments.push(readSegment(inBits(command, 32), scope.limit)),
  [LC.segment64]: (command, scope) => void scope.facts.segments.push(readSegment(inBits(command, 64), scope.limit)),
  [LC.loadDylib]: readUse,
  [LC.loadWeakDylib]: readUse,
  [LC.reexportDylib]: readUse,
  [LC.loadUpwardDylib]: readUse,
  [LC.lazyLoadDylib]: readUse,
  [LC.idDylib]: (command, { facts }) => setOnce(command, facts, 'id', dylibOf(command, DYLIB_BYTES), 'LC_ID_DYLIB'),
  [LC.rpath]: (command, { facts }) => void facts.rpaths.push(command.path(8, 12, 'LC_RPATH')),
  [LC.loadDylinker]: (command, { facts }) => setOnce(command, facts, 'dylinker', command.path(8, 12, 'LC_LOAD_DYLINKER'), 'LC_LOAD_DYLINKER'),
  [LC.dyldEnvironment]: (command, { facts }) => void facts.dyldEnvironment.push(command.path(8, 12, 'LC_DYLD_ENVIRONMENT')),
  [LC.versionMinMacos]: readVersionMinimum('macos'),
  [LC.versionMinIos]: readVersionMinimum('ios'),
  [LC.versionMinTvos]: readVersionMinimum('tvos'),
  [LC.versionMinWatchos]: readVersionMinimum('watchos'),
  [LC.buildVersion]: (command, { facts }) => {
    command.needs(24, 'LC_BUILD_VERSION');
    facts.targets.push({ platform: platformOf(command.u32(8)), minimumSystem: systemVersion(command.u32(12)), sdk: systemVersion(command.u32(16)) });
  },
  [LC.symbolTable]: (command, { facts }) => {
    command.needs(24, 'LC_SYMTAB');
    const table = { offset: command.u32(8), count: command.u32(12), stringsOffset: command.u32(16), stringsSize: command.u32(20) };
    setOnce(command, facts, 'symbolTable', table, 'LC_SYMTAB');
  },
  [LC.uuid]: (command, { facts }) => {
    const uuid = Buffer.from(command.needs(24, 'LC_UUID').raw(8, 16)).toString('hex');
    setOnce(command, facts, 'uuid', uuid, 'LC_UUID');
  },
  [LC.main]: (command, { facts }) => {
    command.needs(24, 'LC_MAIN');
    setOnce(command, facts, 'entry', { offset: command.u64(8), stackSize: command.u64(16) }, 'LC_MAIN');
  },
  [LC.encryptionInfo]: readEncryption,
  [LC.encryptionInfo64]: readEncryption,
  [LC.codeSignature]: (command, { facts, limit }) => {
    const signature = { offset: command.needs(16, 'LC_CODE_SIGNATURE').u32(8), size: command.u32(12) };
    checkRange(command, signature, limit, 'the code signature');
    setOnce(command, facts, 'signature', signature, 'LC_CODE_SIGNATURE');
  },
};

function readEncryption(command: CommandView, { facts, limit }: Scope): void {
  const encryption = { offset: command.needs(20, 'LC_ENCRYPTION_INFO').u32(8), size: command.u32(12), system: command.u32(16) };
  checkRange(command, encryption, limit, 'the encrypted range');
  setOnce(command, facts, 'encryption', encryption, 'LC_ENCRYPTION_INFO');
}

/** A 64-bit segment in a 32-bit file would be read with the wrong widths: the kernel and dyld skip it, linkers never write it. */
function inBits(command: CommandView, bits: 32 | 64): CommandView {
  if (command.format.bits !== bits) throw command.refused(`a ${bits}-bit segment in a ${command.format.bits}-bit file`);
  return command;
}

function checkRange(command: CommandView, range: { offset: number; size: number }, limit: number | undefined, what: string): void {
  if (limit === undefined || range.offset + range.size <= limit) return;
  throw new Refused('truncated', `${what} ends at ${range.offset + range.size}, its file at ${limit}`, command.offset);
}

/** What dyld, the kernel and a signature verifier look at stands once: of two, each could take another. */
function setOnce<Key extends keyof CommandFacts>(command: CommandView, facts: CommandFacts, key: Key, value: CommandFacts[Key], name: string): void {
  if (facts[key] !== undefined) throw command.refused(`a second ${name}`);
  facts[key] = value;
}

function dylibOf(command: CommandView, fixedBytes: number): DylibName {
  return {
    name: command.path(8, fixedBytes, 'a library name'),
    currentVersion: libraryVersion(command.u32(16)),
    compatibilityVersion: libraryVersion(command.u32(20)),
  };
}

function useOf(command: CommandView): DylibUse {
  const kind = KINDS[command.command]!;
  command.needs(DYLIB_BYTES, 'a library');
  const marked = (kind === 'load' || kind === 'weak') && command.u32(8) === DYLIB_USE_BYTES && command.u32(12) === DYLIB_USE_MARKER;
  if (!marked) return { ...dylibOf(command, DYLIB_BYTES), kind, weak: kind === 'weak' };
  const library = dylibOf(command, DYLIB_USE_BYTES);
  const flags = command.u32(24);
  const weak = kind === 'weak' || (flags & DYLIB_USE.weak) !== 0;
  const named = flags & DYLIB_USE.reexport ? 'reexport' : flags & DYLIB_USE.upward ? 'upward' : weak ? 'weak' : 'load';
  return { ...library, kind: named, weak };
}

function libraryVersion(packed: number): string {
  return `${packed >>> 16}.${(packed >>> 8) & 0xff}.${packed & 0xff}`;
}

function systemVersion(packed: number): string {
  const patch = packed & 0xff;
  return `${packed >>> 16}.${(packed >>> 8) & 0xff}${patch === 0 ? '' : `.${patch}`}`;
}
