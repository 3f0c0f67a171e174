import type { BinaryRefusal } from '../binary-refusal';
import { bytesAsSource } from '../byte-source';
import type { MachOFacts, MachOSlice } from '../macho-facts';
import { buildMachO, type BuiltMachO, buildUniversal, type MachORecipe } from '../testing/build-macho';
import { readMachO } from './read-macho';

const RICH: MachORecipe = {
  id: '@rpath/libapp.1.dylib',
  libraries: [
    { name: '/usr/lib/libSystem.B.dylib', version: 0x54d0102, compatibility: 0x10000 },
    { name: '@rpath/libweak.dylib', command: 0x80000018 },
    { name: '@rpath/libre.dylib', command: 0x8000001f },
    { name: '@rpath/libup.dylib', command: 0x80000023 },
    { name: '@rpath/liblazy.dylib', command: 0x20 },
    { name: '@rpath/libflags.dylib', useFlags: 0x3 },
  ],
  rpaths: ['@loader_path/../lib', '@executable_path'],
  dylinker: '/usr/lib/dyld',
  environment: ['DYLD_VERSIONED_LIBRARY_PATH=@loader_path'],
  targets: [
    [1, 0xb0000, 0xe0500],
    [6, 0xf0204, 0],
  ],
  minimum: [0x24, 0xa0f04, 0xb0300],
  uuid: '00112233445566778899aabbccddeeff',
  entry: 0x1234,
  encryption: [0x100, 0x200, 1],
  infoPlist: Buffer.from('<plist/>'),
  signatureBytes: 512,
};

const FORMATS = [
  [64, true],
  [64, false],
  [32, true],
  [32, false],
] as const;

function factsOf(bytes: Uint8Array): MachOFacts {
  const reading = readMachO(bytesAsSource(bytes));
  if (!reading.ok) throw new Error(`${reading.refusal.reason}: ${reading.refusal.message}`);
  return reading.facts;
}

const sliceOf = (built: BuiltMachO): MachOSlice => factsOf(built.bytes).slices[0]!;

function refusalOf(bytes: Uint8Array): BinaryRefusal | undefined {
  const reading = readMachO(bytesAsSource(bytes));
  return reading.ok ? undefined : reading.refusal;
}

