import { artifactsErrors, type Origin } from '../errors/artifacts-errors';

const LONGEST_SHOWN = 60;

/** How a value is named in a message: its type, and the value itself when it is short. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return `\`${text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text}\``;
}

/** Reads fields of hostile JSON; each refusal is `RECORD_FIELD` with what was expected and what stood there. */
export class FieldReader {
  constructor(readonly origin: Origin) {}

  refuse(field: string, expected: string, actual: unknown): never {
    throw artifactsErrors.error('RECORD_FIELD', { ...this.origin, field, expected, actual: describeValue(actual) });
  }

  /** An object with all of `required` and nothing but `required` and `optional`. */
  object(value: unknown, field: string, required: readonly string[], optional: readonly string[] = []): Record<string, unknown> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.refuse(field, 'an object', value);
    const known = new Set([...required, ...optional]);
    for (const key of Object.keys(value)) {
      if (!known.has(key)) this.refuse(join(field, key), `one of ${[...known].map((name) => `\`${name}\``).join(', ')}`, key);
    }
    for (const key of required) {
      if (!Object.hasOwn(value, key)) this.refuse(join(field, key), 'a value', undefined);
    }
    return value as Record<string, unknown>;
  }

  array(value: unknown, field: string): readonly unknown[] {
    return Array.isArray(value) ? value : this.refuse(field, 'a list', value);
  }

  boolean(value: unknown, field: string): boolean {
    return typeof value === 'boolean' ? value : this.refuse(field, '`true` or `false`', value);
  }

  /** A whole number that JavaScript holds exactly. */
  integer(value: unknown, field: string, minimum = 0, maximum = Number.MAX_SAFE_INTEGER): number {
    const good = typeof value === 'number' && Number.isSafeInteger(value) && value >= minimum && value <= maximum;
    return good ? value : this.refuse(field, `a whole number from ${minimum} to ${maximum}`, value);
  }

  /** A string without control characters. */
  text(value: unknown, field: string, pattern = /^[^\p{Cc}\p{Cs}]{1,1024}$/u, expected = 'a line of text'): string {
    return typeof value === 'string' && pattern.test(value) ? value : this.refuse(field, expected, value);
  }

  oneOf<T extends string>(value: unknown, field: string, allowed: readonly T[]): T {
    return allowed.includes(value as T) ? (value as T) : this.refuse(field, `one of ${allowed.map((item) => `\`${item}\``).join(', ')}`, value);
  }

  sha256(value: unknown, field: string): string {
    return this.text(value, field, /^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits');
  }

  /** A relative path that stays below its folder, `/` separated. `faultOf` says what else is wrong with one. */
  path(value: unknown, field: string, faultOf = pathFault): string {
    const text = typeof value === 'string' ? value : this.refuse(field, 'a relative path', value);
    const reason = faultOf(text);
    if (reason) throw artifactsErrors.error('RECORD_PATH', { ...this.origin, field, actual: describeValue(text), reason });
    return text;
  }
}

/** Why a text is no relative path below a folder, or `undefined`. */
export function pathFault(path: string): string | undefined {
  if (path === '') return 'it is empty';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'it is absolute';
  if (path.includes('\\')) return 'it holds a backslash';
  if (/\p{Cc}/u.test(path)) return 'it holds a control character';
  if (/\p{Cs}/u.test(path)) return 'it is no valid Unicode';
  const parts = path.split('/');
  if (parts.includes('..')) return 'it leads upwards';
  if (parts.includes('') || parts.includes('.')) return 'it is not in its shortest form';
  return path.length > 4096 ? 'it is longer than 4,096 characters' : undefined;
}

export const join = (field: string, key: string | number): string =>
  typeof key === 'number' ? `${field}[${key}]` : field === '' ? key : `${field}.${key}`;
