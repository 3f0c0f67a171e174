import { malformed } from './signature-refused';

/** The fields of an object of JSON; what is none is malformed. `what` is for people: `the bundle`. */
export const objectOf = (value: unknown, what: string): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : malformed(`${what} is no object`);