describe('readMachO', () => {
  it.each(FORMATS)('reads every fact of a %i-bit file, little endian: %s', (bits, little) => {
    const built = buildMachO({ ...RICH, bits, little });
    const dylib = { currentVersion: '1.2.3', compatibilityVersion: '1.0.0' };
    expect(factsOf(built.bytes).kind).toBe('thin');
    expect(sliceOf(built)).toMatchObject({
      offset: 0,
      size: built.bytes.length,
      bits,
      endianness: little ? 'little' : 'big',
      architecture: 'aarch64',
      cpuName: 'arm64',
      type: 'dylib',
      flags: 0x85,
      id: { name: '@rpath/libapp.1.dylib', ...dylib },
      libraries: [
        { name: '/usr/lib/libSystem.B.dylib', currentVersion: '1357.1.2', compatibilityVersion: '1.0.0', kind: 'load', weak: false },
        { name: '@rpath/libweak.dylib', ...dylib, kind: 'weak', weak: true },
        { name: '@rpath/libre.dylib', ...dylib, kind: 'reexport', weak: false },
        { name: '@rpath/libup.dylib', ...dylib, kind: 'upward', weak: false },
        { name: '@rpath/liblazy.dylib', ...dylib, kind: 'lazy', weak: false },
        { name: '@rpath/libflags.dylib', ...dylib, kind: 'reexport', weak: true },
      ],
      rpaths: ['@loader_path/../lib', '@executable_path'],
      dylinker: '/usr/lib/dyld',
      dyldEnvironment: ['DYLD_VERSIONED_LIBRARY_PATH=@loader_path'],
      targets: [
        { platform: 'macos', minimumSystem: '11.0', sdk: '14.5' },
        { platform: 'maccatalyst', minimumSystem: '15.2.4', sdk: '0.0' },
        { platform: 'macos', minimumSystem: '10.15.4', sdk: '11.3' },
      ],
      uuid: RICH.uuid,
      entry: { offset: 0x1234, stackSize: 0 },
      encryption: { offset: 0x100, size: 0x200, system: 1 },
      signature: { offset: built.signatureAt, size: 512 },
    });
    const [text, linkEdit] = sliceOf(built).segments;
    expect(text).toMatchObject({
      name: '__TEXT',
      offset: 0,
      sections: [
        { name: '__text', segment: '__TEXT' },
        { name: '__info_plist', size: 8 },
      ],
    });
    expect(linkEdit).toMatchObject({ name: '__LINKEDIT', offset: text!.fileSize, sections: [] });
  });

  it.each([
    ['arm64', 'aarch64', 0x0100000c, 0],
    ['arm64e', 'aarch64', 0x0100000c, 0x80000002],
    ['x86_64', 'x86_64', 0x01000007, 3],
    ['x86_64h', 'x86_64', 0x01000007, 8],
    ['i386', 'i386', 7, 3],
    ['armv7', 'arm', 12, 9],
    ['cpu-99', 'cpu-99', 99, 0],
  ])('cpu %s', (cpuName, architecture, cpuType, cpuSubtype) => {
    expect(sliceOf(buildMachO({ cpuType, cpuSubtype }))).toMatchObject({ cpuName, architecture, cpuSubtype: cpuSubtype & 0xffffff });
  });

  it.each([
    [1, 'object'],
    [2, 'executable'],
    [6, 'dylib'],
    [8, 'bundle'],
    [10, 'dsym'],
    [77, 'other'],
  ] as const)('file type %i', (fileType, type) => {
    expect(sliceOf(buildMachO({ fileType }))).toMatchObject({ type, fileType });
  });

  it.each([32, 64] as const)('reads the slices of a universal file with a %i-bit table', (bits) => {
    const [first, second] = [buildMachO({ ...RICH, cpuType: 0x01000007, cpuSubtype: 3 }), buildMachO({ rpaths: ['@loader_path'] })];
    const facts = factsOf(
      buildUniversal(
        [
          { bytes: first.bytes, cpuType: 0x01000007, cpuSubtype: 3 },
          { bytes: second.bytes, cpuType: 0x0100000c },
        ],
        bits,
      ),
    );
    expect(facts).toMatchObject({
      kind: 'universal',
      slices: [
        { offset: 4_096, size: first.bytes.length, cpuName: 'x86_64', signature: { offset: first.signatureAt } },
        { size: second.bytes.length, cpuName: 'arm64', rpaths: ['@loader_path'] },
      ],
    });
    expect(facts.slices[1]!.offset % 4_096).toBe(0);
  });

  it('lets segments of a dSYM file, which have no content, end anywhere', () => {
    const built = buildMachO({ fileType: 10 });
    new DataView(built.bytes.buffer).setBigUint64(built.commandAt(0x19) + 48, 1n << 30n, true);
    expect(sliceOf(built).type).toBe('dsym');
  });

  it('reads no more of a big file than it needs', () => {
    const { bytes } = buildMachO(RICH);
    let read = 0;
    const source = {
      size: bytes.length + 50_000_000,
      read: (offset: number, length: number) => {
        read += length;
        const piece = new Uint8Array(length);
        piece.set(bytes.subarray(offset, offset + length));
        return piece;
      },
    };
    expect(readMachO(source).ok).toBe(true);
    expect(read).toBeLessThan(20_000);
  });
});

