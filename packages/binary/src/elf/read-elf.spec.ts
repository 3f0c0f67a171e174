import { bytesAsSource } from '../byte-source';
import type { BinaryRefusal } from '../binary-refusal';
import type { ElfFacts } from '../elf-facts';
import { buildElf, type BuiltElf, type ElfRecipe } from '../testing/build-elf';
import { readElf } from './read-elf';

const RICH: ElfRecipe = {
  interpreter: '/lib64/ld-linux-x86-64.so.2',
  needed: ['libpython3.11.so.1.0', 'libc.so.6'],
  soname: 'libapp.so.1',
  rpath: '$ORIGIN/../lib',
  runpath: '$ORIGIN',
  buildId: '00ff10',
  isaBits: 3,
  versionNeeds: [
    { library: 'libc.so.6', versions: ['GLIBC_2.2.5', 'GLIBC_2.34'], weak: ['GLIBC_2.34'] },
    { library: 'libm.so.6', versions: ['GLIBC_2.29'] },
  ],
  versionDefinitions: ['APP_1.0'],
  symbols: [{ name: 'stat', version: 'GLIBC_2.34', weak: true }, { name: 'plain' }, { name: 'app_main', defined: true, version: 'APP_1.0' }],
};

const FORMATS = [
  [64, true],
  [64, false],
  [32, true],
  [32, false],
] as const;

function factsOf(built: BuiltElf): ElfFacts {
  const reading = readElf(bytesAsSource(built.bytes));
  if (!reading.ok) throw new Error(`${reading.refusal.reason}: ${reading.refusal.message}`);
  return reading.facts;
}

function refusalOf(bytes: Uint8Array): BinaryRefusal | undefined {
  const reading = readElf(bytesAsSource(bytes));
  return reading.ok ? undefined : reading.refusal;
}

