import type { BinaryRefusal } from '../binary-refusal';
import { bytesAsSource } from '../byte-source';
import type { PeFacts } from '../pe-facts';
import { buildPe, type BuiltPe, type PeRecipe } from '../testing/build-pe';
import { readPe } from './read-pe';

const RICH: PeRecipe = {
  imports: [
    { library: 'python3.dll', symbols: ['PyModule_Create2', 'Py_IncRef'] },
    { library: 'WS2_32.dll', symbols: [115, 'recv'] },
  ],
  delayImports: [{ library: 'USER32.dll', symbols: ['MessageBoxW'] }],
  exports: ['PyInit_demo', 'demo_free'],
  resourceTypes: [3, 16, 24],
  namedResources: 2,
  overlay: Buffer.from('PK and so on, an archive'),
  certificates: [Buffer.from('a signature'), { type: 1, bytes: Buffer.from('X.509') }],
};

function factsOf({ bytes }: BuiltPe): PeFacts {
  const reading = readPe(bytesAsSource(bytes));
  if (!reading.ok) throw new Error(`${reading.refusal.reason}: ${reading.refusal.message}`);
  return reading.facts;
}

function refusalOf(bytes: Uint8Array): BinaryRefusal | undefined {
  const reading = readPe(bytesAsSource(bytes));
  return reading.ok ? undefined : reading.refusal;
}

describe('readPe', () => {
  it.each([64, 32] as const)('reads every fact of a %i-bit file', (bits) => {
    const built = buildPe({ ...RICH, bits });
    expect(factsOf(built)).toMatchObject({
      bits,
      architecture: bits === 64 ? 'x86_64' : 'i386',
      dll: true,
      characteristics: 0x2022,
      subsystem: 'console',
      subsystemVersion: '6.1',
      dllFlags: ['high-entropy-aslr', 'aslr', 'nx'],
      timestamp: 0x5e0be100,
      imageBase: 0x400000,
      entryPoint: 0x1010,
      headerBytes: 0x400,
      checksum: { value: 0x12345678, offset: built.at.optional + 64 },
      sections: [{ name: '.text', address: 0x1000, offset: 0x400 }, { name: '.rdata' }],
      imports: [
        { library: 'python3.dll', symbols: [{ name: 'PyModule_Create2' }, { name: 'Py_IncRef' }] },
        { library: 'WS2_32.dll', symbols: [{ ordinal: 115 }, { name: 'recv' }] },
      ],
      delayImports: [{ library: 'USER32.dll', symbols: [{ name: 'MessageBoxW' }] }],
      exports: { name: 'demo.dll', functions: 2, names: 2 },
      resourceTypes: [3, 16, 24],
      versionInfo: true,
      manifest: true,
      managed: false,
      certificateTable: { entryOffset: built.at.directories + 32, offset: built.at.table },
      overlay: { offset: built.at.table - 24, size: 24 },
    });
    expect(factsOf(built).certificates.map(({ type, offset, bytes }) => [type, offset, Buffer.from(bytes).toString()])).toEqual([
      [2, built.at.table + 8, 'a signature'],
      [1, built.at.table + 32, 'X.509'],
    ]);
  });

  it('reads a file without imports, exports, resources, certificates and overlay', () => {
    const facts = factsOf(buildPe({ dll: false, subsystem: 2, machine: 0xaa64 }));
    expect(facts).toMatchObject({
      architecture: 'aarch64',
      dll: false,
      subsystem: 'gui',
      imports: [],
      delayImports: [],
      resourceTypes: [],
      certificates: [],
    });
    expect([facts.exports, facts.overlay, facts.versionInfo]).toEqual([undefined, undefined, false]);
  });

  it('reads a file that has no room for a certificate table', () => {
    const facts = factsOf(buildPe({ directories: 3, imports: RICH.imports! }));
    expect(facts.certificateTable).toBeUndefined();
    expect(facts.imports).toHaveLength(2);
  });

  it('reads delay imports that are addressed with the image base', () => {
    const recipe = { bits: 32, delayImports: RICH.delayImports!, oldDelayImports: true } as const;
    expect(factsOf(buildPe(recipe)).delayImports).toEqual([{ library: 'USER32.dll', symbols: [{ name: 'MessageBoxW' }] }]);
  });

  it.each([
    ['behind the sections', { overlay: Buffer.from('x') }, 1],
    ['behind the certificate table', { certificates: [Buffer.from('12345678')], behind: Buffer.from('abc') }, 3],
  ])('sees an overlay %s', (_case, recipe, size) => {
    const built = buildPe(recipe);
    expect(factsOf(built).overlay).toEqual({ offset: built.bytes.length - size, size });
  });

  it('reads no more of a big file than it needs', () => {
    const { bytes } = buildPe({ ...RICH, overlay: new Uint8Array(), certificates: [] });
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
    expect(readPe(source).ok).toBe(true);
    expect(read).toBeLessThan(60_000);
  });
});

