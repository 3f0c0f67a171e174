import type { Reading } from '../binary-refusal';
import type { ByteSource } from '../byte-source';
import { buildMachO, buildUniversal, type MachORecipe } from '../testing/build-macho';
import { buildSignedMachO } from '../testing/build-macho-signature';
import { makeAuthorities, TODAY } from '../testing/cms/make-certificate';
import { makeCms } from '../testing/cms/make-cms';
import { FUZZ_INPUTS, fuzzReader } from '../testing/fuzz-reader';
import { readMachO } from './read-macho';
import { readMachOSymbols } from './symbols/read-symbols';
import { readMachOSignature } from './signature/read-signature';
import { verifyMachOSignature } from './signature/verify-signature';

const RICH: MachORecipe = {
  id: '@rpath/libfuzz.dylib',
  libraries: [
    { name: '/usr/lib/libSystem.B.dylib' },
    { name: '@rpath/libweak.dylib', command: 0x80000018 },
    { name: '@rpath/libflags.dylib', useFlags: 3 },
  ],
  rpaths: ['@loader_path/../lib'],
  dylinker: '/usr/lib/dyld',
  environment: ['DYLD_X=y'],
  targets: [[1, 0xb0000, 0xe0500]],
  uuid: '00112233445566778899aabbccddeeff',
  entry: 0x1234,
  encryption: [0x100, 0x200, 1],
  symbols: [
    ['_PyInit_x', 0x0f],
    ['_PyList_New', 0x01],
  ],
  // Little code, so that mutations meet the tables.
  codeBytes: 64,
  signatureBytes: 64,
};
const cpu = { cpuType: 0x01000007, cpuSubtype: 3 };
const UNIVERSAL = buildUniversal([
  { bytes: buildMachO({ ...RICH, ...cpu }).bytes, ...cpu },
  { bytes: buildMachO(RICH).bytes, cpuType: 0x0100000c },
]);

/** Slices begin at multiples of 4 KiB, and zeros lie between: those would take most of the mutations. */
const TABLE = UNIVERSAL.subarray(0, 64);

/** Headers, load commands and symbols. */
function readWithSymbols(source: ByteSource): Reading<unknown> {
  const reading = readMachO(source);
  if (!reading.ok) return reading;
  for (const slice of reading.facts.slices) {
    const symbols = readMachOSymbols(source, slice);
    if (!symbols.ok) return symbols;
  }
  return reading;
}

describe('readMachO on mutated bytes', () => {
  it(`answers ${FUZZ_INPUTS} inputs with facts or a typed refusal, soon`, () => {
    const thin = [buildMachO(RICH), buildMachO({ ...RICH, little: false }), buildMachO({ ...RICH, bits: 32 })].map(({ bytes }) => bytes);
    const seen = fuzzReader([...thin, UNIVERSAL, TABLE], readWithSymbols, 20_261_126);
    expect([...seen.keys()]).toEqual(
      expect.arrayContaining([
        'facts',
        'not-mach-o',
        'truncated',
        'bad-header',
        'bad-segment',
        'bad-load-command',
        'bad-slice',
        'bad-string',
        'limit',
      ]),
    );
  });
});

/** Everything that a caller does with a signed file. */
function readAll(source: ByteSource): Reading<unknown> {
  const reading = readMachO(source);
  if (!reading.ok) return reading;
  for (const slice of reading.facts.slices) {
    const signature = readMachOSignature(source, slice);
    if (!signature.ok) return signature;
    const verified = verifyMachOSignature(source, slice, { now: TODAY, roots: [people.root.certificate] });
    if (!verified.ok) return verified;
    if (verified.facts.kind === 'certificate' && verified.facts.problems.length === 0) untouched += 1;
  }
  return reading;
}

const people = makeAuthorities();
let untouched = 0;

describe('signatures of mutated files', () => {
  const signed = buildSignedMachO(
    { codeBytes: 600, signatureBytes: 4_096 },
    {
      team: 'TEAM123456',
      flags: 0x10000,
      hashTypes: [2],
      entitlements: '<plist/>',
      pagePower: 8,
      cms: ([directory]) => makeCms({ signer: people.signer, certificates: [people.intermediate], content: directory!, ber: true }),
    },
  );

  it(`answers ${FUZZ_INPUTS} inputs, and never takes a changed one for signed`, () => {
    const end = signed.signatureAt + signed.signature.length;
    const seen = fuzzReader([signed.bytes], readAll, 7);
    // What still holds was changed behind the signature alone, in the zeros that fill its range, or in bits that no signature covers.
    const spare = (signed.bytes.length - end) / signed.bytes.length;
    expect(untouched / FUZZ_INPUTS).toBeLessThan(spare + 0.05);
    expect([...seen.keys()]).toEqual(expect.arrayContaining(['facts', 'truncated', 'bad-load-command', 'bad-signature', 'bad-der', 'not-mach-o']));
  });
});
