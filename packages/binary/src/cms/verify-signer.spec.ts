import { createHash, generateKeyPairSync } from 'node:crypto';
import type { SignerVerification, TrustRequest } from './cms-verification';
import type { SignatureProblemCode } from '../signature-problem';
import { octets, oid } from '../testing/cms/der-writer';
import {
  type Authorities,
  type CertificateRecipe,
  CODE_SIGNING,
  DAY_MS,
  type Identity,
  makeAuthorities,
  makeCertificate,
  TIME_STAMPING,
  TODAY,
} from '../testing/cms/make-certificate';
import { attribute, type CmsRecipe, makeCms, makeCounterSignature, makeTimestamp, type TimestampRecipe } from '../testing/cms/make-cms';
import { readCms } from './read-cms';
import { verifySigner } from './verify-signer';

const CONTENT = Buffer.from('what is signed');
const people: Authorities = makeAuthorities();

function verify(recipe: Partial<CmsRecipe> = {}, request: Partial<TrustRequest> & { content?: Uint8Array } = {}): SignerVerification {
  const bytes = makeCms({ signer: people.signer, certificates: [people.intermediate], content: CONTENT, ...recipe });
  const reading = readCms(bytes);
  if (!reading.ok) throw new Error(reading.refusal.message);
  const roots = [people.root.certificate];
  return verifySigner(reading.facts, reading.facts.signers[0]!, { content: CONTENT, now: TODAY, roots, purpose: CODE_SIGNING, ...request });
}

const codes = (verification: SignerVerification): SignatureProblemCode[] => verification.problems.map(({ code }) => code);
const stamped = (recipe: Partial<TimestampRecipe> = {}): Pick<CmsRecipe, 'unsigned'> => ({
  unsigned: (signature) => [
    attribute(
      '1.2.840.113549.1.9.16.2.14',
      makeTimestamp(signature, { stamper: people.stamper, certificates: [people.root], time: TODAY - DAY_MS, ...recipe }),
    ),
  ],
});

describe('a signer’s verification', () => {
  it.each(['ec', 'rsa', 'ed25519'] as const)('holds for a key of kind %s, its chain and root', (keys) => {
    const { root, intermediate, signer } = makeAuthorities({ keys });
    const verification = verify({ signer, certificates: [intermediate, root] }, { roots: [root.certificate] });
    expect(verification).toMatchObject({ problems: [], trusted: true });
    expect(verification.chain.map(({ subject }) => subject.commonName)).toEqual(['Test Signer', 'Test Intermediate', 'Test Root']);
  });

  it('holds without a root among the certificates, without signed attributes, and in BER', () => {
    expect(codes(verify())).toEqual([]);
    expect(codes(verify({ attributes: null }))).toEqual([]);
    expect(codes(verify({ ber: true, encapsulated: octets(CONTENT) }))).toEqual([]);
  });

  it('says nothing of trust when no roots are given', () => {
    const verification = verify({}, { roots: undefined } as never);
    expect(verification).toMatchObject({ problems: [] });
    expect(verification.trusted).toBeUndefined();
  });

  it('goes round a cross-signed intermediate to the trusted root', () => {
    const other = makeCertificate({ commonName: 'Other Root', authority: true });
    const crossed: Identity = makeCertificate({ commonName: 'Test Root', issuer: other, authority: true });
    expect(verify({ certificates: [crossed, other, people.intermediate] })).toMatchObject({ problems: [], trusted: true });
  });

  const planted: readonly (readonly [string, SignatureProblemCode, () => SignerVerification])[] = [
    ['a signature over other bytes', 'content-digest', () => verify({ content: Buffer.from('something else') })],
    ['the same without signed attributes', 'signature', () => verify({ content: Buffer.from('something else'), attributes: null })],
    [
      'a signature by another key',
      'signature',
      () => verify({ signer: { ...people.signer, key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey } }),
    ],
    ['a signature over other attributes', 'signature', () => verify({ signOther: true })],
    [
      'a key of another kind than the signature',
      'algorithm',
      () => verify({ signer: { ...people.signer, key: generateKeyPairSync('ed25519').privateKey } }),
    ],
    ['no message digest', 'content-digest', () => verify({ attributes: [attribute('1.2.840.113549.1.9.3', oid('1.2.840.113549.1.7.1'))] })],
    ['another content type', 'content-type', () => verify({ contentType: '1.2.3.4', attributes: typed('1.2.840.113549.1.7.1') })],
    ['SHA-1', 'weak-digest', () => verify({ digest: 'sha1' })],
    ['a short key', 'weak-key', () => verify(signedBy({ keys: 'rsa-1024' }))],
    ['an issuer with a short key', 'weak-key', () => verify(below({ issuer: people.intermediate, authority: true, keys: 'rsa-1024' }))],
    ['no certificate', 'certificate-missing', () => verify({ leaveOut: true })],
    ['nothing that is signed', 'content-missing', () => verify({}, { content: undefined } as never)],
    ['an unknown root', 'untrusted', () => verify({}, { roots: [makeCertificate({ commonName: 'Test Root', authority: true }).certificate] })],
    [
      'a signer that vouches for itself',
      'untrusted',
      () => verify({ signer: makeCertificate({ commonName: 'Test Signer', purposes: [CODE_SIGNING] }) }),
    ],
    ['a missing intermediate', 'untrusted', () => verify({ certificates: [] })],
    ['an expired certificate', 'validity', () => verify(signedBy({ notAfter: TODAY - DAY_MS }))],
    ['a certificate that is not valid yet', 'validity', () => verify(signedBy({ notBefore: TODAY + DAY_MS }))],
    ['a certificate for another purpose', 'purpose', () => verify(signedBy({ purposes: [TIME_STAMPING] }))],
    ['a certificate without purpose', 'purpose', () => verify(signedBy({ purposes: undefined } as never))],
    ['a certificate that may not sign data', 'purpose', () => verify(signedBy({ keyUsage: 0x04 }))],
    ['a critical extension that is not understood', 'critical-extension', () => verify(signedBy({ criticalExtension: '1.2.3.4.5' }))],
    ['a certificate whose issuer signed another', 'signature', () => verify(signedBy({ signOther: true }))],
    ['an issuer that is no authority', 'chain', () => verify(below({ issuer: people.root }))],
    ['an issuer that may not sign certificates', 'chain', () => verify(below({ issuer: people.root, authority: true, keyUsage: 0x80 }))],
    [
      'more authorities than one of them allows',
      'chain',
      () => verify(below({ issuer: people.intermediate, authority: true }, [people.intermediate])),
    ],
  ];

  it.each(planted)('finds %s: %s', (_case, code, run) => {
    expect(codes(run())).toContain(code);
  });
});

