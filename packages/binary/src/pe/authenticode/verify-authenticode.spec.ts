import { createHash } from 'node:crypto';
import type { BinaryRefusal } from '../../binary-refusal';
import { bytesAsSource } from '../../byte-source';
import type { PeFacts } from '../../pe-facts';
import type { SignatureProblemCode } from '../../signature-problem';
import { buildPe, type PeRecipe } from '../../testing/build-pe';
import { octets } from '../../testing/cms/der-writer';
import { type AuthenticodeRecipe, buildSignedPe, makeAuthenticode } from '../../testing/cms/make-authenticode';
import { type Authorities, DAY_MS, makeAuthorities, TODAY } from '../../testing/cms/make-certificate';
import { attribute, makeCms, makeCounterSignature, makeTimestamp } from '../../testing/cms/make-cms';
import { readPe } from '../read-pe';
import type { AuthenticodeVerification } from './authenticode-facts';
import { computeAuthenticodeDigests } from './compute-digest';
import { readAuthenticode } from './read-authenticode';
import { verifyAuthenticode } from './verify-authenticode';

const people: Authorities = makeAuthorities();
const PE: PeRecipe = { imports: [{ library: 'python3.dll', symbols: ['Py_IncRef'] }], overlay: Buffer.from('an odd overlay') };
const stamp = { stamper: people.stamper, certificates: [people.root], time: TODAY - DAY_MS };

const recipe = (changes: Partial<AuthenticodeRecipe> = {}): AuthenticodeRecipe => ({
  signer: people.signer,
  certificates: [people.intermediate],
  unsigned: (signature) => [attribute('1.3.6.1.4.1.311.3.3.1', makeTimestamp(signature, stamp))],
  ...changes,
});

function factsOf(bytes: Uint8Array): PeFacts {
  const reading = readPe(bytesAsSource(bytes));
  if (!reading.ok) throw new Error(reading.refusal.message);
  return reading.facts;
}

function verify(bytes: Uint8Array): AuthenticodeVerification {
  const verified = verifyAuthenticode(bytesAsSource(bytes), factsOf(bytes), { now: TODAY, roots: [people.root.certificate] });
  if (!verified.ok) throw new Error(`${verified.refusal.reason}: ${verified.refusal.message}`);
  return verified.facts;
}

const codes = ({ problems, signatures }: AuthenticodeVerification): SignatureProblemCode[][] =>
  [problems, ...signatures.map((one) => one.problems)].map((list) => list.map(({ code }) => code));

describe('verifyAuthenticode', () => {
  it.each([64, 32] as const)('holds for a signed %i-bit file, with chain and timestamp', (bits) => {
    const verification = verify(buildSignedPe(recipe(), { ...PE, bits }).bytes);
    expect(codes(verification)).toEqual([[], []]);
    expect(verification.signatures).toMatchObject([
      { depth: 0, digestAlgorithm: 'sha256', signer: { trusted: true, timestamp: { kind: 'rfc3161', time: TODAY - DAY_MS, problems: [] } } },
    ]);
  });

  it('takes the older counter-signature', () => {
    const counter = recipe({
      certificates: [people.intermediate, people.stamper],
      unsigned: (signature) => [attribute('1.2.840.113549.1.9.6', makeCounterSignature(signature, stamp))],
    });
    expect(verify(buildSignedPe(counter, PE).bytes).signatures).toMatchObject([
      { problems: [], signer: { timestamp: { kind: 'counter-signature' } } },
    ]);
  });

  it('reads and checks a signature that is nested in another', () => {
    const nested = (digestOf?: Uint8Array): AuthenticodeRecipe =>
      recipe({
        fileDigest: 'sha1',
        unsigned: () => [attribute('1.3.6.1.4.1.311.2.4.1', makeAuthenticode(PE, recipe(digestOf ? { digestOf } : {})))],
      });
    const verification = verify(buildSignedPe(nested(), PE).bytes);
    expect(verification.signatures.map(({ depth, digestAlgorithm }) => [depth, digestAlgorithm])).toEqual([
      [0, 'sha1'],
      [1, 'sha256'],
    ]);
    expect(codes(verification)).toEqual([[], ['weak-digest'], []]);
    expect(codes(verify(buildSignedPe(nested(Buffer.from('other')), PE).bytes))).toEqual([[], ['weak-digest'], ['file-digest']]);
  });

  it('has nothing to say of a file without signature, and computes the digest that it will have', () => {
    const { bytes } = buildPe(PE);
    expect(verify(bytes)).toEqual({ signatures: [], problems: [] });
    const signed = buildSignedPe(recipe(), PE).bytes;
    const before = computeAuthenticodeDigests(bytesAsSource(bytes), factsOf(bytes), ['sha256', 'sha384']);
    expect(before).toEqual(computeAuthenticodeDigests(bytesAsSource(signed), factsOf(signed), ['sha256', 'sha384']));
    expect([...before.values()].map(({ length }) => length)).toEqual([64, 96]);
  });

  it('computes the digest of a file that has no place for a signature', () => {
    const { bytes, at } = buildPe({ directories: 3 });
    const expected = createHash('sha256')
      .update(bytes.subarray(0, at.optional + 64))
      .update(bytes.subarray(at.optional + 68))
      .digest('hex');
    expect(computeAuthenticodeDigests(bytesAsSource(bytes), factsOf(bytes), ['sha256']).get('sha256')).toBe(expected);
  });

  it('is not disturbed by another checksum', () => {
    const built = buildSignedPe(recipe(), PE);
    built.bytes[built.at.optional + 65]! ^= 1;
    expect(codes(verify(built.bytes))).toEqual([[], []]);
  });
});

