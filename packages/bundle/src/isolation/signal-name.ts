import { constants } from 'node:os';

/** `SIGSEGV` of 11; `undefined` for a number that is no signal here. */
export function signalName(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
}
