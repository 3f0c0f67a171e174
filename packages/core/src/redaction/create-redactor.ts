import { Secret } from './secret';

const MASK = '******';
const SHORTEST = 4;
/** Lines of a key that are secrets of their own. */
const LONG_LINE = 16;

export interface Redactor {
  (text: string): string;
  /** Why secrets that were given are not redacted, one line each; their values are not in it. */
  readonly refused: readonly string[];
}

/**
 * Replaces every secret by `******`: as it is, URL-encoded, JSON-escaped, and inside base64 (standard and URL alphabet) at each of the
 * three places where it can begin in a group. A secret of less than four characters is not redacted: it would tear ordinary text to
 * pieces and, by the gaps, be told.
 */
export function createRedactor(secrets: readonly (string | Secret)[]): Redactor {
  const values = [...new Set(secrets.map((secret) => (secret instanceof Secret ? secret.reveal() : secret)))];
  // Who uses a secret may take the white space off that a file or a copy has put round it
  const long = values.flatMap((value) => [value, value.trim()]).filter((value) => value.length >= SHORTEST);
  const refused = values.filter((value) => value.trim().length < SHORTEST).map(reasonOf);
  const pattern = patternOf([...new Set(long.flatMap(formsOf))]);
  const redact = (text: string): string => (pattern === undefined ? text : text.replace(pattern, MASK));
  return Object.assign(redact, { refused });
}

const reasonOf = (value: string): string =>
  value === ''
    ? 'an empty secret is not redacted'
    : `a secret of ${value.trim().length} characters is not redacted: shorter than ${SHORTEST} it would be found everywhere`;

/** Longest first, so that a form that contains another goes as a whole. */
function patternOf(forms: readonly string[]): RegExp | undefined {
  if (forms.length === 0) return undefined;
  const sorted = [...forms].sort((left, right) => right.length - left.length);
  return new RegExp(sorted.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
}

function formsOf(value: string): string[] {
  const urlEncoded = encodeURIComponent(value.replace(/\p{Surrogate}/gu, '\uFFFD'));
  const strict = urlEncoded.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  const escaped = JSON.stringify(value).slice(1, -1);
  const lowerCase = (text: string): string => text.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
  const lines = value
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.length >= LONG_LINE && line !== value && !line.startsWith('-----'));
  return [
    value,
    urlEncoded,
    strict,
    lowerCase(urlEncoded),
    lowerCase(strict),
    strict.replaceAll('%20', '+'),
    escaped,
    escaped.replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ...base64Forms(value),
    ...lines,
  ];
}

/** The characters of base64 that depend on the secret alone, whatever stands before and behind it. */
function base64Forms(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  const forms = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const first = Math.ceil((before * 8) / 6);
    const last = Math.floor(((before + bytes.length) * 8) / 6);
    return text.slice(first, last);
  });
  return forms.filter((form) => form.length >= SHORTEST).flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}
