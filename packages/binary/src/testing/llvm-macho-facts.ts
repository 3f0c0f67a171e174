import type { MachOSlice } from '../macho-facts';

/** What both `llvm-objdump --macho --arch=all --non-verbose --private-headers` and our reader say of a slice, in one form that can be compared. */
export interface ComparableSlice {
  header: string;
  segments: readonly string[];
  sections: readonly string[];
  libraries: readonly string[];
  id: string;
  rpaths: readonly string[];
  dylinker: string;
  targets: readonly string[];
  uuid: string;
  entry: string;
  signature: string;
}

const hex = (value: number): string => value.toString(16);

export function comparableSlice(slice: MachOSlice): ComparableSlice {
  const range = (value: { offset: number; size: number } | undefined): string => (value ? `${value.offset} ${value.size}` : '');
  return {
    header: [slice.cpuType, slice.cpuSubtype, slice.fileType, slice.commands.length, slice.flags].join(' '),
    segments: slice.segments.map((segment) =>
      [
        segment.name,
        hex(segment.address),
        hex(segment.memorySize),
        segment.offset,
        segment.fileSize,
        segment.maximumProtection,
        segment.initialProtection,
        segment.sections.length,
      ].join(' '),
    ),
    sections: slice.segments
      .flatMap(({ sections }) => sections)
      .map((section) => [section.segment, section.name, hex(section.address), hex(section.size), section.offset, hex(section.flags)].join(' ')),
    libraries: slice.libraries.map(({ kind, name, currentVersion, compatibilityVersion }) =>
      [kind, name, currentVersion, compatibilityVersion].join(' '),
    ),
    id: slice.id ? [slice.id.name, slice.id.currentVersion, slice.id.compatibilityVersion].join(' ') : '',
    rpaths: slice.rpaths,
    dylinker: slice.dylinker ?? '',
    targets: slice.targets.map(({ platform, minimumSystem, sdk }) => `${platform} ${minimumSystem} ${sdk}`),
    uuid: slice.uuid ?? '',
    entry: slice.entry ? `${slice.entry.offset} ${slice.entry.stackSize}` : '',
    signature: range(slice.signature),
  };
}

const LIBRARY_COMMANDS: Readonly<Record<string, string>> = {
  LC_LOAD_DYLIB: 'load',
  LC_LOAD_WEAK_DYLIB: 'weak',
  LC_REEXPORT_DYLIB: 'reexport',
  LC_LOAD_UPWARD_DYLIB: 'upward',
  LC_LAZY_LOAD_DYLIB: 'lazy',
};

/** One entry for each architecture that the output tells of. */
export function parseObjdump(output: string): ComparableSlice[] {
  return output
    .split(/^Mach header$/m)
    .slice(1)
    .map(parseSlice);
}

type Fields = (name: string) => string;

function parseSlice(text: string): ComparableSlice {
  const commands = text.split(/^Load command \d+$/m);
  const numbers = commands[0]!.trim().split('\n')[1]!.trim().split(/\s+/).map(Number);
  const parsed = commands.slice(1).map((command) => ({ command, field: fieldsOf(command) }));
  const all = (pick: (field: Fields, name: string, command: string) => string[]): string[] =>
    parsed.flatMap(({ command, field }) => pick(field, field('cmd'), command));
  const only = (name: string, value: (field: Fields) => string): string => all((field, command) => (command === name ? [value(field)] : []))[0] ?? '';
  const dylib = (field: Fields): string => [path(field('name')), field('current version'), field('compatibility version')].join(' ');
  return {
    header: [numbers[1], numbers[2]! & 0xffffff, numbers[4], numbers[5], numbers[7]].join(' '),
    segments: all((field, name) => (name.startsWith('LC_SEGMENT') ? [segmentOf(field)] : [])),
    sections: all((_field, name, command) =>
      name.startsWith('LC_SEGMENT')
        ? command
            .split(/^Section$/m)
            .slice(1)
            .map(sectionOf)
        : [],
    ),
    libraries: all((field, name) => (LIBRARY_COMMANDS[name] ? [`${LIBRARY_COMMANDS[name]} ${dylib(field)}`] : [])),
    id: only('LC_ID_DYLIB', dylib),
    rpaths: all((field, name) => (name === 'LC_RPATH' ? [path(field('path'))] : [])),
    dylinker: only('LC_LOAD_DYLINKER', (field) => path(field('name'))),
    targets: all(targetOf),
    uuid: only('LC_UUID', (field) => field('uuid').replaceAll('-', '').toLowerCase()),
    entry: only('LC_MAIN', (field) => `${field('entryoff')} ${field('stacksize')}`),
    signature: only('LC_CODE_SIGNATURE', (field) => `${field('dataoff')} ${field('datasize')}`),
  };
}

const fieldsOf =
  (text: string): Fields =>
  (name) =>
    new RegExp(`^ *${name} (.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';

const path = (text: string): string => text.replace(/ \(offset \d+\)$/, '');
const number = (text: string): string => hex(Number(text));

function segmentOf(field: Fields): string {
  const [address, memory] = [number(field('vmaddr')), number(field('vmsize'))];
  const protections = [Number(field('maxprot')), Number(field('initprot'))];
  return [field('segname'), address, memory, field('fileoff'), field('filesize'), ...protections, field('nsects')].join(' ');
}

/** llvm-objdump notes `(past end of file)` behind sizes of sections without content. */
function sectionOf(text: string): string {
  const field = fieldsOf(text);
  return [
    field('segname'),
    field('sectname'),
    number(field('addr')),
    number(field('size').split(' ')[0]!),
    field('offset').split(' ')[0],
    number(field('flags')),
  ].join(' ');
}

function targetOf(field: Fields, name: string): string[] {
  const sdk = field('sdk') === 'n/a' ? '0.0' : field('sdk');
  if (name === 'LC_BUILD_VERSION') return [`${field('platform')} ${field('minos')} ${sdk}`];
  if (name === 'LC_VERSION_MIN_MACOSX') return [`macos ${field('version')} ${sdk}`];
  return [];
}
