const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 20_000;

/** No answer: whether the bytes arrived is for the destination to say. */
export const NO_ANSWER: ReadonlySet<string> = new Set(['NETWORK_FAILED', 'NETWORK_TIMEOUT', 'PUBLISH_UNANSWERED']);

/** Doubled each time, with jitter, so that many clients do not come back together. */
export const pauseMs = (attempt: number): number => Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2);
