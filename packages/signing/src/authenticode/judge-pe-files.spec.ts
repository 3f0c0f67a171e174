import type { AuthenticodeVerification, Certificate, SignatureProblemCode } from '@waybill/binary';
import { judgePeFiles, type PeDecisions } from './judge-pe-files';
import { fingerprintOf } from './read-pe-file';

type Signature = AuthenticodeVerification['signatures'][number];

const certificate = (name: string): Certificate =>
  ({
    der: Buffer.from(`certificate of ${name}`),
    subject: { text: `CN=${name}`, der: Buffer.from(name) },
    issuer: { text: 'CN=Root', der: Buffer.from('Root') },
  }) as unknown as Certificate;

/** A signature that holds, or has the faults that are named. */
const by = (name: string, ...problems: readonly SignatureProblemCode[]): Signature =>
  ({
    ...{ depth: 0, digestAlgorithm: 'sha256', digest: 'ab'.repeat(32), problems: problems.map((code) => ({ code, message: `${code}!` })) },
    signer: { chain: [certificate(name)], problems: [] },
  }) as unknown as Signature;

const judge = (...signatures: readonly Signature[]): PeDecisions =>
  judgePeFiles([{ path: 'a.dll', pe: { digest: 'ab'.repeat(32), verification: { problems: [], signatures } } }], {
    ...{ fingerprint: 'ef'.repeat(32), replace: [], last: [] },
  });

it('keeps a file with two signatures of which the older is weak alone, and names who made the one that holds', () => {
  const { foreign, sign, replaced } = judge(by('Long Ago Ltd', 'weak-digest', 'weak-key'), by('Today Ltd'));
  expect(foreign).toEqual([{ path: 'a.dll', signer: 'CN=Today Ltd', fingerprint: fingerprintOf(certificate('Today Ltd')) }]);
  expect({ sign, replaced }).toEqual({ sign: [], replaced: [] });
});

it.each<SignatureProblemCode>(['file-digest', 'signature', 'validity', 'content-digest'])(
  'replaces the first signature, by which Windows goes, when it does not hold (%s), whatever holds behind it',
  (code) => {
    const { foreign, replaced } = judge(by('Microsoft Corporation', code), by('Somebody'));
    expect({ foreign, replaced }).toEqual({
      foreign: [],
      replaced: [{ path: 'a.dll', signer: 'CN=Microsoft Corporation', why: `it does not hold: ${code}!` }],
    });
  },
);

it('replaces what is weak throughout', () => {
  expect(judge(by('Long Ago Ltd', 'weak-digest')).replaced).toEqual([
    { path: 'a.dll', signer: 'CN=Long Ago Ltd', why: 'it does not hold: weak-digest!' },
  ]);
});

it('signs the deepest first, by path where they lie equally deep, and what users start last, whatever order they come in', () => {
  const pe = { digest: 'ab'.repeat(32), verification: { problems: [], signatures: [] } };
  const paths = ['app.exe', 'a.dll', 'bin/program.exe', 'python/lib/z.pyd', 'python/lib/b.pyd', 'python/x.dll'];
  const expected = ['python/lib/b.pyd', 'python/lib/z.pyd', 'python/x.dll', 'a.dll', 'bin/program.exe', 'app.exe'];
  const rules = { fingerprint: 'ef'.repeat(32), replace: [], last: ['bin/program.exe', 'app.exe'] };
  for (const order of [paths, [...paths].reverse()]) {
    const { sign } = judgePeFiles(
      order.map((path) => ({ path, pe })),
      rules,
    );
    expect(sign.map(({ path }) => path)).toEqual(expected);
  }
});
