import type { Reading, Refusal } from '../detached-signature';

/** Leaves a parser from any depth; `reading` turns it into a refusal. Never seen outside this package. */
export class SignatureRefused extends Error {
  constructor(
    readonly reason: Refusal['reason'],
    message: string,
  ) {
    super(message);
  }
}

export const malformed = (message: string): never => {
  throw new SignatureRefused('malformed', message);
};
export const unsupported = (message: string): never => {
  throw new SignatureRefused('unsupported', message);
};

/** Runs a parser; what it refuses is an answer. */
export function reading<T>(parse: () => T): Reading<T> {
  try {
    return { ok: true, facts: parse() };
  } catch (error) {
    if (!(error instanceof SignatureRefused)) throw error;
    return { ok: false, refusal: { reason: error.reason, message: error.message } };
  }
}

/** The facts of a reading, or out by the way of the refusal. */
export function required<T>(read: Reading<T>): T {
  if (read.ok) return read.facts;
  throw new SignatureRefused(read.refusal.reason, read.refusal.message);
}
