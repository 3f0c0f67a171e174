import type { ElfFacts } from '../elf-facts';

/** What both `readelf -W -h -l -d -V --dyn-syms -n` and our reader say of a file, in one form that can be compared. */
export interface ComparableFacts {
  header: string;
  segments: readonly string[];
  interpreter: string;
  dynamic: readonly string[];
  symbols: readonly string[];
  versionNeeds: readonly string[];
  versionDefinitions: readonly string[];
  buildId: string | undefined;
  isaLevel: number;
}

const SEGMENT_TYPES: Readonly<Record<string, number>> = {
  LOAD: 1,
  DYNAMIC: 2,
  INTERP: 3,
  NOTE: 4,
  PHDR: 6,
  TLS: 7,
  GNU_EH_FRAME: 0x6474e550,
  GNU_STACK: 0x6474e551,
  GNU_RELRO: 0x6474e552,
  GNU_PROPERTY: 0x6474e553,
};
const COMPARED_SEGMENTS = new Set([1, 2, 3, 4, 0x6474e551, 0x6474e553]);
const TYPES: Readonly<Record<string, string>> = { REL: 'relocatable', EXEC: 'executable', DYN: 'shared', CORE: 'core' };
const MACHINES: readonly (readonly [string, string])[] = [
  ['Advanced Micro Devices X86-64', 'x86_64'],
  ['Intel 80386', 'i386'],
  ['AArch64', 'aarch64'],
  ['ARM', 'arm'],
  ['RISC-V', 'riscv64'],
  ['PowerPC64', 'ppc64'],
  ['PowerPC', 'ppc'],
  ['MIPS R3000', 'mips'],
  ['IBM S/390', 's390x'],
  ['Sparc v9', 'sparc64'],
  ['Sparc v8+', 'machine-18'],
  ['Sparc', 'sparc'],
  ['MC68000', 'm68k'],
  ['HPPA', 'parisc'],
  ['Renesas / SuperH SH', 'sh'],
  ['Intel IA-64', 'ia64'],
  ['Linux BPF', 'bpf'],
  ['Alpha', 'alpha'],
  ['LoongArch', 'loongarch64'],
];

export function comparableFacts(facts: ElfFacts): ComparableFacts {
  const text = (label: string, value: string | undefined): string[] => (value === undefined ? [] : [`${label} ${value}`]);
  return {
    header: [facts.bits, facts.endianness, facts.type, facts.architecture].join(' '),
    segments: facts.segments
      .filter(({ type }) => COMPARED_SEGMENTS.has(type))
      .map((segment) =>
        [segment.type, segment.offset, segment.virtualAddress, segment.fileSize, segment.memorySize, segment.flags, segment.alignment]
          .map((value) => value.toString(16))
          .join(' '),
      ),
    interpreter: facts.interpreter ?? '',
    dynamic: [
      ...facts.needed.map((name) => `NEEDED ${name}`),
      ...text('SONAME', facts.soname),
      ...text('RPATH', facts.rpath),
      ...text('RUNPATH', facts.runpath),
    ],
    // The symbol that stands for a version of the file itself: readelf prints it with or without that version, by section.
    symbols: facts.symbols.map(({ name, defined, weak, version }) => [name, defined, weak, version === name ? '' : (version ?? '')].join(' ')),
    versionNeeds: facts.versionNeeds.flatMap(({ library, versions }) => versions.map((version) => `${library} ${version}`)),
    versionDefinitions: facts.versionDefinitions,
    buildId: facts.buildId ?? '',
    isaLevel: facts.isaLevel ?? 0,
  };
}

/** `File: <path>` blocks of a run over several files. */
export function splitReadelf(output: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const block of output.split(/^File: /m).slice(1)) {
    const end = block.indexOf('\n');
    files.set(block.slice(0, end), block.slice(end + 1));
  }
  return files;
}

export function parseReadelf(block: string): ComparableFacts {
  const lines = block.split('\n');
  const loadable = /^ {2}Type: +(DYN|EXEC)/m.test(block);
  return {
    header: parseHeader(block),
    segments: loadable ? lines.flatMap(parseSegment) : [],
    interpreter: loadable ? (/\[Requesting program interpreter: (.*)\]/.exec(block)?.[1] ?? '') : '',
    dynamic: loadable ? parseDynamic(lines) : [],
    symbols: loadable ? lines.flatMap(parseSymbol) : [],
    versionNeeds: loadable ? parseNeeds(lines) : [],
    versionDefinitions: loadable ? parseDefinitions(lines) : [],
    // Go's linker puts the GNU build id into a section that no segment covers, where only the section table leads to it.
    buildId: block.includes('GO BUILDID') ? undefined : loadable ? (/Build ID: ([0-9a-f]+)/.exec(block)?.[1] ?? '') : '',
    isaLevel: loadable ? parseIsa(block) : 0,
  };
}

