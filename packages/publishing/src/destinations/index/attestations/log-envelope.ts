import { createHash, type X509Certificate } from 'node:crypto';
import type { HttpClient, HttpResponse } from '@waybill/core';
import { publishingErrors } from '../../../errors/publishing-errors';
import { wordsOf } from '../words-of-server';
import { jsonOf } from '../../../parse-json';
import { fieldOf, listIn, PAYLOAD_TYPE, type LogEntry } from './attestation';
import type { Sigstore } from './request-certificate';

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
export async function logEnvelope(request: LogRequest): Promise<LogEntry> {
  const { id, rekorUrl, http, certificate, statement, signature } = request;
  const envelope = { payload: statement.toString('base64'), payloadType: PAYLOAD_TYPE, signatures: [{ sig: signature.toString('base64') }] };
  const verifier = Buffer.from(certificate.toString()).toString('base64');
  const content = { envelope: JSON.stringify(envelope), verifiers: [verifier] };
  const body = Buffer.from(JSON.stringify({ apiVersion: '0.0.1', kind: 'dsse', spec: { proposedContent: content } }));
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const url = `${rekorUrl}/api/v1/log/entries`;
  const answer = await http.request({ method: 'POST', url, headers, body });
  return entryIn(id, answer, statement);
}

async function entryIn(id: string, answer: HttpResponse, statement: Buffer): Promise<LogEntry> {
  const text = await answer.text();
  const { status } = answer;
  if (status === 408 || status === 429 || status >= 500) {
    throw publishingErrors.error('PUBLISH_ATTESTATION_UNANSWERED', { id, reason: `sigstore’s log said neither yes nor no (HTTP ${status})` });
  }
  const entry = status === 200 || status === 201 ? readEntry(jsonOf(text)) : undefined;
  if (entry === undefined) throw publishingErrors.error('PUBLISH_ATTESTATION_LOG', { id, status, said: wordsOf(text) });
  const kept = fieldOf(fieldOf(fieldOf(jsonOf(Buffer.from(entry.canonicalizedBody, 'base64').toString('utf8')), 'spec'), 'payloadHash'), 'value');
  if (kept === createHash('sha256').update(statement).digest('hex')) return entry;
  throw publishingErrors.error('PUBLISH_ATTESTATION_LOG', { id, status, said: ['what it keeps is another statement'] });
}

/** Rekor’s answer, `{ uuid: entry }`, in the form of protobuf-specs; `undefined` for what is none. */
function readEntry(answer: unknown): LogEntry | undefined {
  const [entry] = typeof answer === 'object' && answer !== null ? Object.values(answer) : [];
  const verification = fieldOf(entry, 'verification');
  const proof = fieldOf(verification, 'inclusionProof');
  const text = (of: unknown, name: string): string => String(fieldOf(of, name) ?? '');
  const base64 = (hex: unknown): string => Buffer.from(String(hex), 'hex').toString('base64');
  const isWhole = [text(entry, 'body'), text(entry, 'logID'), text(verification, 'signedEntryTimestamp'), text(proof, 'checkpoint')].every(Boolean);
  if (!isWhole) return undefined;
  return {
    logIndex: text(entry, 'logIndex'),
    logId: { keyId: base64(fieldOf(entry, 'logID')) },
    kindVersion: { kind: 'dsse', version: '0.0.1' },
    integratedTime: text(entry, 'integratedTime'),
    inclusionPromise: { signedEntryTimestamp: text(verification, 'signedEntryTimestamp') },
    inclusionProof: {
      logIndex: text(proof, 'logIndex'),
      rootHash: base64(fieldOf(proof, 'rootHash')),
      treeSize: text(proof, 'treeSize'),
      hashes: listIn(proof, 'hashes').map(base64),
      checkpoint: { envelope: text(proof, 'checkpoint') },
    },
    canonicalizedBody: text(entry, 'body'),
  };
}
