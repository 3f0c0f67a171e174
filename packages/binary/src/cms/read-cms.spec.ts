import type { BinaryRefusal } from '../binary-refusal';
import { element, indefinite, integer, octets, oid, sequence, set, text } from '../testing/cms/der-writer';
import { type Authorities, CODE_SIGNING, makeAuthorities, makeCertificate, TODAY } from '../testing/cms/make-certificate';
import { attribute, type CmsRecipe, makeCms } from '../testing/cms/make-cms';
import { readCms } from './read-cms';

const CONTENT = Buffer.from('what is signed');
const people: Authorities = makeAuthorities();

const recipe = (changes: Partial<CmsRecipe> = {}): CmsRecipe => ({
  signer: people.signer,
  certificates: [people.intermediate, people.root],
  content: CONTENT,
  encapsulated: octets(CONTENT),
  ...changes,
});

function refusalOf(bytes: Uint8Array): BinaryRefusal | undefined {
  const reading = readCms(bytes);
  return reading.ok ? undefined : reading.refusal;
}

describe('readCms', () => {
  it.each([
    ['DER', false],
    ['the lengths that Apple’s codesign writes', true],
  ])('reads a structure in %s', (_case, ber) => {
    const reading = readCms(makeCms(recipe({ ber, moreAttributes: [attribute('1.2.3.4', text('a'), text('b'))] })));
    expect(reading).toMatchObject({
      ok: true,
      facts: {
        contentType: '1.2.840.113549.1.7.1',
        certificates: [
          {
            subject: { text: 'CN=Test Signer, OU=TEAM123456', commonName: 'Test Signer', organizationalUnit: 'TEAM123456' },
            issuer: { text: 'CN=Test Intermediate' },
            authority: false,
            extendedKeyUsage: [CODE_SIGNING],
            notBefore: TODAY - 30 * 86_400_000,
          },
          { subject: { commonName: 'Test Intermediate' }, authority: true, pathLength: 0 },
          { subject: { commonName: 'Test Root' }, authority: true },
        ],
        signers: [{ digestAlgorithm: { oid: '2.16.840.1.101.3.4.2.1' }, unsignedAttributes: [] }],
      },
    });
    if (!reading.ok) throw new Error('refused');
    expect(Buffer.from(reading.facts.content!).toString()).toBe('what is signed');
    const [signer] = reading.facts.signers;
    expect(signer!.signedAttributes.map(({ oid: name }) => name).sort()).toEqual(['1.2.3.4', '1.2.840.113549.1.9.3', '1.2.840.113549.1.9.4']);
    expect(signer!.signedAttributes.find(({ oid: name }) => name === '1.2.3.4')!.values).toHaveLength(2);
    expect(signer!.signedBytes![0]).toBe(0x31);
  });

  it('joins content that comes in pieces', () => {
    const pieces = indefinite(0x04, octets(CONTENT.subarray(0, 4)), octets(CONTENT.subarray(4)));
    const reading = readCms(makeCms(recipe({ ber: true, encapsulated: pieces })));
    expect(reading.ok && Buffer.from(reading.facts.content!).toString()).toBe('what is signed');
  });

  it('leaves zeros behind the structure alone, and reads one without content', () => {
    const reading = readCms(Buffer.concat([makeCms({ ...recipe(), encapsulated: undefined } as CmsRecipe), Buffer.alloc(7)]));
    expect(reading.ok && reading.facts.content).toBeUndefined();
    expect(reading.ok).toBe(true);
  });
});

