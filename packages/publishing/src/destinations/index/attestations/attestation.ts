import { fieldOf, jsonOf, listIn } from '@waybill/core';
import { type LogEntry } from '@waybill/signatures';
import type { PublishFile } from '../../../destination';

/** Of an in-toto statement in a DSSE envelope. */
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** An attestation as an index takes it and gives it back (PEP 740). */
export interface Attestation {
  version: 1;
  verification_material: { /** Base64 of the DER. */ certificate: string; transparency_entries: readonly LogEntry[] };
  envelope: { /** Base64. */ statement: string; /** Base64 of the DER. */ signature: string };
}

/** What is said of a file: that it was published by whoever signs (in-toto Statement v1). */
export const publishStatement = ({ name, sha256 }: Pick<PublishFile, 'name' | 'sha256'>, predicateType: string): Buffer =>
  Buffer.from(JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject: [{ name, digest: { sha256 } }], predicateType, predicate: null }));

/** What DSSE signs: the payload with its type and the lengths of both (PAE, v1). */
export const preAuthEncoding = (payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `), payload]);

/** What attestations of an index say: digests by the name of the file, of each whose form is known. */
export function subjectsOf(provenance: unknown): readonly { name: string; sha256: string; predicateType: string }[] {
  const bundles = listIn(provenance, 'attestation_bundles');
  const attestations = bundles.flatMap((bundle) => listIn(bundle, 'attestations'));
  return attestations.flatMap((attestation) => {
    const text = fieldOf(fieldOf(attestation, 'envelope'), 'statement');
    const statement = typeof text === 'string' ? jsonOf(Buffer.from(text, 'base64').toString('utf8')) : undefined;
    const predicateType = fieldOf(statement, 'predicateType');
    return listIn(statement, 'subject').flatMap((subject) => {
      const [name, sha256] = [fieldOf(subject, 'name'), fieldOf(fieldOf(subject, 'digest'), 'sha256')];
      return typeof name === 'string' && typeof sha256 === 'string' && typeof predicateType === 'string' ? [{ name, sha256, predicateType }] : [];
    });
  });
}