describe('readElf', () => {
  it.each(FORMATS)('reads every fact of a %i-bit file, little endian: %s', (bits, little) => {
    const facts = factsOf(buildElf({ ...RICH, bits, little }));
    expect(facts).toMatchObject({
      bits,
      endianness: little ? 'little' : 'big',
      architecture: 'x86_64',
      type: 'shared',
      interpreter: '/lib64/ld-linux-x86-64.so.2',
      dynamic: true,
      needed: ['libpython3.11.so.1.0', 'libc.so.6'],
      soname: 'libapp.so.1',
      rpath: '$ORIGIN/../lib',
      runpath: '$ORIGIN',
      buildId: '00ff10',
      isaLevel: 2,
      executableStack: false,
      textRelocations: false,
      sectionTable: 'ok',
      versionDefinitions: ['APP_1.0'],
      versionNeeds: [
        { library: 'libc.so.6', versions: ['GLIBC_2.2.5', 'GLIBC_2.34'], weak: ['GLIBC_2.34'] },
        { library: 'libm.so.6', versions: ['GLIBC_2.29'] },
      ],
      symbols: [
        { name: 'stat', defined: false, weak: true, version: 'GLIBC_2.34', library: 'libc.so.6' },
        { name: 'plain', defined: false, weak: false },
        { name: 'app_main', defined: true, weak: false, version: 'APP_1.0' },
      ],
    });
  });

  it.each(['gnu', 'sysv'] as const)('counts symbols by the %s hash table', (hash) => {
    expect(factsOf(buildElf({ ...RICH, hash })).symbols).toHaveLength(3);
  });

  it.each(FORMATS)('counts imports by relocations where the GNU hash table is empty (%i bit, little %s)', (bits, little) => {
    const recipe: ElfRecipe = { bits, little, symbols: [{ name: 'first' }, { name: 'second' }], hash: 'gnu-empty' };
    const plain = buildElf(recipe);
    expect(factsOf(plain).symbols).toEqual([]);
    // Two words of REL that name symbol 2, laid where the version definitions would be (there are none).
    const pointing = buildElf({
      ...recipe,
      buildId: '00'.repeat(32),
      tags: [
        [17, 0x400000 + noteOffset(recipe) + 16],
        [18, bits === 64 ? 16 : 8],
      ],
    });
    const at = noteOffset(recipe) + 16 + (bits === 64 ? 8 : 4);
    const view = new DataView(pointing.bytes.buffer);
    if (bits === 32) view.setUint32(at, 2 << 8, little);
    else view.setUint32(at + (little ? 4 : 0), 2, little);
    expect(factsOf(pointing).symbols.map(({ name }) => name)).toEqual(['first', 'second']);
  });

  it('leaves symbols out when they are not wanted', () => {
    const reading = readElf(bytesAsSource(buildElf(RICH).bytes), { symbols: false });
    expect(reading).toMatchObject({ ok: true, facts: { symbols: [], needed: ['libpython3.11.so.1.0', 'libc.so.6'] } });
  });

  it.each([
    ['asked for', { stackFlags: 7 }, true],
    ['declined', { stackFlags: 6 }, false],
    ['by default on x86-64', { stackFlags: null }, true],
    ['not by default on aarch64', { stackFlags: null, machine: 183 }, false],
  ] as const)('an executable stack: %s', (_case, recipe, expected) => {
    expect(factsOf(buildElf(recipe)).executableStack).toBe(expected);
  });

  it.each([
    ['DT_TEXTREL', [[22, 0]], { textRelocations: true }],
    ['DF_TEXTREL', [[30, 4]], { textRelocations: true }],
    [
      'flags',
      [
        [30, 9],
        [0x6ffffffb, 0x08000881],
      ],
      { flags: ['ORIGIN', 'BIND_NOW', 'NOW', 'NODEFLIB', 'PIE'] },
    ],
  ] as const)('dynamic entries: %s', (_case, tags, expected) => {
    expect(factsOf(buildElf({ tags }))).toMatchObject(expected);
  });

  it.each([
    ['relocatable', 1, 'relocatable'],
    ['core', 4, 'core'],
    ['of an operating system', 0xfe00, 'other'],
  ] as const)('a %s file has no linkage', (_case, type, expected) => {
    expect(factsOf(buildElf({ ...RICH, type }))).toMatchObject({ type: expected, dynamic: false, needed: [], segments: [] });
  });

  it('a static program has neither interpreter nor dynamic section', () => {
    const facts = factsOf(buildElf({ type: 2, dynamic: false }));
    expect(facts).toMatchObject({ type: 'executable', dynamic: false, needed: [] });
    expect(facts.interpreter).toBeUndefined();
  });

  it.each([
    ['none', { sections: false }, () => undefined, 'none'],
    ['behind the end', {}, (view: DataView) => view.setBigUint64(40, 1n << 40n, true), 'broken'],
    ['of odd entries', {}, (view: DataView) => view.setUint16(58, 63, true), 'broken'],
    ['cut off', {}, (view: DataView) => view.setUint16(60, 3, true), 'broken'],
    ['a section behind the end', {}, (view: DataView, built: BuiltElf) => view.setBigUint64(built.at.sections + 64 + 32, 1n << 30n, true), 'broken'],
  ] as const)('a section table that is %s does not disturb', (_case, recipe, damage, expected) => {
    const built = buildElf({ ...RICH, ...recipe });
    damage(new DataView(built.bytes.buffer), built);
    expect(factsOf(built)).toMatchObject({ sectionTable: expected, soname: 'libapp.so.1' });
  });

  it('reads no more of a big file than it needs', () => {
    const { bytes } = buildElf(RICH);
    let read = 0;
    const size = bytes.length + 50_000_000;
    const source = {
      size,
      read: (offset: number, length: number) => {
        read += length;
        return offset < bytes.length ? bytes.subarray(offset, offset + length) : new Uint8Array(length);
      },
    };
    expect(readElf(source).ok).toBe(true);
    expect(read).toBeLessThan(20_000);
  });
});

function noteOffset(recipe: ElfRecipe): number {
  return buildElf({ ...recipe, buildId: '00'.repeat(32) }).at.notes;
}