function typed(type: string): CmsRecipe['attributes'] {
  const digest = octets(createHash('sha256').update(CONTENT).digest());
  return [attribute('1.2.840.113549.1.9.3', oid(type)), attribute('1.2.840.113549.1.9.4', digest)];
}

const signedBy = (recipe: Partial<CertificateRecipe>): Partial<CmsRecipe> => ({
  signer: makeCertificate({ commonName: 'Odd Signer', issuer: people.intermediate, purposes: [CODE_SIGNING], ...recipe }),
});

/** A signer below an odd issuer. */
function below(recipe: Partial<CertificateRecipe>, more: readonly Identity[] = []): Partial<CmsRecipe> {
  const issuer = makeCertificate({ commonName: 'Odd Issuer', ...recipe });
  return { signer: makeCertificate({ commonName: 'Odd Signer', issuer, purposes: [CODE_SIGNING] }), certificates: [issuer, ...more] };
}

describe('a timestamp', () => {
  const old = makeCertificate({
    commonName: 'Old Signer',
    issuer: people.intermediate,
    purposes: [CODE_SIGNING],
    notBefore: TODAY - 20 * DAY_MS,
    notAfter: TODAY - 10 * DAY_MS,
  });

  it('holds, and tells when', () => {
    expect(verify(stamped())).toMatchObject({ problems: [], timestamp: { kind: 'rfc3161', time: TODAY - DAY_MS, problems: [], trusted: true } });
  });

  it('lets a certificate have expired since', () => {
    expect(codes(verify({ signer: old }))).toEqual(['validity']);
    expect(codes(verify({ signer: old, ...stamped({ time: TODAY - 15 * DAY_MS }) }))).toEqual([]);
    expect(codes(verify({ signer: old, ...stamped({ time: TODAY - 5 * DAY_MS }) }))).toEqual(['validity']);
  });

  it('is taken under Microsoft’s name and as the older counter-signature too', () => {
    const recipe = { stamper: people.stamper, certificates: [people.root], time: TODAY - DAY_MS };
    const microsoft = verify({ unsigned: (signature) => [attribute('1.3.6.1.4.1.311.3.3.1', makeTimestamp(signature, recipe))] });
    expect(microsoft.timestamp).toMatchObject({ kind: 'rfc3161', problems: [] });
    const counter = { certificates: [people.intermediate, people.stamper] };
    const older = verify({ ...counter, unsigned: (signature) => [attribute('1.2.840.113549.1.9.6', makeCounterSignature(signature, recipe))] });
    expect(older).toMatchObject({ problems: [], timestamp: { kind: 'counter-signature', time: TODAY - DAY_MS, problems: [] } });
    const other = { ...recipe, stampOther: true };
    const wrong = verify({ ...counter, unsigned: (signature) => [attribute('1.2.840.113549.1.9.6', makeCounterSignature(signature, other))] });
    expect(codes(wrong)).toEqual(['timestamp']);
  });

  it.each<[string, SignatureProblemCode, Partial<TimestampRecipe>]>([
    ['over another signature', 'timestamp-imprint', { stampOther: true }],
    ['by a certificate for another purpose', 'purpose', { stamper: people.signer, certificates: [people.intermediate] }],
    ['by a stranger', 'untrusted', { stamper: makeCertificate({ commonName: 'Stranger', purposes: [TIME_STAMPING] }) }],
    ['from before its certificate', 'validity', { time: TODAY - 100 * DAY_MS }],
  ])('%s counts as a problem: %s', (_case, code, recipe) => {
    const verification = verify(stamped(recipe));
    expect(verification.timestamp!.problems.map((problem) => problem.code)).toContain(code);
    expect(codes(verification)).toEqual(['timestamp']);
  });

  it('that does not hold does not make an expired certificate good', () => {
    expect(codes(verify({ signer: old, ...stamped({ time: TODAY - 15 * DAY_MS, stampOther: true }) })).sort()).toEqual(['timestamp', 'validity']);
  });
});
