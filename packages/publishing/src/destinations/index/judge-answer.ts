import type { HttpResponse } from '@waybill/core';
import type { UploadOutcome } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { waitOf } from '../uncertain-outcome';
import { wordsOf } from './words-of-server';

export interface UploadAnswer {
  id: string;
  name: string;
  status: number;
  /** What the server said. */
  text: string;
  headers: HttpResponse['headers'];
  /** An attestation was sent with it. */
  attested: boolean;
  /** Whom the credential was sent for, where an index may want another: not at the public ones. */
  user?: string | undefined;
}

/** Statuses after which nobody knows: the state of the index decides. */
const isPassing = (status: number): boolean => status === 408 || status === 429 || status >= 500;

export function outcomeOf({ status, headers }: UploadAnswer): UploadOutcome | undefined {
  if (status >= 200 && status < 300) return { outcome: 'stored' };
  if (!isPassing(status)) return undefined;
  return { outcome: 'uncertain', reason: `HTTP ${status}`, ...waitOf({ headers }) };
}

/**
 * The error for a refusal, when the index does not have the file: whether it does is read from the index, never from the words. Bad, expired and
 * revoked tokens answer 403; "File already exists" quotes the hash of the bytes that were just sent.
 */
export function refusalOf({ id, name, status, text, attested, user }: UploadAnswer): Error {
  const said = wordsOf(text);
  if (status === 401 || status === 403) return publishingErrors.error('PUBLISH_INDEX_CREDENTIAL', { id, status, said, user });
  if (status === 404 || status === 405 || (status >= 300 && status < 400))
    return publishingErrors.error('PUBLISH_INDEX_ADDRESS', { id, status, said });
  if (/previously used by a file that has since been deleted/i.test(text)) return publishingErrors.error('PUBLISH_INDEX_BURNT', { id, name, said });
  return publishingErrors.error('PUBLISH_INDEX_REFUSED', { id, name, status, said, attested });
}
