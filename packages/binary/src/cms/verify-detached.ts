import type { Reading } from '../binary-refusal';
import { readingOf } from '../reading/refused';
import type { SignatureProblem } from '../signature-problem';
import type { SignerVerification } from './cms-verification';
import { OID } from './object-identifiers';
import { parseCms } from './read-cms';
import { verifySigner, type SignerRequest } from './verify-signer';

/** Extended key usages, by what they allow to sign; the second is Apple’s, of certificates “Developer ID Installer”. */
export const PURPOSES = { code: OID.codeSigning, installer: OID.installerSigning } as const;

export interface DetachedRequest extends SignerRequest {
  content: Uint8Array;
  /** Where the signature lies in its file, for refusals. */
  offset?: number;
}

/** A CMS signature by one signer over content that lies elsewhere. It holds when `problems` is empty. Never throws and always ends, whatever the bytes. */
export function verifyDetachedCms(cms: Uint8Array, { offset = 0, ...request }: DetachedRequest): Reading<SignerVerification> {
  return readingOf({ size: offset + cms.length }, () => {
    const parsed = parseCms(cms, offset);
    const [signer] = parsed.signers;
    const count: SignatureProblem = { code: 'signer-count', message: `${parsed.signers.length} signers, expected one` };
    if (!signer) return { chain: [], problems: [count] };
    const verified = verifySigner(parsed, signer, request);
    return parsed.signers.length === 1 ? verified : { ...verified, problems: [count, ...verified.problems] };
  });
}
