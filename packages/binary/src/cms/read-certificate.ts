import type { Algorithm, Certificate, DistinguishedName } from './cms-facts';
import { contextTag, DerElement, TAG } from './der/der-element';
import { bitStringOf, booleanOf, hexOf, integerHexOf, octetsOf, oidOf, smallIntegerOf, textOf, timeOf } from './der/der-values';
import { NAME_LABELS, OID } from './object-identifiers';

/** Certificate of RFC 5280 §4.1. Unique identifiers of version 2 are left out: nothing uses them. */
export function readCertificate(element: DerElement): Certificate {
  const [toBeSigned, algorithm, signature] = element.as(TAG.sequence, 'a certificate').children;
  if (!toBeSigned || !algorithm || !signature) throw element.refused('a certificate of less than three parts', 'bad-certificate');
  const fields = [...toBeSigned.as(TAG.sequence, 'the certificate’s content').children];
  if (fields[0]?.tag === contextTag(0)) fields.shift();
  const [serial, inner, issuer, validity, subject, publicKey] = fields;
  if (!serial || !inner || !issuer || !validity || !subject || !publicKey) {
    throw toBeSigned.refused('a certificate without serial, issuer, validity, subject or key', 'bad-certificate');
  }
  const signatureAlgorithm = readAlgorithm(algorithm);
  // The outer name of the algorithm is not signed: were it another, an attacker chose how the signature is checked (RFC 5280 §4.1.1.2).
  if (hexOf(inner.der) !== hexOf(algorithm.der)) throw algorithm.refused('a certificate names two signature algorithms', 'bad-certificate');
  const [notBefore, notAfter] = validity.as(TAG.sequence, 'the validity').children;
  if (!notBefore || !notAfter) throw validity.refused('a validity without two times', 'bad-certificate');
  const extensions = readExtensions(fields.find(({ tag }) => tag === contextTag(3)));
  return {
    der: element.der,
    signedBytes: toBeSigned.der,
    signatureAlgorithm,
    signature: bitStringOf(signature, 'the signature of a certificate'),
    serial: integerHexOf(serial, 'the serial number'),
    issuer: readName(issuer),
    subject: readName(subject),
    notBefore: timeOf(notBefore, 'the begin of validity'),
    notAfter: timeOf(notAfter, 'the end of validity'),
    publicKey: publicKey.as(TAG.sequence, 'the public key').der,
    extensions: extensions.map(({ oid, critical, value }) => ({ oid, critical, value: octetsOf(value, 'an extension') })),
    ...readKnownExtensions(extensions),
  };
}

export function readAlgorithm(element: DerElement): Algorithm {
  const [oid, parameters] = element.as(TAG.sequence, 'an algorithm').children;
  if (!oid) throw element.refused('an algorithm without name');
  return { oid: oidOf(oid, 'the name of an algorithm'), ...(parameters ? { parameters: parameters.der } : {}) };
}

export function readName(element: DerElement): DistinguishedName {
  const parts = element.as(TAG.sequence, 'a name').children.flatMap((set) =>
    set.as(TAG.set, 'a part of a name').children.map((pair) => {
      const [type, value] = pair.as(TAG.sequence, 'a part of a name').children;
      if (!type || !value) throw pair.refused('a part of a name without type or value');
      return { oid: oidOf(type, 'the type of a name’s part'), text: textOf(value) };
    }),
  );
  const find = (oid: string): string | undefined => parts.find((part) => part.oid === oid)?.text;
  const [commonName, organization, organizationalUnit] = [find(OID.commonName), find(OID.organization), find(OID.organizationalUnit)];
  return {
    der: element.der,
    text: parts.map(({ oid, text }) => `${NAME_LABELS[oid] ?? oid}=${text}`).join(', '),
    ...(commonName === undefined ? {} : { commonName }),
    ...(organization === undefined ? {} : { organization }),
    ...(organizationalUnit === undefined ? {} : { organizationalUnit }),
  };
}

interface Extension {
  oid: string;
  critical: boolean;
  /** OCTET STRING. */
  value: DerElement;
}

function readExtensions(wrapper: DerElement | undefined): Extension[] {
  const list = wrapper?.children[0]?.as(TAG.sequence, 'the extensions').children ?? [];
  const seen = new Set<string>();
  return list.map((element) => {
    const parts = element.as(TAG.sequence, 'an extension').children;
    const [name, value] = [parts[0], parts[parts.length - 1]];
    if (!name || !value || parts.length < 2 || parts.length > 3)
      throw element.refused('an extension of other than two or three parts', 'bad-certificate');
    const oid = oidOf(name, 'the name of an extension');
    // RFC 5280 §4.2: one instance each. Of two, verifiers take different ones.
    if (seen.has(oid)) throw element.refused(`extension ${oid} stands twice`, 'bad-certificate');
    seen.add(oid);
    return { oid, critical: parts.length === 3 && booleanOf(parts[1]!, 'the mark of an extension'), value };
  });
}

type Known = Pick<Certificate, 'authority' | 'pathLength' | 'keyUsage' | 'extendedKeyUsage' | 'subjectKeyId' | 'authorityKeyId'>;

function readKnownExtensions(extensions: readonly Extension[]): Known {
  const inner = (oid: string): DerElement | undefined => {
    const found = extensions.find((extension) => extension.oid === oid)?.value;
    return found && DerElement.first(octetsOf(found, 'an extension'), found.contentOffset);
  };
  const [usage, purposes] = [inner(OID.keyUsage), inner(OID.extendedKeyUsage)];
  const subjectKeyId = inner(OID.subjectKeyId);
  const authorityKeyId = inner(OID.authorityKeyId)?.children.find(({ tag }) => tag === contextTag(0, false));
  return {
    ...readConstraints(inner(OID.basicConstraints)),
    ...(usage ? { keyUsage: readBits(usage) } : {}),
    ...(purposes ? { extendedKeyUsage: purposes.as(TAG.sequence, 'the purposes').children.map((purpose) => oidOf(purpose, 'a purpose')) } : {}),
    ...(subjectKeyId ? { subjectKeyId: hexOf(octetsOf(subjectKeyId, 'the key id')) } : {}),
    ...(authorityKeyId ? { authorityKeyId: hexOf(authorityKeyId.content) } : {}),
  };
}

function readConstraints(element: DerElement | undefined): Pick<Certificate, 'authority' | 'pathLength'> {
  const parts = element?.as(TAG.sequence, 'the basic constraints').children ?? [];
  const authority = parts[0]?.tag === TAG.boolean && booleanOf(parts[0], 'the basic constraints');
  const length = parts.find(({ tag }) => tag === TAG.integer);
  return { authority, ...(length ? { pathLength: smallIntegerOf(length, 'the path length') } : {}) };
}

function readBits(element: DerElement): boolean[] {
  return [...bitStringOf(element, 'the key usage')].flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => ((byte >> bit) & 1) === 1));
}
