import type { TimestampVerification, TrustRequest } from './cms-verification';
import type { CmsFacts, CmsSigner, TimestampFacts } from './cms-facts';
import type { SignatureProblem } from '../signature-problem';
import { digestBy, sameBytes } from './check-signature';
import { DerElement } from './der/der-element';
import { timeOf } from './der/der-values';
import { OID } from './object-identifiers';
import { parseCmsElement, readSigner } from './read-cms';
import { readTimestampInfo } from './read-timestamp';
import { attributeValue, checkSigner } from './verify-signer';

/** The timestamp over a signer's signature, if there is one: RFC 3161 under Apple's or Microsoft's name, or PKCS#9's older counter-signature. */
export function verifyTimestamp(cms: CmsFacts, signer: CmsSigner, request: TrustRequest): TimestampVerification | undefined {
  const value = (oid: string): Uint8Array | undefined => signer.unsignedAttributes.find((attribute) => attribute.oid === oid)?.values[0];
  const token = value(OID.timestampToken) ?? value(OID.microsoftTimestamp);
  if (token) return verifyToken(DerElement.first(token, 0), signer, request);
  const counter = value(OID.counterSignature);
  return counter && verifyCounterSignature(cms, readSigner(DerElement.first(counter, 0)), signer, request);
}

function verifyToken(token: DerElement, stamped: CmsSigner, request: TrustRequest): TimestampVerification {
  const cms = parseCmsElement(token);
  const [signer] = cms.signers;
  if (cms.contentType !== OID.timestampInfo || !cms.content || !signer)
    throw token.refused('a timestamp token without timestamp or signer', 'bad-cms');
  const info = readTimestampInfo(cms.content, 0);
  const checked = checkSigner(cms.certificates, signer, checkOf(request, cms.content, cms.contentType, info.time));
  const problem = imprintProblem(info, stamped);
  return { kind: 'rfc3161', time: info.time, ...checked, problems: [...(problem ? [problem] : []), ...checked.problems] };
}

/** The time is a signed attribute; the content is the signature that is stamped, and the certificates stand among the signer's. */
function verifyCounterSignature(cms: CmsFacts, counter: CmsSigner, stamped: CmsSigner, request: TrustRequest): TimestampVerification {
  const time = attributeValue(counter, OID.signingTime);
  if (!time) throw DerElement.first(counter.signedBytes ?? new Uint8Array([0x31, 0]), 0).refused('a counter-signature without time', 'bad-cms');
  const at = timeOf(time, 'the time of a counter-signature');
  return { kind: 'counter-signature', time: at, ...checkSigner(cms.certificates, counter, checkOf(request, stamped.signature, OID.data, at)) };
}

function checkOf({ roots }: TrustRequest, content: Uint8Array, contentType: string, at: number): Parameters<typeof checkSigner>[2] {
  return { content, contentType, at, purpose: OID.timeStamping, ...(roots ? { roots } : {}) };
}

function imprintProblem({ imprint }: TimestampFacts, { signature }: CmsSigner): SignatureProblem | undefined {
  const digest = digestBy(imprint.algorithm, signature);
  if (digest && sameBytes(digest, imprint.digest)) return undefined;
  return { code: 'timestamp-imprint', message: 'the timestamp is about another signature' };
}