describe('readPe refuses', () => {
  const at =
    (offset: (at: BuiltPe['at']) => number, value: number, width: 2 | 4 = 4) =>
    (built: BuiltPe): Uint8Array => {
      const view = new DataView(built.bytes.buffer);
      if (width === 2) view.setUint16(offset(built.at), value, true);
      else view.setUint32(offset(built.at), value, true);
      return built.bytes;
    };
  const directory = (index: number, field: 0 | 4) => (places: BuiltPe['at']) => places.directories + index * 8 + field;
  const cases: readonly (readonly [string, BinaryRefusal['reason'], (built: BuiltPe) => Uint8Array])[] = [
    ['nothing', 'not-pe', () => new Uint8Array()],
    ['text that begins with MZ', 'not-pe', () => Buffer.from('MZ'.padEnd(100, 'x'))],
    ['a DOS program', 'not-pe', at(() => 0x80, 0x454e)],
    ['a header behind the end', 'not-pe', at(() => 0x3c, 0x7fffffff)],
    ['half a header', 'truncated', ({ bytes }) => bytes.subarray(0, 0x90)],
    ['half an optional header', 'truncated', ({ bytes }) => bytes.subarray(0, 0x100)],
    ['an optional header of another kind', 'bad-class', at(({ optional }) => optional, 0x107, 2)],
    ['no optional header', 'bad-class', at(({ optional }) => optional - 4, 0, 2)],
    ['a short optional header', 'bad-header', at(({ optional }) => optional - 4, 100, 2)],
    ['more directories than the optional header has room for', 'bad-header', at(({ optional }) => optional - 4, 120, 2)],
    ['thousands of sections', 'limit', at(({ optional }) => optional - 18, 5_000, 2)],
    ['sections behind the end', 'truncated', at(({ optional }) => optional - 18, 4_000, 2)],
    ['a section cut off', 'truncated', ({ bytes, at: { data } }) => bytes.subarray(0, data + 16)],
    ['imports outside of the sections', 'bad-import', at(directory(1, 0), 0x7000000)],
    ['a library name outside of the sections', 'bad-import', at(({ imports }) => imports + 12, 0x7000000)],
    ['a list of symbols outside of the sections', 'bad-import', at(({ imports }) => imports, 0x7000000)],
    ['delay imports outside of the sections', 'bad-import', at(directory(13, 0), 0x7000000)],
    ['exports outside of the sections', 'bad-export', at(directory(0, 0), 0x7000000)],
    ['millions of exports', 'limit', at(({ exports }) => exports + 24, 2_000_000)],
    ['export names outside of the sections', 'bad-export', at(({ exports }) => exports + 32, 0x7000000)],
    ['resources outside of the sections', 'bad-resource', at(directory(2, 0), 0x7000000)],
    ['thousands of resource types', 'limit', at(({ resources }) => resources + 14, 0xffff, 2)],
    ['more resource types than there are', 'bad-resource', at(({ resources }) => resources + 14, 900, 2)],
    ['certificates behind the end', 'truncated', at(directory(4, 4), 0x10000)],
    ['certificates without end', 'limit', at(directory(4, 4), 0x7fffffff)],
    ['a certificate longer than the table', 'bad-certificate', at(({ table }) => table, 0x1000)],
    ['a certificate of no bytes', 'bad-certificate', at(({ table }) => table, 0)],
  ];

  it.each(cases)('%s as %s', (_case, reason, damage) => {
    expect(refusalOf(damage(buildPe(RICH)))?.reason).toBe(reason);
  });

  it('a name without end, and an endless one', () => {
    const unending = buildPe({ imports: [{ library: 'a.dll', symbols: ['f'] }] });
    const { bytes, at: places } = unending;
    const view = new DataView(bytes.buffer);
    const last = places.sections + 40;
    // The name stands in the last bytes of the section, which are no NUL.
    view.setUint32(last + 8, view.getUint32(last + 16, true), true);
    bytes.fill(0x41, bytes.length - 4);
    view.setUint32(places.imports + 12, 0x100000 + view.getUint32(last + 16, true) - 4, true);
    expect(refusalOf(bytes)?.reason).toBe('bad-string');
    expect(refusalOf(buildPe({ imports: [{ library: 'x'.repeat(17_000), symbols: [] }] }).bytes)?.reason).toBe('limit');
  });

  it('libraries and symbols without number, and names of unbounded total length', () => {
    const libraries = Array.from({ length: 4_097 }, () => ({ library: 'a', symbols: [] }));
    expect(refusalOf(buildPe({ imports: libraries }).bytes)?.reason).toBe('limit');
    const { bytes, at: places } = buildPe({ imports: [{ library: 'a', symbols: new Array<number>(1_000).fill(1) }, ...libraries.slice(0, 300)] });
    const view = new DataView(bytes.buffer);
    // Every library has the long list of the first.
    for (let index = 1; index < 300; index += 1) view.setUint32(places.imports + index * 20, view.getUint32(places.imports, true), true);
    expect(refusalOf(bytes)?.reason).toBe('limit');
    const shared = buildPe({ imports: [{ library: 'a', symbols: ['n'.repeat(16_000), ...new Array<number>(2_200).fill(1)] }] });
    const numbers = new DataView(shared.bytes.buffer);
    const lookup = numbers.getUint32(shared.at.imports, true) - 0x100000 + shared.at.data;
    for (let index = 1; index <= 2_200; index += 1) numbers.setBigUint64(lookup + index * 8, numbers.getBigUint64(lookup, true), true);
    expect(refusalOf(shared.bytes)?.reason).toBe('limit');
  });

  it('certificates without number', () => {
    const certificates = Array.from({ length: 65 }, () => Buffer.from('x'));
    expect(refusalOf(buildPe({ certificates }).bytes)?.reason).toBe('limit');
  });

  it('says where', () => {
    const built = buildPe(RICH);
    const { bytes, at: places } = built;
    new DataView(bytes.buffer).setUint32(places.table, 3, true);
    expect(refusalOf(bytes)).toMatchObject({ reason: 'bad-certificate', offset: places.table });
  });
});
