import { orderVersions, parseVersion, readVersion, type Version } from '@waybill/artifacts';

const CLAUSE = /^(~=|===|==|!=|<=|>=|<|>)\s*(\S+?)(\.\*)?$/;

/**
 * Whether a version meets specifiers (PEP 440, "Version specifiers"), pre-releases as well, since it was chosen by somebody. `undefined` where that
 * cannot be said: an epoch, or a text that is no specifier.
 */
export function versionFits(version: string, specifiers: string): boolean | undefined {
  const clauses = specifiers
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => clauseFits(version, text));
  return clauses.includes(undefined) ? undefined : !clauses.includes(false);
}

function clauseFits(version: string, clause: string): boolean | undefined {
  const [, operator, wanted, wild] = CLAUSE.exec(clause) ?? [];
  if (operator === undefined || wanted === undefined) return undefined;
  if (operator === '===') return version.toLowerCase() === (wanted + (wild ?? '')).toLowerCase();
  const [actual, asked] = [readVersion(version), readVersion(wanted)];
  if (actual === undefined || asked === undefined || actual.epoch !== undefined || asked.epoch !== undefined) return undefined;
  if (wild !== undefined) return startsWith(actual, asked.release) === (operator === '==');
  return compare({ actual, version }, operator, { asked, wanted });
}

function compare(one: { actual: Version; version: string }, operator: string, other: { asked: Version; wanted: string }): boolean {
  const { actual, version } = one;
  const { asked, wanted } = other;
  const order = orderVersions(version, wanted);
  const isSame = order === 0 && (asked.local === undefined || asked.local === actual.local);
  switch (operator) {
    case '==':
      return isSame;
    case '!=':
      return !isSame;
    case '>=':
      return order >= 0;
    case '<=':
      return order <= 0;
    case '>':
      // `>1.0` leaves out 1.0.post1
      return order > 0 && (asked.post !== undefined || actual.post === undefined || !sameRelease(actual, asked));
    case '<':
      // `<1.0` leaves out 1.0rc1
      return order < 0 && (asked.pre !== undefined || asked.dev !== undefined || !isBefore(actual) || !sameRelease(actual, asked));
    default:
      return order >= 0 && startsWith(actual, parseVersion(wanted).release.slice(0, -1));
  }
}

const isBefore = ({ pre, dev }: Version): boolean => pre !== undefined || dev !== undefined;

const startsWith = ({ release }: Version, prefix: readonly number[]): boolean => prefix.every((part, index) => (release[index] ?? 0) === part);

const sameRelease = (one: Version, other: Version): boolean => startsWith(one, other.release) && startsWith(other, one.release);
