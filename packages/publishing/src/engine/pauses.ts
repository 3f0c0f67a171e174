import { backoffMs } from '@waybill/core';

const PAUSES = { baseMs: 500, maxWaitMs: 20_000 };

/** No answer: whether the bytes arrived is for the destination to say. */
export const NO_ANSWER: ReadonlySet<string> = new Set(['NETWORK_FAILED', 'NETWORK_TIMEOUT', 'PUBLISH_UNANSWERED', 'PUBLISH_ATTESTATION_UNANSWERED']);

/** Doubled each time, with jitter, so that many clients do not come back together. */
export const pauseMs = (attempt: number): number => backoffMs(PAUSES, attempt, Math.random());