function parseHeader(block: string): string {
  const field = (name: string): string => new RegExp(`^ {2}${name}: +(.*)$`, 'm').exec(block)?.[1] ?? '';
  const machine = field('Machine');
  return [
    field('Class').slice(3),
    field('Data').includes('little') ? 'little' : 'big',
    TYPES[field('Type').split(' ')[0]!] ?? 'other',
    MACHINES.find(([prefix]) => machine.startsWith(prefix))?.[1] ?? machine,
  ].join(' ');
}

function parseSegment(line: string): string[] {
  const match = /^ {2}([A-Z_]+) +0x([0-9a-f]+) 0x([0-9a-f]+) 0x[0-9a-f]+ 0x([0-9a-f]+) 0x([0-9a-f]+) ([R ][W ][E ]) (?:0x)?([0-9a-f]+)$/.exec(line);
  const type = match ? SEGMENT_TYPES[match[1]!] : undefined;
  if (!match || type === undefined || !COMPARED_SEGMENTS.has(type)) return [];
  const flags = (match[6]!.includes('R') ? 4 : 0) + (match[6]!.includes('W') ? 2 : 0) + (match[6]!.includes('E') ? 1 : 0);
  const hex = (text: string): string => Number.parseInt(text, 16).toString(16);
  return [[type.toString(16), hex(match[2]!), hex(match[3]!), hex(match[4]!), hex(match[5]!), flags.toString(16), hex(match[7]!)].join(' ')];
}

function parseDynamic(lines: readonly string[]): string[] {
  const found = lines.flatMap((line) => {
    const match = /^ 0x[0-9a-f]+ \((NEEDED|SONAME|RPATH|RUNPATH)\) .*?: \[(.*)\]$/.exec(line);
    return match ? [`${match[1]} ${match[2]}`] : [];
  });
  const order = ['NEEDED', 'SONAME', 'RPATH', 'RUNPATH'];
  return order.flatMap((tag) => found.filter((entry) => entry.startsWith(`${tag} `)));
}

function parseSymbol(line: string): string[] {
  const match = /^ +\d+: [0-9a-f]+ +\S+ (\S+) +(<.*>: \d+|\S+) +\S+ +(?:\[.*\] +)?(bad section index\[ *\d+\]|\S+) (.*)$/.exec(line);
  if (!match || match[4] === '') return [];
  const [, type, bind, section, rest] = match;
  const named = /^(.*?)(?:@{1,2}([^@ ]+))?(?: \(\d+\))?$/.exec(rest!)!;
  if (type === 'SECTION' || named[1] === '') return [];
  return [[named[1], section !== 'UND', bind === 'WEAK', named[2] === named[1] ? '' : (named[2] ?? '')].join(' ')];
}

function parseNeeds(lines: readonly string[]): string[] {
  const needs: string[] = [];
  let library = '';
  let inside = false;
  for (const line of lines) {
    if (/^Version (symbols|definition)/.test(line)) inside = false;
    if (/^Version needs section/.test(line)) inside = true;
    if (!inside) continue;
    library = /  File: (.*)  Cnt: \d+$/.exec(line)?.[1] ?? library;
    const version = /^ +0x[0-9a-f]+: +Name: (.*)  Flags: /.exec(line)?.[1];
    if (version !== undefined) needs.push(`${library} ${version}`);
  }
  return needs;
}

function parseDefinitions(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const match = /^ +(?:0x)?[0-9a-f]+: Rev: \d+  Flags: (.*?) +Index: \d+  Cnt: \d+  Name: (.*)$/.exec(line);
    return match && !match[1]!.includes('BASE') ? [match[2]!] : [];
  });
}

function parseIsa(block: string): number {
  const match = /x86 ISA needed: ([^\n]*)/.exec(block);
  if (!match) return 0;
  const levels = [...match[1]!.matchAll(/x86-64-(baseline|v2|v3|v4)/g)].map(([, name]) => ['baseline', 'v2', 'v3', 'v4'].indexOf(name!) + 1);
  return Math.max(0, ...levels);
}
