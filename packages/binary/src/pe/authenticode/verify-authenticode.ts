import type { AuthenticodeSignature, AuthenticodeVerification, AuthenticodeVerificationReading } from './authenticode-facts';
import type { ByteSource } from '../../byte-source';
import { DIGESTS, OID } from '../../cms/object-identifiers';
import { verifySigner } from '../../cms/verify-signer';
import type { TrustRequest } from '../../cms/cms-verification';
import type { PeFacts } from '../../pe-facts';
import { readingOf } from '../../reading/refused';
import type { SignatureProblem } from '../../signature-problem';
import { computeAuthenticodeDigests } from './compute-digest';
import { parseAuthenticode, parseSignatures, SIGNED_DATA } from './read-authenticode';

const KNOWN: ReadonlySet<string> = new Set(Object.values(DIGESTS));

/**
 * Checks every signature of a PE file, nested ones too: digest of the file, CMS signature, chain, timestamp. Pure: the time and the trusted roots are given. A malformed signature is a refusal; a file without one
 * has no signatures.
 */
export function verifyAuthenticode(source: ByteSource, facts: PeFacts, request: TrustRequest): AuthenticodeVerificationReading {
  return readingOf(source, () => verifyAll(source, facts, request));
}

/**
 * The same of a file of another kind, whose signature stands in it as PKCS#7 (a script). `digestOf` gives the file’s digest by an algorithm of node:crypto, lower-case hex. What lies
 * around the signature is for the caller to judge.
 */
export function verifyAuthenticodeBlob(
  signature: Uint8Array,
  digestOf: (algorithm: string) => string,
  request: TrustRequest,
): AuthenticodeVerificationReading {
  return readingOf({ size: signature.length }, () => {
    const signatures = parseSignatures({ bytes: signature, offset: 0 });
    const algorithms = signatures.map(({ digestAlgorithm }) => digestAlgorithm).filter((name) => KNOWN.has(name));
    const digests = new Map(algorithms.map((name) => [name, digestOf(name)]));
    return { signatures: signatures.map((one) => ({ ...one, ...verifyOne(one, digests, request) })), problems: [] };
  });
}

function verifyAll(source: ByteSource, facts: PeFacts, request: TrustRequest): AuthenticodeVerification {
  const signatures = parseAuthenticode(facts);
  const algorithms = [...new Set(signatures.map(({ digestAlgorithm }) => digestAlgorithm))].filter((name) => KNOWN.has(name));
  const digests = computeAuthenticodeDigests(source, facts, algorithms);
  return {
    signatures: signatures.map((signature) => ({ ...signature, ...verifyOne(signature, digests, request) })),
    problems: signatures.length === 0 ? [] : tableProblems(source, facts),
  };
}

function verifyOne(
  signature: AuthenticodeSignature,
  digests: ReadonlyMap<string, string>,
  request: TrustRequest,
): Pick<AuthenticodeVerification['signatures'][number], 'signer' | 'problems'> {
  const { digestAlgorithm, digest, cms } = signature;
  const problems: SignatureProblem[] = [];
  const actual = digests.get(digestAlgorithm);
  if (actual === undefined) problems.push({ code: 'algorithm', message: `the file’s digest is of the unknown or refused kind ${digestAlgorithm}` });
  else if (actual !== digest)
    problems.push({ code: 'file-digest', message: `the file’s ${digestAlgorithm} is ${actual}, the signature is about ${digest}` });
  if (digestAlgorithm === 'sha1') problems.push({ code: 'weak-digest', message: 'the digest of the file is SHA-1' });
  const [first] = cms.signers;
  if (!first || cms.signers.length !== 1)
    return { problems: [...problems, { code: 'signer-count', message: `${cms.signers.length} signers, expected one` }] };
  const signer = verifySigner(cms, first, { ...request, purpose: OID.codeSigning });
  return { signer, problems: [...problems, ...signer.problems] };
}

/** Windows goes by entries with a signature alone, and fills them up with zeros: whatever else lies in the table nobody has signed. */
function entryProblems(source: ByteSource, { certificates }: PeFacts): SignatureProblem[] {
  return certificates.flatMap(({ type, bytes, offset }): SignatureProblem[] => {
    const code = 'data-behind-signature';
    if (type !== SIGNED_DATA)
      return [{ code, message: `the certificate table holds ${bytes.length} bytes of type ${type}, which nobody has signed` }];
    const end = offset + bytes.length;
    const padding = source.read(end, Math.min((8 - (end % 8)) % 8, source.size - end));
    return padding.some((byte) => byte !== 0) ? [{ code, message: 'the padding of the certificate table holds data' }] : [];
  });
}

/** Nothing covers what lies behind the table, nor a table inside of the sections. */
function tableProblems(source: ByteSource, facts: PeFacts): SignatureProblem[] {
  const table = facts.certificateTable!;
  const rest = source.size - table.offset - table.size;
  const lastSection = Math.max(facts.headerBytes, ...facts.sections.map(({ offset, fileSize }) => (fileSize > 0 ? offset + fileSize : 0)));
  const problems: SignatureProblem[] = [];
  if (rest > 0) problems.push({ code: 'data-behind-signature', message: `${rest} bytes lie behind the certificate table` });
  problems.push(...entryProblems(source, facts));
  if (table.offset < lastSection) {
    problems.push({
      code: 'code-uncovered',
      message: `the certificate table begins at ${table.offset}, inside of the sections, which end at ${lastSection}`,
    });
  }
  return problems;
}
