import type { Reading } from '../binary-refusal';
import type { ByteSource } from '../byte-source';
import { buildPe, type PeRecipe } from '../testing/build-pe';
import { buildSignedPe } from '../testing/cms/make-authenticode';
import { DAY_MS, makeAuthorities, TODAY } from '../testing/cms/make-certificate';
import { attribute, makeTimestamp } from '../testing/cms/make-cms';
import { FUZZ_INPUTS, fuzzReader } from '../testing/fuzz-reader';
import { verifyAuthenticode } from './authenticode/verify-authenticode';
import { readPe } from './read-pe';

const RICH: PeRecipe = {
  imports: [
    { library: 'python3.dll', symbols: ['PyModule_Create2', 'Py_IncRef'] },
    { library: 'WS2_32.dll', symbols: [115, 'recv'] },
  ],
  delayImports: [{ library: 'USER32.dll', symbols: ['MessageBoxW'] }],
  exports: ['PyInit_demo', 'demo_free'],
  resourceTypes: [3, 16, 24],
  // Little code, so that mutations meet the tables.
  codeBytes: 16,
  certificates: [Buffer.from('a signature'), Buffer.from('another')],
};

describe('readPe on mutated bytes', () => {
  it(`answers ${FUZZ_INPUTS} inputs with facts or a typed refusal, soon`, () => {
    const seen = fuzzReader([buildPe(RICH).bytes, buildPe({ ...RICH, bits: 32 }).bytes], readPe, 20_261_126);
    expect([...seen.keys()]).toEqual(
      expect.arrayContaining([
        'facts',
        'not-pe',
        'truncated',
        'bad-class',
        'bad-header',
        'bad-import',
        'bad-export',
        'bad-resource',
        'bad-certificate',
        'limit',
      ]),
    );
  });
});

describe('signatures of mutated files', () => {
  const people = makeAuthorities();
  const stamp = { stamper: people.stamper, certificates: [people.root], time: TODAY - DAY_MS };
  const signed = buildSignedPe(
    {
      signer: people.signer,
      certificates: [people.intermediate],
      unsigned: (signature) => [attribute('1.3.6.1.4.1.311.3.3.1', makeTimestamp(signature, stamp))],
    },
    { codeBytes: 16 },
  );
  let untouched = 0;

  function readAll(source: ByteSource): Reading<unknown> {
    const reading = readPe(source);
    if (!reading.ok) return reading;
    const verified = verifyAuthenticode(source, reading.facts, { now: TODAY, roots: [people.root.certificate] });
    if (!verified.ok) return verified;
    const [first] = verified.facts.signatures;
    if (first && first.problems.length === 0 && verified.facts.problems.length === 0) untouched += 1;
    return reading;
  }

  it(`answers ${FUZZ_INPUTS} inputs, and hardly ever takes a changed one for signed`, () => {
    const seen = fuzzReader([signed.bytes], readAll, 7);
    // Nothing covers the checksum, the padding of the table, the timestamp's own unsigned parts and bytes that were set to what they had been.
    expect(untouched / FUZZ_INPUTS).toBeLessThan(0.1);
    expect([...seen.keys()]).toEqual(expect.arrayContaining(['facts', 'truncated', 'bad-der', 'bad-certificate']));
  });
});
