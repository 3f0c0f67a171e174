import { createHash } from 'node:crypto';
import type { ElfFacts } from '@waybill/binary';
import type { MemberFacts, NativeMember, SdistFacts, WheelFacts } from '../distribution-facts';
import { parseCoreMetadata } from '../metadata/parse-core-metadata';
import { parseWheelFile } from '../metadata/parse-wheel-file';
import { recordHash } from '../record/record-text';

export const SDE = 1_580_601_600;

export function member(path: string, content = path, more: Partial<MemberFacts> = {}): MemberFacts {
  const kind = path.endsWith('/') ? 'directory' : 'file';
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { path, kind, mode: 0o644, size: kind === 'file' ? content.length : 0, ...(kind === 'file' ? { sha256 } : {}), mtimeSeconds: SDE, ...more };
}

/** RECORD's rows for members, as they should be. */
export function recordOf(members: readonly MemberFacts[], record = 'demo-1.0.dist-info/RECORD'): NonNullable<WheelFacts['record']> {
  return members
    .filter(({ kind, path }, index) => kind === 'file' && members.findIndex((other) => other.path === path) === index)
    .map(({ path, sha256, size }) => (path === record ? { path } : { path, hash: recordHash(sha256!), size }));
}

export const METADATA = [
  'Metadata-Version: 2.4',
  'Name: demo',
  'Version: 1.0',
  'Summary: counts words',
  'License-Expression: MIT',
  'License-File: LICENSE',
  'Requires-Python: >=3.9',
  'Requires-Dist: six>=1.16; python_version < "4"',
  'Description-Content-Type: text/markdown',
  '',
  '# demo',
  '',
].join('\n');

export interface WheelChange {
  fileName?: string;
  /** Instead of METADATA's text. */
  metadata?: string | undefined;
  wheel?: string | undefined;
  /** Further members. */
  members?: readonly MemberFacts[];
  natives?: readonly NativeMember[];
  facts?: Partial<WheelFacts>;
}

/** A wheel without fault, and what a test changes of it; RECORD names all that is there. */
export function wheelFacts(change: WheelChange = {}): WheelFacts {
  const { fileName = 'demo-1.0-py3-none-any.whl', natives = [] } = change;
  const tag = fileName.replace(/^[^-]+-[^-]+-(\d[^-]*-)?|\.whl$/g, '');
  const pure = tag.endsWith('-any');
  const members = [
    member('demo/__init__.py'),
    ...natives.map(({ path }) => member(path)),
    ...(change.members ?? []),
    member('demo-1.0.dist-info/METADATA'),
    member('demo-1.0.dist-info/WHEEL'),
    member('demo-1.0.dist-info/licenses/LICENSE'),
    member('demo-1.0.dist-info/RECORD'),
  ];
  return {
    kind: 'wheel',
    fileName,
    container: { format: 'zip' },
    members,
    natives,
    distInfos: ['demo-1.0.dist-info'],
    metadata: parseCoreMetadata(change.metadata ?? METADATA).metadata,
    wheel: parseWheelFile(change.wheel ?? `Wheel-Version: 1.0\nRoot-Is-Purelib: ${String(pure)}\nTag: ${tag}\n`).wheel,
    record: recordOf(members),
    entryPoints: [],
    topLevels: ['demo'],
    faults: [],
    ...change.facts,
  };
}

/** An sdist without fault, and what a test changes of it. */
export function sdistFacts(
  change: { fileName?: string; metadata?: string; members?: readonly MemberFacts[]; facts?: Partial<SdistFacts> } = {},
): SdistFacts {
  return {
    kind: 'sdist',
    fileName: change.fileName ?? 'demo-1.0.tar.gz',
    container: { format: 'tar.gz', gzip: { mtimeSeconds: 0 } },
    members: [
      ...['PKG-INFO', 'LICENSE', 'pyproject.toml', 'demo/__init__.py'].map((path) => member(`demo-1.0/${path}`, path)),
      ...(change.members ?? []),
    ],
    natives: [],
    topFolders: ['demo-1.0'],
    metadata: parseCoreMetadata(change.metadata ?? METADATA).metadata,
    hasPyproject: true,
    faults: [],
    ...change.facts,
  };
}

/** Facts of a shared library that needs libc alone. */
export function elfFacts(change: Partial<ElfFacts> = {}): ElfFacts {
  return {
    bits: 64,
    endianness: 'little',
    architecture: 'x86_64',
    machine: 62,
    osAbi: 0,
    type: 'shared',
    dynamic: true,
    needed: ['libc.so.6'],
    sectionTable: 'ok',
    flags: [],
    textRelocations: false,
    executableStack: false,
    segments: [],
    versionNeeds: [{ library: 'libc.so.6', versions: ['GLIBC_2.2.5'] }],
    versionDefinitions: [],
    symbols: [{ name: 'PyInit__x', defined: true, weak: false }],
    ...change,
  };
}

export function elfMember(path: string, change: Partial<ElfFacts> = {}): NativeMember {
  return { path, format: 'elf', elf: elfFacts(change) };
}
