import type { X509Certificate } from 'node:crypto';
import { fieldOf, jsonOf, listIn, type HttpClient } from '@waybill/core';
import type { Sigstore, SigstoreAnswer } from './request-certificate';

/** One entry of a transparency log, as `TransparencyLogEntry` of sigstore’s protobuf-specs has it in JSON. */
export interface LogEntry {
  logIndex: string;
  /** Base64. */
  logId: { keyId: string };
  kindVersion: { kind: string; version: string };
  /** Seconds since 1970. */
  integratedTime: string;
  /** Base64. */
  inclusionPromise: { signedEntryTimestamp: string };
  inclusionProof: { logIndex: string; rootHash: string; treeSize: string; hashes: readonly string[]; checkpoint: { envelope: string } };
  /** Base64. */
  canonicalizedBody: string;
}

interface LogRequest extends Pick<Sigstore, 'rekorUrl'> {
  http: HttpClient;
  /** Whose key signed. */
  certificate: X509Certificate;
  /** Name of the log’s kind of entry, version 0.0.1, and what it is to keep: its `spec`, given the certificate in base64 of its PEM. */
  kind: 'dsse' | 'hashedrekord';
  spec(certificate: string): object;
  /** Is the `spec` that the log kept the one that was meant? */
  isKept(spec: unknown): boolean;
}

/** Has what was signed kept for everybody to see (Rekor), and gives the proof of it. */
export async function keepInLog({ rekorUrl, http, certificate, kind, spec, isKept }: LogRequest): Promise<SigstoreAnswer<LogEntry>> {
  const verifier = Buffer.from(certificate.toString()).toString('base64');
  const body = Buffer.from(JSON.stringify({ apiVersion: '0.0.1', kind, spec: spec(verifier) }));
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const answer = await http.request({ method: 'POST', url: `${rekorUrl}/api/v1/log/entries`, headers, body });
  const text = await answer.text();
  const { status } = answer;
  const entry = status === 200 || status === 201 ? readEntry(jsonOf(text), kind) : undefined;
  if (entry === undefined) return { ok: false, status, said: text };
  return isKept(fieldOf(jsonOf(Buffer.from(entry.canonicalizedBody, 'base64').toString('utf8')), 'spec'))
    ? { ok: true, value: entry }
    : { ok: false, status, said: 'what it keeps is another statement' };
}

/** The log said neither yes nor no: to be asked again, as an entry that nobody refers to does no harm. */
export const isUnanswered = (status: number): boolean => status === 408 || status === 429 || status >= 500;

/** Rekor’s answer, `{ uuid: entry }`, in the form of protobuf-specs; `undefined` for what is none. */
function readEntry(answer: unknown, kind: string): LogEntry | undefined {
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
    kindVersion: { kind, version: '0.0.1' },
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
