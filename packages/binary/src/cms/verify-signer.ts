import type { SignerVerification, TrustRequest } from './cms-verification';
import type { Certificate, CmsFacts, CmsSigner } from './cms-facts';
import type { SignatureProblem } from '../signature-problem';
import { buildChain } from './build-chain';
import { checkSignature, digestBy, sameBytes, weaknessOf } from './check-signature';
import { DerElement } from './der/der-element';
import { octetsOf, oidOf } from './der/der-values';
import { DIGESTS, OID } from './object-identifiers';
import { verifyTimestamp } from './verify-timestamp';

export interface SignerRequest extends TrustRequest {
  /** What is signed, where the structure does not hold it. */
  content?: Uint8Array;
  /** Extended key usage that the signer's certificate must have. */
  purpose: string;
}

/** Clocks of machines are wrong, and so are some of authorities. */
const CLOCK_SKEW_MS = 24 * 3_600_000;
const futureStamp = (time: number, now: number): string =>
  `the timestamp is of the future (${new Date(time).toISOString()}; here it is ${new Date(now).toISOString()})`;

/** One signer of a structure: digest of the content, signature, timestamp, chain. Refuses (throws `Refused`) what is malformed inside attributes. */
export function verifySigner(cms: CmsFacts, signer: CmsSigner, request: SignerRequest): SignerVerification {
  const timestamp = verifyTimestamp(cms, signer, request);
  const at = timestamp && timestamp.problems.length === 0 ? timestamp.time : request.now;
  const own = checkSigner(cms.certificates, signer, { ...request, content: request.content ?? cms.content, contentType: cms.contentType, at });
  const weak = DIGESTS[signer.digestAlgorithm.oid] === 'sha1';
  const problems: SignatureProblem[] = weak ? [{ code: 'weak-digest', message: 'the signature rests on SHA-1' }] : [];
  problems.push(...own.chain.flatMap(weakKey));
  const [bad] = timestamp?.problems ?? [];
  if (bad) problems.push({ code: 'timestamp', message: `the timestamp does not hold: ${bad.message}` });
  if (timestamp && timestamp.time > request.now + CLOCK_SKEW_MS)
    problems.push({ code: 'timestamp', message: futureStamp(timestamp.time, request.now) });
  return { ...own, problems: [...problems, ...own.problems], ...(timestamp ? { timestamp } : {}) };
}

/** Of who signs and those above; authorities of timestamps had short keys long after, and what they say of old signatures counts still. */
function weakKey({ publicKey, subject }: Certificate): SignatureProblem[] {
  const weakness = weaknessOf(publicKey);
  return weakness === undefined ? [] : [{ code: 'weak-key', message: `certificate \`${subject.text}\` has ${weakness}` }];
}

export interface SignerCheck extends Omit<SignerRequest, 'now'> {
  contentType: string;
  /** When the certificates must be valid. */
  at: number;
}

/** Also for those who sign timestamps. */
export function checkSigner(
  certificates: readonly Certificate[],
  signer: CmsSigner,
  request: SignerCheck,
): Pick<SignerVerification, 'chain' | 'trusted' | 'problems'> {
  const certificate = findCertificate(certificates, signer);
  const problems = contentProblems(signer, request);
  if (!certificate)
    return { chain: [], problems: [...problems, { code: 'certificate-missing', message: 'the signer’s certificate is not in the signature' }] };
  const bytes = signer.signedBytes ?? request.content;
  const digest = DIGESTS[signer.digestAlgorithm.oid];
  const wrong =
    bytes &&
    checkSignature({
      bytes,
      signature: signer.signature,
      algorithm: signer.signatureAlgorithm,
      ...(digest === undefined ? {} : { digest }),
      publicKey: certificate.publicKey,
      what: `the signature of \`${certificate.subject.text}\``,
    });
  const chain = buildChain(certificate, {
    certificates,
    purpose: request.purpose,
    at: request.at,
    ...(request.roots ? { roots: request.roots } : {}),
  });
  return {
    chain: chain.certificates,
    ...(chain.trusted === undefined ? {} : { trusted: chain.trusted }),
    problems: [...problems, ...(wrong ? [wrong] : []), ...chain.problems],
  };
}

function findCertificate(certificates: readonly Certificate[], { signerId }: CmsSigner): Certificate | undefined {
  return certificates.find((certificate) =>
    'keyId' in signerId
      ? certificate.subjectKeyId === signerId.keyId
      : certificate.serial === signerId.serial && sameBytes(certificate.issuer.der, signerId.issuer),
  );
}

/** The digest attribute binds the signature to the content; without attributes the signature itself does. */
function contentProblems(signer: CmsSigner, request: SignerCheck): SignatureProblem[] {
  if (!request.content) return [{ code: 'content-missing', message: 'there is nothing that the signature could be about' }];
  if (!signer.signedBytes) return [];
  const actual = digestBy(signer.digestAlgorithm.oid, request.content);
  if (!actual) return [{ code: 'algorithm', message: `the digest algorithm ${signer.digestAlgorithm.oid} is unknown or refused` }];
  const [digest, type] = [attributeValue(signer, OID.messageDigest), attributeValue(signer, OID.contentType)];
  if (!digest || !sameBytes(octetsOf(digest, 'the message digest'), actual)) {
    return [{ code: 'content-digest', message: 'the signature is about other bytes: its message digest differs' }];
  }
  if (!type || oidOf(type, 'the content type') !== request.contentType) {
    return [{ code: 'content-type', message: 'the signed content type is another than that of the content' }];
  }
  return [];
}

/** Of an attribute with one value. Offsets of refusals count from the value's own beginning. */
export function attributeValue(signer: CmsSigner, oid: string): DerElement | undefined {
  const values = signer.signedAttributes.find((attribute) => attribute.oid === oid)?.values;
  return values?.length === 1 ? DerElement.first(values[0]!, 0) : undefined;
}
