import { createHash, type X509Certificate } from 'node:crypto';
import { fieldOf, type HttpClient } from '@waybill/core';
import { isUnanswered, keepInLog, type LogEntry, type Sigstore } from '@waybill/signatures';
import { publishingErrors } from '../../../errors/publishing-errors';
import { wordsOf } from '../words-of-server';
import { PAYLOAD_TYPE } from './attestation';

interface LogRequest extends Pick<Sigstore, 'rekorUrl'> {
  id: string;
  http: HttpClient;
  certificate: X509Certificate;
  statement: Buffer;
  /** DER. */
  signature: Buffer;
}

/**
 * Has a signed statement kept for everybody to see (Rekor, entry `dsse` 0.0.1), and gives the proof of it. `PUBLISH_ATTESTATION_LOG` where it
 * is not kept; `PUBLISH_ATTESTATION_UNANSWERED` where that is open: to be signed and sent again, as an entry that nobody refers to does no harm.
 */
export async function logEnvelope({ id, statement, signature, ...request }: LogRequest): Promise<LogEntry> {
  const envelope = { payload: statement.toString('base64'), payloadType: PAYLOAD_TYPE, signatures: [{ sig: signature.toString('base64') }] };
  const digest = createHash('sha256').update(statement).digest('hex');
  const kept = await keepInLog({
    ...request,
    kind: 'dsse',
    spec: (verifier) => ({ proposedContent: { envelope: JSON.stringify(envelope), verifiers: [verifier] } }),
    isKept: (spec) => fieldOf(fieldOf(spec, 'payloadHash'), 'value') === digest,
  });
  if (kept.ok) return kept.value;
  const { status, said } = kept;
  if (isUnanswered(status)) {
    throw publishingErrors.error('PUBLISH_ATTESTATION_UNANSWERED', { id, reason: `sigstore’s log said neither yes nor no (HTTP ${status})` });
  }
  throw publishingErrors.error('PUBLISH_ATTESTATION_LOG', { id, status, said: wordsOf(said) });
}