describe('readCms refuses', () => {
  const wrap = (inner: Uint8Array): Uint8Array => sequence(oid('1.2.840.113549.1.7.2'), element(0xa0, inner));
  const version = integer(1);
  const digests = set();
  const content = sequence(oid('1.2.840.113549.1.7.1'));
  const signed = (...rest: readonly Uint8Array[]): Uint8Array => wrap(sequence(version, digests, content, ...rest));
  const certificate = (...parts: readonly Uint8Array[]): Uint8Array => signed(element(0xa0, sequence(...parts)), set());
  const twice = attribute('1.2.840.113549.1.9.4', octets(CONTENT));
  const cases: readonly (readonly [string, BinaryRefusal['reason'], () => Uint8Array])[] = [
    ['nothing', 'bad-der', () => new Uint8Array()],
    ['text', 'bad-der', () => Buffer.from('text that is no DER at all')],
    ['a structure that is cut off', 'bad-der', () => makeCms(recipe()).subarray(0, 300)],
    ['data behind the structure', 'bad-cms', () => Buffer.concat([makeCms(recipe()), Buffer.from('x')])],
    ['another kind of structure', 'bad-cms', () => sequence(oid('1.2.840.113549.1.7.3'), element(0xa0, sequence()))],
    ['a structure without content', 'bad-cms', () => sequence(oid('1.2.840.113549.1.7.2'))],
    ['signed data without signers', 'bad-cms', () => signed()],
    ['a length that is longer than it needs to be', 'bad-der', () => Uint8Array.from([0x30, 0x81, 0x01, 0x00])],
    ['a length of five bytes', 'bad-der', () => Uint8Array.from([0x30, 0x85, 1, 1, 1, 1, 1])],
    ['an indefinite length without end', 'bad-der', () => Uint8Array.from([0x30, 0x80, 0x02, 0x01, 0x01])],
    ['a primitive element of indefinite length', 'bad-der', () => Uint8Array.from([0x04, 0x80, 0, 0])],
    ['a tag number above 30', 'bad-der', () => Uint8Array.from([0x3f, 0x81, 0x01, 0x00])],
    ['an object identifier that ends inside a number', 'bad-der', () => sequence(element(0x06, Uint8Array.from([0x2a, 0x86])))],
    ['an endless object identifier', 'bad-der', () => sequence(element(0x06, new Uint8Array(70).fill(1)))],
    ['levels without end', 'limit', () => Array.from({ length: 70 }).reduce<Uint8Array>((inner) => indefinite(0x30, inner), sequence())],
    ['signers without number', 'limit', () => makeCms(recipe({ signers: 65 }))],
    ['certificates without number', 'limit', () => makeCms(recipe({ certificates: Array.from({ length: 256 }, () => people.root) }))],
    ['two message digests', 'bad-cms', () => makeCms(recipe({ moreAttributes: [twice] }))],
    ['a certificate of one part', 'bad-certificate', () => certificate(sequence())],
    ['a certificate without fields', 'bad-certificate', () => certificate(sequence(), sequence(oid('1.2.3')), octets(CONTENT))],
    [
      'an extension that stands twice',
      'bad-certificate',
      () => makeCms(recipe({ certificates: [makeCertificate({ commonName: 'x', repeatExtension: true })] })),
    ],
    ['a signer without parts', 'bad-cms', () => signed(set(sequence()))],
    ['an attribute without values', 'bad-cms', () => makeCms(recipe({ attributes: [sequence(oid('1.2.3'))] }))],
    [
      'millions of elements',
      'limit',
      () =>
        signed(
          set(
            element(
              0x30,
              new Uint8Array(500_000).fill(0x05).map((_, index) => (index % 2 ? 0 : 0x05)),
            ),
          ),
        ),
    ],
    ['megabytes', 'limit', () => sequence(new Uint8Array(17 * 1024 * 1024))],
  ];

  it.each(cases)('%s as %s', (_case, reason, make) => {
    expect(refusalOf(make())?.reason).toBe(reason);
  });

  it('a certificate that names two signature algorithms, or a day that is none', () => {
    const damage = (find: Uint8Array, replace: Uint8Array): Uint8Array => {
      const bytes = Buffer.from(makeCms(recipe({ certificates: [] })));
      bytes.set(replace, bytes.indexOf(find));
      return bytes;
    };
    const algorithm = oid('1.2.840.10045.4.3.2');
    expect(refusalOf(damage(algorithm, oid('1.2.840.10045.4.3.3')))?.reason).toBe('bad-certificate');
    expect(refusalOf(damage(Buffer.from('261027'), Buffer.from('261327')))?.reason).toBe('bad-der');
    expect(refusalOf(damage(Buffer.from('261027'), Buffer.from('260231')))?.reason).toBe('bad-der');
  });

  it('what no signature covers and other verifiers go by: versions, and the digests at the beginning', () => {
    const damaged = (find: Uint8Array, replace: Uint8Array): Uint8Array => {
      const bytes = Buffer.from(makeCms(recipe()));
      bytes.set(replace, bytes.indexOf(find));
      return bytes;
    };
    const [one, seven] = [Buffer.of(2, 1, 1), Buffer.of(2, 1, 7)];
    expect(refusalOf(damaged(one, seven))?.reason).toBe('unsupported');
    expect(refusalOf(damaged(Buffer.concat([one, sequence().subarray(0, 1)]), Buffer.concat([seven, sequence().subarray(0, 1)])))?.reason).toBe(
      'unsupported',
    );
    expect(refusalOf(damaged(oid('2.16.840.1.101.3.4.2.1'), oid('2.16.840.1.101.3.4.2.2')))).toMatchObject({ reason: 'bad-cms' });
  });

  it('says where in the file', () => {
    const bytes = makeCms(recipe());
    const reading = readCms(Buffer.concat([bytes, Buffer.from('x')]), 5_000);
    expect(reading).toMatchObject({ ok: false, refusal: { offset: 5_000 + bytes.length } });
  });
});
