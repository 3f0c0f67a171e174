import { bytesAsSource } from '../byte-source';
import { buildElf, type ElfRecipe } from '../testing/build-elf';
import { mutateBytes, seededRandom } from '../testing/mutate-bytes';
import { readElf } from './read-elf';

const INPUTS = process.env['WAYBILL_TEST_FULL'] === '1' ? 100_000 : 5_000;
/** Far above what a file of some kilobytes takes; a loop without end is what this finds. */
const LONGEST_MS = 2_000;

const SYMBOLS = Array.from({ length: 40 }, (_, index) => ({
  name: `symbol_${index}`,
  defined: index % 2 === 0,
  version: index % 3 === 0 ? 'GLIBC_2.34' : undefined,
}));
const BASE: ElfRecipe = {
  interpreter: '/lib64/ld-linux-x86-64.so.2',
  needed: ['libc.so.6', 'libm.so.6'],
  soname: 'libfuzz.so.1',
  rpath: '$ORIGIN',
  runpath: '$ORIGIN/../lib',
  buildId: 'aa'.repeat(20),
  isaBits: 7,
  versionNeeds: [{ library: 'libc.so.6', versions: ['GLIBC_2.2.5', 'GLIBC_2.34'] }],
  versionDefinitions: ['FUZZ_1', 'FUZZ_2'],
  symbols: SYMBOLS.map(({ version, ...symbol }) => (version ? { ...symbol, version } : symbol)),
};
const SEEDS = [
  BASE,
  { ...BASE, little: false },
  { ...BASE, bits: 32 },
  { ...BASE, hash: 'sysv' },
  {
    ...BASE,
    hash: 'gnu-empty',
    tags: [
      [7, 0x400100],
      [8, 240],
    ],
  },
] as const;

describe('readElf on mutated bytes', () => {
  it(`answers ${INPUTS} inputs with facts or a typed refusal, soon`, () => {
    const random = seededRandom(20_261_121);
    const originals = SEEDS.map((recipe) => buildElf(recipe as ElfRecipe).bytes);
    const seen = new Map<string, number>();
    let slowest = 0;
    for (let index = 0; index < INPUTS; index += 1) {
      const bytes = mutateBytes(originals[index % originals.length]!, random);
      const started = performance.now();
      const reading = readElf(bytesAsSource(bytes));
      slowest = Math.max(slowest, performance.now() - started);
      const answer = reading.ok ? 'facts' : reading.refusal.reason;
      seen.set(answer, (seen.get(answer) ?? 0) + 1);
      if (!reading.ok && !(reading.refusal.offset >= 0 && reading.refusal.offset <= Math.max(bytes.length, 0))) {
        throw new Error(`input ${index}: offset ${reading.refusal.offset} of ${bytes.length} bytes (${reading.refusal.reason})`);
      }
    }
    expect(slowest).toBeLessThan(LONGEST_MS);
    // The mutations reach every part of the reader.
    expect([...seen.keys()].sort()).toEqual(
      expect.arrayContaining([
        'bad-class',
        'bad-dynamic',
        'bad-endianness',
        'bad-note',
        'bad-segment',
        'bad-string',
        'bad-version',
        'bad-version-info',
        'facts',
        'not-elf',
        'truncated',
      ]),
    );
  });
});
