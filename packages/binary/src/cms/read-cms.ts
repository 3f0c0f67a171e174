import type { Attribute, Certificate, CmsFacts, CmsReading, CmsSigner } from './cms-facts';
import { readingOf, Refused } from '../reading/refused';
import { contextTag, DerElement, TAG } from './der/der-element';
import { DER_LIMITS } from './der/der-limits';
import { integerHexOf, octetsOf, oidOf, smallIntegerOf, hexOf } from './der/der-values';
import { OID } from './object-identifiers';
import { readAlgorithm, readCertificate, readName } from './read-certificate';

/**
 * CMS SignedData to facts: certificates, signers, attributes. Never throws and always ends, whatever the bytes. Nothing is verified. `offset`: where `bytes` lie in their file, for refusals.
 * Zeros may follow the structure, as Authenticode pads; anything else is a refusal, since nothing covers it.
 */
export function readCms(bytes: Uint8Array, offset = 0): CmsReading {
  return readingOf({ size: offset + bytes.length }, () => parseCms(bytes, offset));
}

/** The same for callers inside a reader. */
export function parseCms(bytes: Uint8Array, offset: number): CmsFacts {
  const element = DerElement.first(bytes, offset);
  if (bytes.subarray(element.length).some((byte) => byte !== 0)) throw new Refused('bad-cms', 'data follows the signature', offset + element.length);
  return parseCmsElement(element);
}

/** Of a ContentInfo that is an attribute's value. */
export function parseCmsElement(element: DerElement): CmsFacts {
  const [type, wrapper] = element.as(TAG.sequence, 'the CMS structure').children;
  if (!type || oidOf(type, 'the content type') !== OID.signedData) throw element.refused('a CMS structure that is not signed data', 'bad-cms');
  const signedData = wrapper?.as(contextTag(0), 'the signed data').children[0];
  if (!signedData) throw element.refused('a CMS structure without content', 'bad-cms');
  const [version, digests, encapsulated, ...rest] = signedData.as(TAG.sequence, 'the signed data').children;
  const signers = rest[rest.length - 1];
  if (!version || !digests || !encapsulated || signers?.tag !== TAG.set)
    throw signedData.refused('signed data without content or signers', 'bad-cms');
  checkVersion(version, DATA_VERSIONS, 'signed data');
  const read = readSigners(signers);
  checkDigests(digests, read);
  return { ...readContent(encapsulated), certificates: readCertificates(rest.find(({ tag }) => tag === contextTag(0))), signers: read };
}

/** RFC 5652 §5.1 and §5.3. */
const DATA_VERSIONS: readonly number[] = [1, 3, 4, 5];
const SIGNER_VERSIONS: readonly number[] = [1, 3];

/** No signature covers it, and verifiers refuse unknown ones: a file with one holds for nobody else. */
function checkVersion(element: DerElement, known: readonly number[], what: string): void {
  const version = smallIntegerOf(element, `the version of ${what}`);
  if (!known.includes(version)) throw element.refused(`${what} of version ${version}`, 'unsupported');
}

/** Verifiers compute the digests that stand at the beginning, and OpenSSL takes no signer whose digest is not among them (RFC 5652 §5.1). */
function checkDigests(digests: DerElement, signers: readonly CmsSigner[]): void {
  const named = digests.as(TAG.set, 'the digest algorithms').children.map((element) => readAlgorithm(element).oid);
  const other = signers.find(({ digestAlgorithm }) => !named.includes(digestAlgorithm.oid));
  if (other) throw digests.refused(`a signer by digest ${other.digestAlgorithm.oid}, which is none of the structure’s`, 'bad-cms');
}

/** What the digest covers: an octet string's content; of PKCS#7's other types (Authenticode) the value without tag and length (RFC 2315 §9.3). */
function readContent(element: DerElement): Pick<CmsFacts, 'contentType' | 'content'> {
  const [type, wrapper] = element.as(TAG.sequence, 'the content').children;
  if (!type) throw element.refused('content without type', 'bad-cms');
  const value = wrapper?.as(contextTag(0), 'the content').children[0];
  const contentType = oidOf(type, 'the content type');
  if (!value) return { contentType };
  const octets = (value.tag & ~0x20) === TAG.octetString;
  if (!octets && value.indefinite) throw value.refused('content of indefinite length, which no digest covers', 'bad-cms');
  return { contentType, content: octets ? octetsOf(value, 'the content') : value.content };
}

