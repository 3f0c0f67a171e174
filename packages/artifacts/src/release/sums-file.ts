import { artifactsErrors, type Origin } from '../errors/artifacts-errors';
import { compareBytewise } from '../record/compare-bytewise';
import { pathFault } from '../record/field-reader';

/** One line of a sums file. */
export interface SumEntry {
  /** File name, or path with `/`, relative to the sums file. */
  name: string;
  /** Lower-case hex. */
  digest: string;
}

/** Hex digits of a digest by algorithm, and how sums files of it are called (`SHA256SUMS`). BLAKE2b as b2sum has it. */
export const SUMS_ALGORITHMS = {
  sha256: { digits: 64, label: 'SHA256' },
  sha384: { digits: 96, label: 'SHA384' },
  sha512: { digits: 128, label: 'SHA512' },
  blake2b: { digits: 128, label: 'BLAKE2B' },
} as const;
export type SumsAlgorithm = keyof typeof SUMS_ALGORITHMS;

const LONGEST_CHARACTERS = 16 * 1024 * 1024;

/** The file that `sha256sum -c` and its sisters read: sorted bytewise by name, LF, names escaped as coreutils does. */
export function renderSums(entries: readonly SumEntry[]): string {
  return [...entries]
    .sort((one, other) => compareBytewise(one.name, other.name))
    .map(({ name, digest }) => (/[\\\n\r]/.test(name) ? `\\${digest}  ${escapeName(name)}\n` : `${digest}  ${name}\n`))
    .join('');
}

const escapeName = (name: string): string => name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');

/**
 * Reads a sums file that anybody may have written: its lines in their order, or `RECORD_SUMS` with the number of the line that is wrong. What `sha256sum -c`
 * takes is taken: CRLF, capital digits, the style of BSD (`--tag`), `./` before a name, comments and empty lines, no line feed at the end.
 * Names must be relative paths that stay below the folder, each once, also for systems that know no case.
 */
export function parseSums(text: string, algorithm: SumsAlgorithm, origin: Origin = {}): readonly SumEntry[] {
  const refuse = (line: number, reason: string): never => {
    throw artifactsErrors.error('RECORD_SUMS', { ...origin, line, reason });
  };
  if (text.length > LONGEST_CHARACTERS) refuse(1, `the file is longer than ${LONGEST_CHARACTERS} characters`);
  if (text === '') refuse(1, 'the file is empty');
  const seen = new Set<string>();
  const entries = text.split('\n').flatMap((whole, index) => {
    const line = whole.replace(/\r$/, '');
    if (line === '' || line.startsWith('#')) return [];
    const entry = parseLine(line, algorithm);
    if (typeof entry === 'string') return refuse(index + 1, entry);
    const folded = entry.name.normalize('NFC').toLowerCase();
    if (seen.has(folded)) refuse(index + 1, `\`${entry.name}\` stands twice, or differs from another name in case only`);
    seen.add(folded);
    return [entry];
  });
  return entries.length === 0 ? refuse(1, 'the file names nothing') : entries;
}

/** The entry, or what is wrong with the line. */
function parseLine(line: string, algorithm: SumsAlgorithm): SumEntry | string {
  const escaped = line.startsWith('\\');
  const read = splitLine(escaped ? line.slice(1) : line, SUMS_ALGORITHMS[algorithm]);
  if (typeof read === 'string') return read;
  const plain = escaped ? unescapeName(read.name) : read.name;
  if (plain === undefined) return 'its name holds an unknown escape';
  const name = plain.replace(/^(?:\.\/)+/, '');
  const fault = pathFault(name);
  return fault === undefined ? { name, digest: read.digest.toLowerCase() } : `its name is refused: ${fault}`;
}

/** `<digest>  <name>`, or as BSD has it `<ALGORITHM> (<name>) = <digest>`. */
function splitLine(line: string, { digits, label }: (typeof SUMS_ALGORITHMS)[SumsAlgorithm]): SumEntry | string {
  const [, tag, tagged, after = ''] = /^([A-Za-z0-9-]+) \((.+)\) = (.*)$/.exec(line) ?? [];
  const isTagged = tag?.toUpperCase() === label;
  const [digest, rest] = isTagged ? [after, ''] : [line.slice(0, digits), line.slice(digits)];
  if (!/^[0-9A-Fa-f]+$/.test(digest) || digest.length !== digits) {
    return `it has no ${label} digest of ${digits} hexadecimal digits at its beginning, nor behind \`${label} (…) = \``;
  }
  if (isTagged) return { name: tagged!, digest };
  return /^ [ *]./.test(rest) ? { name: rest.slice(2), digest } : 'two blanks, or a blank and `*`, and a name must follow the digest';
}

function unescapeName(name: string): string | undefined {
  if (/\\(?![\\nr])/.test(name.replaceAll('\\\\', ''))) return undefined;
  return name.replace(/\\([\\nr])/g, (_, letter: string) => ({ '\\': '\\', n: '\n', r: '\r' })[letter]!);
}
