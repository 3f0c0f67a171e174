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
 * Reads a sums file that anybody may have written: its lines in their order, or `RECORD_SUMS` with the number of the line that is wrong.
 * Names must be relative paths that stay below the folder, each once, also for systems that know no case.
 */
export function parseSums(text: string, algorithm: SumsAlgorithm, origin: Origin = {}): readonly SumEntry[] {
  const refuse = (line: number, reason: string): never => {
    throw artifactsErrors.error('RECORD_SUMS', { ...origin, line, reason });
  };
  if (text.length > LONGEST_CHARACTERS) refuse(1, `the file is longer than ${LONGEST_CHARACTERS} characters`);
  if (text === '') refuse(1, 'the file is empty');
  const lines = text.split('\n');
  if (lines.pop() !== '') refuse(lines.length + 1, 'the last line does not end with a line feed');
  const seen = new Set<string>();
  return lines.map((line, index) => {
    const entry = parseLine(line, SUMS_ALGORITHMS[algorithm].digits);
    if (typeof entry === 'string') return refuse(index + 1, entry);
    const folded = entry.name.normalize('NFC').toLowerCase();
    if (seen.has(folded)) refuse(index + 1, `\`${entry.name}\` stands twice, or differs from another name in case only`);
    seen.add(folded);
    return entry;
  });
}

/** The entry, or what is wrong with the line. */
function parseLine(line: string, digits: number): SumEntry | string {
  const escaped = line.startsWith('\\');
  const [digest = '', rest = ''] = [line.slice(escaped ? 1 : 0, digits + (escaped ? 1 : 0)), line.slice(digits + (escaped ? 1 : 0))];
  if (!/^[0-9a-f]+$/.test(digest) || digest.length !== digits) return `it does not begin with ${digits} lower-case hexadecimal digits`;
  if (!/^ [ *]./.test(rest)) return 'two blanks, or a blank and `*`, and a name must follow the digest';
  const name = escaped ? unescapeName(rest.slice(2)) : rest.slice(2);
  if (name === undefined) return 'its name holds an unknown escape';
  const fault = pathFault(name);
  return fault === undefined ? { name, digest } : `its name is refused: ${fault}`;
}

function unescapeName(name: string): string | undefined {
  if (/\\(?![\\nr])/.test(name.replaceAll('\\\\', ''))) return undefined;
  return name.replace(/\\([\\nr])/g, (_, letter: string) => ({ '\\': '\\', n: '\n', r: '\r' })[letter]!);
}
