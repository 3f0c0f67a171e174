import { randomBytes } from 'node:crypto';

/** A word that only our scripts know: what a bundle prints by itself is not taken for an answer. */
export const nonceFor = (what: string): string => `${what}-${randomBytes(9).toString('hex')}`;
