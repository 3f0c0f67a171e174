import type { AuthenticodeReading, AuthenticodeSignature } from './authenticode-facts';
import type { CmsFacts } from '../../cms/cms-facts';
import { DerElement, TAG } from '../../cms/der/der-element';
import { octetsOf } from '../../cms/der/der-values';
import { DIGESTS, OID } from '../../cms/object-identifiers';
import { readAlgorithm } from '../../cms/read-certificate';
import { parseCms, parseCmsElement } from '../../cms/read-cms';
import type { PeCertificate, PeFacts } from '../../pe-facts';
import { readingOf, Refused } from '../../reading/refused';

/** WIN_CERT_TYPE_PKCS_SIGNED_DATA. Windows ignores the other types. */
export const SIGNED_DATA = 2;
/** Signatures of one file. Dual signing has two; signtool allows no more than 16 nested ones. */
const MOST_SIGNATURES = 32;
const DEEPEST = 8;

/** The signatures in a file's certificate table, nested ones too, as facts. Never throws, whatever the bytes; nothing is verified: see `verifyAuthenticode`. */
export function readAuthenticode(facts: PeFacts): AuthenticodeReading {
  const end = facts.certificateTable ? facts.certificateTable.offset + facts.certificateTable.size : 0;
  return readingOf({ size: end }, () => parseAuthenticode(facts));
}

export function parseAuthenticode({ certificates }: PeFacts): AuthenticodeSignature[] {
  return certificates.filter(({ type }) => type === SIGNED_DATA).flatMap(parseSignatures);
}

/** The signature and those that are nested in it. */
export function parseSignatures({ bytes, offset }: Pick<PeCertificate, 'bytes' | 'offset'>): AuthenticodeSignature[] {
  const found: AuthenticodeSignature[] = [];
  const take = (cms: CmsFacts, depth: number): void => {
    if (found.length === MOST_SIGNATURES || depth > DEEPEST)
      throw new Refused('limit', `more than ${MOST_SIGNATURES} signatures or ${DEEPEST} levels`, offset);
    found.push({ depth, ...readIndirectData(cms, offset), cms });
    for (const value of cms.signers.flatMap(nestedValues)) take(parseCmsElement(DerElement.first(value, offset)), depth + 1);
  };
  take(parseCms(bytes, offset), 0);
  return found;
}

function nestedValues({ unsignedAttributes }: CmsFacts['signers'][number]): readonly Uint8Array[] {
  return unsignedAttributes.filter(({ oid }) => oid === OID.nestedSignature).flatMap(({ values }) => values);
}

/** SpcIndirectDataContent: what kind of file it is (not needed), and the digest. */
function readIndirectData(cms: CmsFacts, offset: number): Pick<AuthenticodeSignature, 'digest' | 'digestAlgorithm'> {
  if (cms.contentType !== OID.indirectData || !cms.content)
    throw new Refused('bad-cms', `signed content of type ${cms.contentType}, expected Authenticode’s`, offset);
  const [, info] = DerElement.all(cms.content, offset);
  const [algorithm, digest] = info?.as(TAG.sequence, 'the digest of the file').children ?? [];
  if (!algorithm || !digest) throw new Refused('bad-cms', 'a signature without the digest of its file', offset);
  const { oid } = readAlgorithm(algorithm);
  return { digestAlgorithm: DIGESTS[oid] ?? oid, digest: Buffer.from(octetsOf(digest, 'the digest of the file')).toString('hex') };
}
