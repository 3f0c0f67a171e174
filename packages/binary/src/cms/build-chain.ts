import type { TrustRequest } from './cms-verification';
import type { Certificate } from './cms-facts';
import type { SignatureProblem } from '../signature-problem';
import { checkSignature, sameBytes } from './check-signature';
import { DerElement } from './der/der-element';
import { OID } from './object-identifiers';
import { readCertificate } from './read-certificate';

export interface Chain {
  /** Leaf first. */
  certificates: readonly Certificate[];
  trusted?: boolean;
  problems: readonly SignatureProblem[];
}

/** Certificates of one chain. Apple's and Microsoft's have three, cross-signed ones up to six. */
const LONGEST_CHAIN = 10;
/** Signatures checked for one chain: bounds what many certificates of one name can cost (about 0.1 ms each). */
const MOST_CHECKS = 500;
/** keyCertSign, bit 5 of the key usage. */
const SIGNS_CERTIFICATES = 5;
const SIGNS_DATA = 0;
/** Understood here, or saying nothing about whether the chain holds; Apple marks its own kinds of certificate as critical. */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  OID.keyUsage,
  OID.basicConstraints,
  OID.extendedKeyUsage,
  '2.5.29.32',
  '2.5.29.17',
  '2.5.29.31',
  '2.5.29.35',
]);
const APPLE_EXTENSIONS = '1.2.840.113635.100.6.';

export interface ChainRequest extends Pick<TrustRequest, 'roots'> {
  /** Of the structure; hostile. */
  certificates: readonly Certificate[];
  /** Extended key usage that the leaf must have. */
  purpose: string;
  /** When all of them must be valid, milliseconds since 1970. */
  at: number;
}

/** From a leaf towards a root: by names, signatures, the right to sign certificates, validity, purpose. Revocation is not looked at: it needs a network. */
export function buildChain(leaf: Certificate, request: ChainRequest): Chain {
  const roots = request.roots?.map((der) => readCertificate(DerElement.first(der, 0)));
  const search: Search = { roots, pool: [...(roots ?? []), ...request.certificates], checksLeft: MOST_CHECKS };
  const path = extend([leaf], search);
  const problems = [...pathProblems(path), ...path.flatMap((certificate) => certificateProblems(certificate, request.at))];
  if (!leaf.extendedKeyUsage?.includes(request.purpose)) {
    problems.push({ code: 'purpose', message: `certificate \`${leaf.subject.text}\` is not made for this purpose (${request.purpose})` });
  }
  if (leaf.keyUsage && !leaf.keyUsage[SIGNS_DATA])
    problems.push({ code: 'purpose', message: `certificate \`${leaf.subject.text}\` may not sign data` });
  const broken = brokenLink(path, search);
  if (broken) problems.push(broken);
  if (!roots) return { certificates: path, problems };
  const trusted = isTrusted(path, roots);
  if (!trusted)
    problems.push({ code: 'untrusted', message: `the chain ends at \`${path[path.length - 1]!.subject.text}\`, which is none of the trusted roots` });
  return { certificates: path, trusted, problems };
}

interface Search {
  roots: readonly Certificate[] | undefined;
  pool: readonly Certificate[];
  checksLeft: number;
}

const isTrusted = (path: readonly Certificate[], roots: readonly Certificate[]): boolean =>
  roots.some((root) => sameBytes(root.der, path[path.length - 1]!.der));

const isSelfIssued = (certificate: Certificate): boolean => sameBytes(certificate.issuer.der, certificate.subject.der);

/** The first path that ends at a root; else the longest found. Cross-signed issuers give several. */
function extend(path: readonly Certificate[], search: Search): readonly Certificate[] {
  const last = path[path.length - 1]!;
  if ((search.roots && isTrusted(path, search.roots)) || isSelfIssued(last) || path.length === LONGEST_CHAIN) return path;
  let longest = path;
  for (const issuer of issuersOf(last, search)) {
    if (path.some((known) => sameBytes(known.der, issuer.der)) || signedBy(last, issuer, search) !== undefined) continue;
    const found = extend([...path, issuer], search);
    if (search.roots && isTrusted(found, search.roots)) return found;
    if (found.length > longest.length) longest = found;
  }
  return longest;
}

function issuersOf(certificate: Certificate, { pool }: Search): Certificate[] {
  const { authorityKeyId } = certificate;
  return pool.filter(
    ({ subject, subjectKeyId }) =>
      sameBytes(subject.der, certificate.issuer.der) && (!authorityKeyId || !subjectKeyId || authorityKeyId === subjectKeyId),
  );
}

function signedBy(certificate: Certificate, issuer: Certificate, search: Search): SignatureProblem | undefined {
  search.checksLeft -= 1;
  const what = `the signature of certificate \`${certificate.subject.text}\``;
  if (search.checksLeft < 0) return { code: 'chain', message: `more than ${MOST_CHECKS} signatures had to be checked for one chain` };
  const { signedBytes: bytes, signature, signatureAlgorithm: algorithm } = certificate;
  return checkSignature({ bytes, signature, algorithm, publicKey: issuer.publicKey, what });
}

/** The issuer is there by name, but did not sign. */
function brokenLink(path: readonly Certificate[], search: Search): SignatureProblem | undefined {
  const last = path[path.length - 1]!;
  if (path.length === LONGEST_CHAIN || (search.roots && isTrusted(path, search.roots))) return undefined;
  if (isSelfIssued(last)) return signedBy(last, last, search);
  const [issuer] = issuersOf(last, search).filter((candidate) => !path.includes(candidate));
  return issuer && signedBy(last, issuer, search);
}

function pathProblems(path: readonly Certificate[]): SignatureProblem[] {
  return path.slice(1).flatMap((issuer, below) => {
    const name = `certificate \`${issuer.subject.text}\``;
    if (!issuer.authority) return [{ code: 'chain' as const, message: `${name} signed another one without being an authority` }];
    if (issuer.keyUsage && !issuer.keyUsage[SIGNS_CERTIFICATES]) return [{ code: 'chain' as const, message: `${name} may not sign certificates` }];
    if (issuer.pathLength !== undefined && below > issuer.pathLength) {
      return [{ code: 'chain' as const, message: `${name} allows ${issuer.pathLength} authorities below it, there are ${below}` }];
    }
    return [];
  });
}

function certificateProblems(certificate: Certificate, at: number): SignatureProblem[] {
  const problems: SignatureProblem[] = [];
  const name = `certificate \`${certificate.subject.text}\``;
  const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
  if (at < certificate.notBefore || at > certificate.notAfter) {
    const range = `${day(certificate.notBefore)} to ${day(certificate.notAfter)}`;
    problems.push({ code: 'validity', message: `${name} is valid from ${range}, not on ${day(at)}` });
  }
  for (const { oid, critical } of certificate.extensions) {
    if (critical && !UNDERSTOOD.has(oid) && !oid.startsWith(APPLE_EXTENSIONS)) {
      problems.push({ code: 'critical-extension', message: `${name} has the critical extension ${oid}, which is not understood` });
    }
  }
  return problems;
}