describe('readElf refuses', () => {
  const set =
    (offset: number | ((built: BuiltElf) => number), value: number | bigint, width: 1 | 2 | 4 | 8 = 4) =>
    (built: BuiltElf): Uint8Array => {
      const view = new DataView(built.bytes.buffer);
      const at = typeof offset === 'number' ? offset : offset(built);
      if (width === 8) view.setBigUint64(at, BigInt(value), true);
      else if (width === 4) view.setUint32(at, Number(value), true);
      else if (width === 2) view.setUint16(at, Number(value), true);
      else view.setUint8(at, Number(value));
      return built.bytes;
    };
  const tag = (wanted: number) => (built: BuiltElf) => {
    const view = new DataView(built.bytes.buffer);
    for (let at = built.at.dynamic; ; at += 16) if (view.getUint32(at, true) === wanted) return at + 8;
  };
  const load = (field: number) => (built: BuiltElf) => built.headerOf(1) + field;
  const recipes: Record<string, ElfRecipe> = { rich: RICH, 'one note': { buildId: '00ff10' }, property: { isaBits: 1 } };

  const cases: readonly (readonly [string, BinaryRefusal['reason'], string, (built: BuiltElf) => Uint8Array])[] = [
    ['nothing', 'not-elf', 'rich', () => new Uint8Array()],
    ['text', 'not-elf', 'rich', () => Buffer.from('#!/bin/sh\n')],
    ['the magic number alone', 'truncated', 'rich', ({ bytes }) => bytes.subarray(0, 4)],
    ['half a header', 'truncated', 'rich', ({ bytes }) => bytes.subarray(0, 40)],
    ['an unknown class', 'bad-class', 'rich', set(4, 3, 1)],
    ['an unknown byte order', 'bad-endianness', 'rich', set(5, 0, 1)],
    ['an unknown identification version', 'bad-version', 'rich', set(6, 2, 1)],
    ['an unknown object version', 'bad-version', 'rich', set(20, 2)],
    ['program headers of another size', 'bad-header', 'rich', set(54, 57, 2)],
    ['too many program headers', 'limit', 'rich', set(56, 0xffff, 2)],
    ['program headers behind the end', 'truncated', 'rich', set(32, 1n << 40n, 8)],
    ['a file cut off in its segment', 'truncated', 'rich', ({ bytes, at }) => bytes.subarray(0, at.dynamic)],
    ['a segment bigger than its memory', 'bad-segment', 'rich', set(load(40), 1, 8)],
    ['a dynamic section outside of what is loaded', 'bad-dynamic', 'rich', set((built) => built.headerOf(2) + 16, 1n << 40n, 8)],
    ['a dynamic section without end', 'bad-dynamic', 'rich', set((built) => built.headerOf(2) + 32, 48, 8)],
    ['a string table outside of what is loaded', 'bad-dynamic', 'rich', set(tag(5), 16, 8)],
    ['a string table bigger than the file', 'bad-dynamic', 'rich', set(tag(10), 1n << 40n, 8)],
    ['a soname outside of the string table', 'bad-string', 'rich', set(tag(14), 1n << 30n, 8)],
    ['a needed name without end', 'bad-string', 'rich', set(tag(10), 8, 8)],
    ['an interpreter path without end', 'bad-string', 'rich', set((built) => built.headerOf(3) + 32, 4, 8)],
    ['an endless interpreter path', 'limit', 'rich', set((built) => built.headerOf(3) + 32, 5_000, 8)],
    ['a note longer than its segment', 'bad-note', 'one note', set(({ at }) => at.notes + 4, 500)],
    ['a property longer than its note', 'bad-note', 'property', set(({ at }) => at.notes + 20, 500)],
    ['an endless note segment', 'limit', 'one note', set((built) => built.headerOf(4) + 32, 2 ** 30, 8)],
    ['more versions than the list holds', 'bad-version-info', 'rich', set(tag(0x6fffffff), 9, 8)],
    ['a symbol with an unknown version', 'bad-version-info', 'rich', set(({ at }) => at.versym + 2, 77, 2)],
    ['version needs outside of what is loaded', 'bad-dynamic', 'rich', set(tag(0x6ffffffe), 1n << 33n, 8)],
    ['a hash bucket before the first hashed symbol', 'bad-dynamic', 'rich', set(({ at }) => at.hash + 4, 9)],
    ['a hash chain behind the end', 'bad-dynamic', 'rich', set(({ at }) => at.hash + 24, 500_000)],
    ['a hash table bigger than the file', 'bad-dynamic', 'rich', set(({ at }) => at.hash, 0xffffffff)],
  ];

  it.each(cases)('%s as %s', (_case, reason, recipe, damage) => {
    expect(refusalOf(damage(buildElf(recipes[recipe])))?.reason).toBe(reason);
  });

  it('a million symbols', () => {
    const built = buildElf({ ...RICH, hash: 'sysv' });
    new DataView(built.bytes.buffer).setUint32(built.at.hash + 4, 1_000_001, true);
    expect(refusalOf(built.bytes)?.reason).toBe('limit');
  });

  it('a million entries before the end of the dynamic section', () => {
    const tags = Array.from({ length: 65_540 }, () => [100, 0] as const);
    expect(refusalOf(buildElf({ tags }).bytes)?.reason).toBe('limit');
  });

  it('versions without number, and names of unbounded total length', () => {
    const versions = Array.from({ length: 40_000 }, (_, index) => `V_${index}`);
    expect(refusalOf(buildElf({ versionNeeds: [{ library: 'l', versions }] }).bytes)?.reason).toBe('limit');
    const long = buildElf({ symbols: Array.from({ length: 400 }, () => ({ name: 'n'.repeat(200_000) })) });
    expect(refusalOf(long.bytes)?.reason).toBe('limit');
  });

  it('says where', () => {
    const { bytes } = buildElf(RICH);
    expect(refusalOf(bytes.subarray(0, 400))).toMatchObject({ reason: 'truncated', offset: 400 });
  });
});
