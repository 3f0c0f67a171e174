import { createHash } from 'node:crypto';
import { context, type Der, element, generalizedTime, indefinite, integer, nothing, octets, oid, sequence, set, utcTime } from './der-writer';
import { type Identity, signatureAlgorithm, signBytes } from './make-certificate';

const DATA = '1.2.840.113549.1.7.1';
const SHA256 = sequence(oid('2.16.840.1.101.3.4.2.1'), nothing());
const SHA1 = sequence(oid('1.3.14.3.2.26'), nothing());

export interface CmsRecipe {
  signer: Identity;
  /** Also in the structure. The signer's own always is, unless `leaveOut`. */
  certificates?: readonly Identity[];
  leaveOut?: boolean;
  /** What the digest covers. */
  content: Uint8Array;
  contentType?: string;
  /** The element that holds the content; left out: detached. */
  encapsulated?: Der;
  digest?: 'sha256' | 'sha1';
  /** In place of the attributes content type and message digest; null: none at all. */
  attributes?: readonly Der[] | null;
  moreAttributes?: readonly Der[];
  unsigned?: (signature: Uint8Array) => readonly Der[];
  /** Lengths as Apple's codesign writes them. */
  ber?: boolean;
  /** In place of what should be signed. */
  signOther?: boolean;
  /** Signers, of which all are the same. */
  signers?: number;
}

export const attribute = (type: string, ...values: readonly Der[]): Der => sequence(oid(type), set(...values));

export function makeCms(recipe: CmsRecipe): Der {
  const { signer, contentType = DATA } = recipe;
  const signed = attributesOf(recipe);
  const toSign = recipe.signOther ? Buffer.from('other') : (signed ?? recipe.content);
  const info = signerInfo(recipe, signed, signBytes(toSign, signer.key));
  const certificates = [...(recipe.leaveOut ? [] : [signer]), ...(recipe.certificates ?? [])].map(({ certificate }) => certificate);
  const wrap = recipe.ber ? indefinite : element;
  const content = recipe.encapsulated ? [wrap(0xa0, recipe.encapsulated)] : [];
  const signedData = wrap(
    0x30,
    integer(1),
    set(digestAlgorithm(recipe)),
    wrap(0x30, oid(contentType), ...content),
    wrap(0xa0, ...certificates),
    element(0x31, ...Array.from({ length: recipe.signers ?? 1 }, () => info)),
  );
  return wrap(0x30, oid('1.2.840.113549.1.7.2'), wrap(0xa0, signedData));
}

const digestAlgorithm = ({ digest }: CmsRecipe): Der => (digest === 'sha1' ? SHA1 : SHA256);

function attributesOf(recipe: CmsRecipe): Der | undefined {
  if (recipe.attributes === null) return undefined;
  const digest = createHash(recipe.digest ?? 'sha256')
    .update(recipe.content)
    .digest();
  const usual = [attribute('1.2.840.113549.1.9.3', oid(recipe.contentType ?? DATA)), attribute('1.2.840.113549.1.9.4', octets(digest))];
  return set(...(recipe.attributes ?? usual), ...(recipe.moreAttributes ?? []));
}

function signerInfo(recipe: CmsRecipe, signed: Der | undefined, signature: Uint8Array): Der {
  const implicit = signed && Uint8Array.from(signed);
  if (implicit) implicit[0] = 0xa0;
  const unsigned = recipe.unsigned?.(signature);
  return sequence(
    integer(1),
    sequence(issuerNameOf(recipe.signer), recipe.signer.serial),
    digestAlgorithm(recipe),
    ...(implicit ? [implicit] : []),
    signatureAlgorithm(recipe.signer.key),
    octets(signature),
    ...(unsigned ? [context(1, ...unsigned)] : []),
  );
}

/** The issuer as the certificate has it: the third field behind version, serial and algorithm. */
function issuerNameOf({ certificate }: Identity): Der {
  const skip = (bytes: Uint8Array, count: number): Uint8Array => (count === 0 ? bytes : skip(bytes.subarray(sizeOf(bytes)), count - 1));
  const content = inner(inner(certificate));
  const rest = skip(content, 3);
  return rest.subarray(0, sizeOf(rest));
}

function headerOf(bytes: Uint8Array): { header: number; length: number } {
  const first = bytes[1]!;
  if (first < 0x80) return { header: 2, length: first };
  const digits = bytes.subarray(2, 2 + (first & 0x7f));
  return { header: 2 + digits.length, length: digits.reduce((value, byte) => value * 256 + byte, 0) };
}

const sizeOf = (bytes: Uint8Array): number => headerOf(bytes).header + headerOf(bytes).length;
const inner = (bytes: Uint8Array): Uint8Array => bytes.subarray(headerOf(bytes).header, sizeOf(bytes));

export interface TimestampRecipe {
  stamper: Identity;
  certificates?: readonly Identity[];
  time: number;
  /** In place of the signature that should be stamped. */
  stampOther?: boolean;
}

/** RFC 3161, as the value of an attribute. */
export function makeTimestamp(signature: Uint8Array, { stamper, certificates, time, stampOther }: TimestampRecipe): Der {
  const digest = createHash('sha256')
    .update(stampOther ? Buffer.from('other') : signature)
    .digest();
  const info = sequence(integer(1), oid('1.2.3.4'), sequence(SHA256, octets(digest)), integer(7), generalizedTime(time));
  return makeCms({
    signer: stamper,
    ...(certificates ? { certificates } : {}),
    content: info,
    contentType: '1.2.840.113549.1.9.16.1.4',
    encapsulated: octets(info),
  });
}

/** PKCS#9's counter-signature, as the value of an attribute. */
export function makeCounterSignature(signature: Uint8Array, { stamper, time, stampOther }: TimestampRecipe): Der {
  const content = stampOther ? Buffer.from('other') : signature;
  const recipe: CmsRecipe = { signer: stamper, content, moreAttributes: [attribute('1.2.840.113549.1.9.5', utcTime(time))] };
  const signed = attributesOf(recipe)!;
  return signerInfo(recipe, signed, signBytes(signed, stamper.key));
}
