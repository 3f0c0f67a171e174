import { retryAfterMs, type HttpResponse } from '@waybill/core';
import type { UploadOutcome } from '../destination';

/** A server that asks for more is asked again then, and says so once more. */
const LONGEST_WAIT_MS = 15 * 60_000;

/** How long an answer asks to wait (`Retry-After`). */
export function waitOf({ headers }: Pick<HttpResponse, 'headers'>): { retryAfterMs?: number } {
  const asked = retryAfterMs(headers['retry-after'], Date.now());
  return asked === undefined ? {} : { retryAfterMs: Math.min(asked, LONGEST_WAIT_MS) };
}

/** The server may have done it: `who` answered with this status. */
export const uncertain = (who: string, response: HttpResponse): UploadOutcome => ({
  outcome: 'uncertain',
  reason: `${who} answered ${response.status}`,
  ...waitOf(response),
});