describe('readMachO refuses', () => {
  const at =
    (command: number, field: number, value: number, width: 4 | 8 = 4) =>
    (built: BuiltMachO): Uint8Array => {
      const view = new DataView(built.bytes.buffer);
      const offset = (command === 0 ? 0 : built.commandAt(command)) + field;
      if (width === 8) view.setBigUint64(offset, BigInt(value), true);
      else view.setUint32(offset, value, true);
      return built.bytes;
    };
  const cases: readonly (readonly [string, BinaryRefusal['reason'], (built: BuiltMachO) => Uint8Array])[] = [
    ['nothing', 'not-mach-o', () => new Uint8Array()],
    ['text', 'not-mach-o', () => Buffer.from('#!/bin/sh\n')],
    ['a static library', 'not-mach-o', () => Buffer.from('!<arch>\n')],
    ['the magic number alone', 'truncated', ({ bytes }) => bytes.subarray(0, 4)],
    ['half the load commands', 'truncated', ({ bytes }) => bytes.subarray(0, 200)],
    ['a file cut off in its segment', 'truncated', ({ bytes }) => bytes.subarray(0, bytes.length - 700)],
    ['load commands without end', 'limit', at(0, 20, 2_000_000)],
    ['more load commands than their bytes hold', 'bad-header', at(0, 16, 100_000)],
    ['more load commands than there are', 'bad-load-command', at(0, 16, 60)],
    ['a load command of no bytes', 'bad-load-command', at(0x1b, 4, 0)],
    ['a load command of odd size', 'bad-load-command', at(0x1b, 4, 25)],
    ['a load command that ends behind the others', 'bad-load-command', at(0x1d, 4, 4_000)],
    ['a command too short for its kind', 'bad-load-command', at(0x24, 0, 0x32)],
    ['a path before its command’s end of header', 'bad-load-command', at(0x8000001c, 8, 4)],
    ['a path behind its command', 'bad-load-command', at(0xd, 8, 900)],
    ['a second name of the library', 'bad-load-command', at(0xc, 0, 0xd)],
    ['a 32-bit segment in a 64-bit file', 'bad-load-command', at(0x19, 0, 0x1)],
    ['more sections than the segment has room for', 'bad-load-command', at(0x19, 64, 90)],
    ['a segment behind the end', 'truncated', at(0x19, 48, 1_000_000, 8)],
    ['a segment bigger than its memory', 'bad-segment', at(0x19, 32, 16, 8)],
    ['a section behind the end', 'bad-segment', at(0x19, 72 + 40, 1_000_000, 8)],
    ['a signature behind the end', 'truncated', at(0x1d, 12, 4_096)],
    ['an encrypted range behind the end', 'truncated', at(0x2c, 12, 1_000_000)],
  ];

  it.each(cases)('%s as %s', (_case, reason, damage) => {
    expect(refusalOf(damage(buildMachO(RICH)))?.reason).toBe(reason);
  });

  it('a second signature', () => {
    expect(refusalOf(buildMachO({ commands: [[0x1d, 0, 0]], signatureBytes: 64 }).bytes)?.reason).toBe('bad-load-command');
  });

  it('a path without end', () => {
    const built = buildMachO({ rpaths: ['1234567'] });
    const start = built.commandAt(0x8000001c) + 12;
    built.bytes.fill(0x41, start, start + 12);
    expect(refusalOf(built.bytes)?.reason).toBe('bad-string');
  });

  it('an endless path', () => {
    expect(refusalOf(buildMachO({ rpaths: ['x'.repeat(1_025)] }).bytes)?.reason).toBe('limit');
  });

  const thin = buildMachO({ rpaths: ['@loader_path'] }).bytes;
  const universal = (change: (view: DataView) => void): Uint8Array => {
    const bytes = buildUniversal([
      { bytes: thin, cpuType: 0x0100000c },
      { bytes: buildMachO({ cpuType: 0x01000007, cpuSubtype: 3 }).bytes, cpuType: 0x01000007, cpuSubtype: 3 },
    ]);
    change(new DataView(bytes.buffer));
    return bytes;
  };
  const universals: readonly (readonly [string, BinaryRefusal['reason'], (view: DataView) => void])[] = [
    ['no architectures', 'bad-header', (view) => view.setUint32(4, 0)],
    ['a Java class', 'not-mach-o', (view) => view.setUint32(4, 52)],
    ['a slice inside the table', 'bad-slice', (view) => view.setUint32(16, 12)],
    ['a slice behind the end', 'truncated', (view) => view.setUint32(20, 1_000_000)],
    ['a slice inside another', 'bad-slice', (view) => view.setUint32(36, 8_192)],
    ['two slices of one architecture', 'bad-slice', (view) => (view.setUint32(28, 0x0100000c), view.setUint32(32, 0))],
    ['a slice of another architecture than the table says', 'bad-slice', (view) => view.setUint32(8, 7)],
    ['a slice that is no Mach-O file', 'not-mach-o', (view) => view.setUint32(4_096, 0)],
  ];

  it.each(universals)('%s as %s', (_case, reason, change) => {
    expect(refusalOf(universal(change))?.reason).toBe(reason);
  });

  it('says where in the file, also inside of a slice', () => {
    const bytes = universal((view) => view.setUint32(4_096 + 32 + 4, 0, true));
    expect(refusalOf(bytes)).toMatchObject({ reason: 'bad-load-command', offset: 4_096 + 32 });
    expect(refusalOf(thin.subarray(0, 100))).toMatchObject({ reason: 'truncated', offset: 32 });
  });
});
