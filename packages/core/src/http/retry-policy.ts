/** How often and how fast a read is repeated. */
export interface RetryPolicy {
  /** Times that it is sent at most. */
  attempts: number;
  /** Wait before the second attempt, doubled each time; milliseconds. */
  baseMs: number;
  /** No wait is longer; a `Retry-After` beyond it ends the repeating. Milliseconds. */
  maxWaitMs: number;
}

export const RETRY_POLICY: RetryPolicy = { attempts: 5, baseMs: 400, maxWaitMs: 30_000 };

const PASSING = new Set([429, 502, 503, 504]);
export const isPassing = (status: number): boolean => PASSING.has(status);

/**
 * Milliseconds to wait behind attempt number `attempt` (from 1), or `undefined` to give up. `random` in [0, 1) spreads clients that failed
 * together over the second half of the wait.
 */
export function waitBefore(policy: RetryPolicy, attempt: number, retryAfterMs: number | undefined, random: number): number | undefined {
  if (attempt >= policy.attempts) return undefined;
  if (retryAfterMs !== undefined) return retryAfterMs > policy.maxWaitMs ? undefined : retryAfterMs;
  return backoffMs(policy, attempt, random);
}

/** Milliseconds to wait behind attempt number `attempt` (from 1), doubled each time. `random` in [0, 1] spreads it over the second half; 1 is the whole wait. */
export const backoffMs = ({ baseMs, maxWaitMs }: Pick<RetryPolicy, 'baseMs' | 'maxWaitMs'>, attempt: number, random: number): number =>
  Math.min(maxWaitMs, baseMs * 2 ** (attempt - 1)) * (0.5 + random / 2);

/** `Retry-After` (RFC 9110 §10.2.3): seconds, or a date; milliseconds from `nowMs`. */
export function retryAfterMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value.trim()) * 1_000;
  const date = /^[A-Z]/i.test(value.trim()) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