describe('verifyAuthenticode finds', () => {
  const flipped = (find: (at: ReturnType<typeof buildPe>['at']) => number): Uint8Array => {
    const built = buildSignedPe(recipe(), PE);
    built.bytes[find(built.at)]! ^= 1;
    return built.bytes;
  };
  const stranger = makeAuthorities();
  const planted: readonly (readonly [string, SignatureProblemCode, () => Uint8Array])[] = [
    ['a flipped byte of code', 'file-digest', () => flipped(() => 0x500)],
    ['a flipped byte of the header', 'file-digest', () => flipped(({ optional }) => optional + 40)],
    ['a flipped byte before the certificate table', 'file-digest', () => flipped(({ table }) => table - 1)],
    [
      'the signature of another file',
      'file-digest',
      () => buildPe({ ...PE, certificates: [makeAuthenticode({ codeBytes: 4_000 }, recipe())] }).bytes,
    ],
    [
      'an overlay that was appended',
      'data-behind-signature',
      () => buildPe({ ...PE, certificates: [makeAuthenticode(PE, recipe())], behind: Buffer.from('payload') }).bytes,
    ],
    [
      'a further entry of the certificate table that nobody signs',
      'data-behind-signature',
      () => buildPe({ ...PE, certificates: [makeAuthenticode(PE, recipe()), { type: 1, bytes: Buffer.from('payload!') }] }).bytes,
    ],
    ['data in the padding of the certificate table', 'data-behind-signature', () => padded()],
    [
      'a timestamp of the future',
      'timestamp',
      () =>
        buildSignedPe(
          recipe({
            unsigned: (signature) => [attribute('1.3.6.1.4.1.311.3.3.1', makeTimestamp(signature, { ...stamp, time: TODAY + 30 * DAY_MS }))],
          }),
          PE,
        ).bytes,
    ],
    ['a digest that nobody may use', 'algorithm', () => buildSignedPe(recipe({ fileDigest: 'md5' }), PE).bytes],
    ['a weak digest', 'weak-digest', () => buildSignedPe(recipe({ fileDigest: 'sha1' }), PE).bytes],
    ['two signers', 'signer-count', () => buildSignedPe(recipe({ signers: 2 }), PE).bytes],
    ['a signature that is not the signer’s', 'signature', () => buildSignedPe(recipe({ signOther: true }), PE).bytes],
    ['a stranger', 'untrusted', () => buildSignedPe(recipe({ signer: stranger.signer, certificates: [stranger.intermediate] }), PE).bytes],
    [
      'a timestamp over another signature',
      'timestamp',
      () =>
        buildSignedPe(
          recipe({ unsigned: (signature) => [attribute('1.3.6.1.4.1.311.3.3.1', makeTimestamp(signature, { ...stamp, stampOther: true }))] }),
          PE,
        ).bytes,
    ],
    ['a certificate table inside of the sections', 'code-uncovered', () => tableInside()],
  ];

  /** The entry says how long it is to the byte, and up to seven bytes follow. */
  function padded(): Uint8Array {
    const signature = makeAuthenticode(PE, recipe());
    const built = buildPe({ ...PE, certificates: [Buffer.concat([signature, new Uint8Array(8 - (signature.length % 8) + 1)])] });
    built.bytes[built.bytes.length - 1]! = 1;
    return built.bytes;
  }

  /** The section is said to reach to the end of the file. */
  function tableInside(): Uint8Array {
    const built = buildSignedPe(recipe(), { imports: PE.imports! });
    const view = new DataView(built.bytes.buffer);
    view.setUint32(built.at.sections + 40 + 16, built.bytes.length - built.at.data, true);
    return built.bytes;
  }

  it.each(planted)('%s: %s', (_case, code, make) => {
    expect(codes(verify(make())).flat()).toContain(code);
  });
});

describe('readAuthenticode refuses', () => {
  const refusalOf = (certificate: Uint8Array): BinaryRefusal | undefined => {
    const reading = readAuthenticode(factsOf(buildPe({ ...PE, certificates: [certificate] }).bytes));
    return reading.ok ? undefined : reading.refusal;
  };
  const deep = (levels: number): Uint8Array =>
    makeAuthenticode(PE, recipe({ unsigned: () => (levels === 0 ? [] : [attribute('1.3.6.1.4.1.311.2.4.1', deep(levels - 1))]) }));
  const content = octets(Buffer.from('x'));

  it.each<[string, BinaryRefusal['reason'], () => Uint8Array]>([
    ['no CMS structure', 'bad-der', () => Buffer.from('no CMS structure')],
    ['a CMS structure about something else', 'bad-cms', () => makeCms({ signer: people.signer, content, encapsulated: octets(content) })],
    [
      'indirect data without digest',
      'bad-cms',
      () => makeCms({ signer: people.signer, content, contentType: '1.3.6.1.4.1.311.2.1.4', encapsulated: octets(content) }),
    ],
    ['signatures nested without end', 'limit', () => deep(9)],
  ])('%s as %s', (_case, reason, make) => {
    expect(refusalOf(make())?.reason).toBe(reason);
  });

  it('nothing of certificates of other types', () => {
    const bytes = buildPe({ certificates: [{ type: 1, bytes: Buffer.from('X.509') }] }).bytes;
    expect(readAuthenticode(factsOf(bytes))).toEqual({ ok: true, facts: [] });
  });
});
