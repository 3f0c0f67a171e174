import { jsonOf } from '@waybill/core';
import type { PublishFile } from '../../../destination';
import { publishingErrors } from '../../../errors/publishing-errors';
import { subjectsOf } from './attestation';

/** Reads what stands at an address of the index. */
export type ReadText = (url: string) => Promise<{ status: number; text: string }>;

/** What an index shows of who published a file. */
export type ShownAttestation = 'shown' | 'none';

/**
 * Reads the attestations of a file that an index lists (PEP 740, `provenance`) and compares what they say with its bytes
 * (`PUBLISH_ATTESTATION_OTHER`).
 */
export async function readBack(
  about: { id: string; file: Pick<PublishFile, 'name' | 'sha256'>; predicateType: string },
  /** Where the index says they are. */
  provenance: string | null | undefined,
  read: ReadText,
): Promise<ShownAttestation> {
  const { id, file, predicateType } = about;
  const answer = typeof provenance === 'string' ? await read(provenance) : undefined;
  if (answer === undefined || answer.status === 404) return 'none';
  if (answer.status !== 200)
    throw publishingErrors.error('PUBLISH_INDEX_READ', { id, status: answer.status, what: `the attestations of \`${file.name}\`` });
  const own = subjectsOf(jsonOf(answer.text)).filter((one) => one.predicateType === predicateType);
  if (own.length === 0) return 'none';
  const other = own.find(({ name, sha256 }) => name !== file.name || sha256 !== file.sha256);
  if (other === undefined) return 'shown';
  throw publishingErrors.error('PUBLISH_ATTESTATION_OTHER', {
    id,
    name: file.name,
    expected: file.sha256,
    actual: `${other.sha256} of \`${other.name}\``,
  });
}