/** Attribute certificates and the like lie among them, under other tags; nobody signs code with those. */
function readCertificates(set: DerElement | undefined): Certificate[] {
  const elements = (set?.children ?? []).filter(({ tag }) => tag === TAG.sequence);
  if (elements.length > DER_LIMITS.certificates)
    throw set!.refused(`${elements.length} certificates, at most ${DER_LIMITS.certificates} are read`, 'limit');
  return elements.map(readCertificate);
}

function readSigners(set: DerElement): CmsSigner[] {
  if (set.children.length > DER_LIMITS.signers) throw set.refused(`${set.children.length} signers, at most ${DER_LIMITS.signers} are read`, 'limit');
  return set.children.map(readSigner);
}

/** SignerInfo. Also what a counter-signature's attribute holds. */
export function readSigner(element: DerElement): CmsSigner {
  const [version, ...fields] = element.as(TAG.sequence, 'a signer').children;
  if (version) checkVersion(version, SIGNER_VERSIONS, 'a signer');
  const [id, digestAlgorithm] = [fields.shift(), fields.shift()];
  const signed = fields[0]?.tag === contextTag(0) ? fields.shift() : undefined;
  const [signatureAlgorithm, signature, unsigned] = fields;
  if (!id || !digestAlgorithm || !signatureAlgorithm || !signature) throw element.refused('a signer without name, algorithm or signature', 'bad-cms');
  if (unsigned) unsigned.as(contextTag(1), 'the unsigned attributes');
  return {
    signerId: readSignerId(id),
    digestAlgorithm: readAlgorithm(digestAlgorithm),
    signatureAlgorithm: readAlgorithm(signatureAlgorithm),
    signature: octetsOf(signature, 'the signature'),
    signedAttributes: readAttributes(signed),
    ...(signed ? { signedBytes: asSet(signed) } : {}),
    unsignedAttributes: readAttributes(unsigned),
  };
}

function readSignerId(element: DerElement): CmsSigner['signerId'] {
  if ((element.tag & ~0x20) === contextTag(0, false)) {
    return { keyId: hexOf(element.tag & 0x20 ? Buffer.concat(element.children.map((piece) => octetsOf(piece, 'the key id'))) : element.content) };
  }
  const [issuer, serial] = element.as(TAG.sequence, 'the signer’s name').children;
  if (!issuer || !serial) throw element.refused('a signer without issuer or serial number', 'bad-cms');
  return { issuer: readName(issuer).der, serial: integerHexOf(serial, 'the serial number') };
}

/** Each attribute stands once among the signed ones: of two message digests, verifiers take different ones (RFC 5652 §11). */
function readAttributes(set: DerElement | undefined): Attribute[] {
  const attributes = (set?.children ?? []).map((element) => {
    const [type, values] = element.as(TAG.sequence, 'an attribute').children;
    if (!type || !values) throw element.refused('an attribute without type or values', 'bad-cms');
    return { oid: oidOf(type, 'the type of an attribute'), values: values.as(TAG.set, 'the values of an attribute').children.map(({ der }) => der) };
  });
  const names = attributes.map(({ oid }) => oid);
  const twice = set?.tag === contextTag(0) ? names.find((oid, index) => names.indexOf(oid) !== index) : undefined;
  if (twice !== undefined) throw set!.refused(`attribute ${twice} stands twice`, 'bad-cms');
  return attributes;
}

/** The signature covers the attributes with the tag of a SET, not with the one that they have in the structure (RFC 5652 §5.4). */
function asSet(element: DerElement): Uint8Array {
  if (element.indefinite) throw element.refused('signed attributes of indefinite length, which are not DER', 'bad-cms');
  const bytes = Uint8Array.from(element.der);
  bytes[0] = TAG.set;
  return bytes;
}
