import { readingOf } from '../reading/refused';
import type { Reading } from '../binary-refusal';
import type { ByteSource } from '../byte-source';
import { octets } from '../testing/cms/der-writer';
import { CODE_SIGNING, DAY_MS, makeAuthorities, TODAY } from '../testing/cms/make-certificate';
import { attribute, makeCms, makeTimestamp } from '../testing/cms/make-cms';
import { FUZZ_INPUTS, fuzzReader } from '../testing/fuzz-reader';
import { readCms } from './read-cms';
import { verifySigner } from './verify-signer';

const people = makeAuthorities();
const CONTENT = Buffer.from('what is signed');

function readAndVerify(source: ByteSource): Reading<unknown> {
  const reading = readCms(source.read(0, source.size));
  if (!reading.ok) return reading;
  return readingOf(source, () =>
    reading.facts.signers.map((signer) =>
      verifySigner(reading.facts, signer, { now: TODAY, roots: [people.root.certificate], purpose: CODE_SIGNING }),
    ),
  );
}

describe('readCms on mutated bytes', () => {
  it(`answers ${FUZZ_INPUTS} inputs with facts or a typed refusal, soon`, () => {
    const stamp = { stamper: people.stamper, certificates: [people.root], time: TODAY - DAY_MS };
    const originals = [true, false].map((ber) =>
      makeCms({
        signer: people.signer,
        certificates: [people.intermediate, people.root],
        content: CONTENT,
        encapsulated: octets(CONTENT),
        ber,
        unsigned: (signature) => [attribute('1.2.840.113549.1.9.16.2.14', makeTimestamp(signature, stamp))],
      }),
    );
    const seen = fuzzReader(originals, readAndVerify, 20_261_126);
    expect([...seen.keys()]).toEqual(expect.arrayContaining(['facts', 'bad-der', 'bad-cms', 'bad-certificate']));
  });
});
