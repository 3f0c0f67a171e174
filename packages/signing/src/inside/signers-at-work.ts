import { availableParallelism } from 'node:os';

const AT_LEAST = 8;

/** How many files are signed at a time. Most of the time goes into waiting for the timestamp server, so they are more than cores. */
export const signersAtWork = (cores = availableParallelism()): number => Math.max(AT_LEAST, 2 * cores);
