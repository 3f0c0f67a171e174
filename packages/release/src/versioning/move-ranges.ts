import { formatVersion, parseVersion, sameVersion, semverToPep440, type Version } from '@waybill/artifacts';
import { versionErrors } from './version-errors';

/** Where a range stands, for the error. */
export interface RangePlace {
  /** Of the manifest, relative to the workspace. */
  path: string;
  /** The project that the range is about. */
  dependency: string;
}

const CLAUSE = /(===|==|~=|!=|<=|>=|<|>)(\s*)([^\s,()]+)/g;

/**
 * The specifiers of a PEP 508 requirement, moved so that they name `version` (SemVer form) and still allow it: pins, `~=` and lower bounds
 * name the new version, an upper bound moves only when it shuts the new version out, and then as far as it was ahead before.
 */
export function moveSpecifiers(specifiers: string, version: string, place: RangePlace): string {
  const target = parseVersion(semverToPep440(version));
  const text = formatVersion(target);
  return specifiers.replace(CLAUSE, (clause, operator: string, space: string, bound: string) => {
    const put = (value: string): string => `${operator}${space}${value}`;
    // No release has an epoch: nothing that it names fits.
    if (bound.includes('!')) throw versionErrors.error('VERSION_RANGE', { ...place, range: specifiers, version: text });
    if (operator === '===' || (operator === '==' && !bound.endsWith('.*'))) return put(text);
    if (operator === '==') return put(`${truncated(target, bound.split('.').length - 1)}.*`);
    if (operator === '~=') return put(compatible(target, parseVersion(bound)));
    if (operator === '>=') return put(text);
    const { release } = parseVersion(bound.replace(/\.\*$/, ''));
    const order = compareReleases(target.release, release);
    if (operator === '<' || operator === '<=')
      return order < 0 || (operator === '<=' && order === 0) ? clause : put(moveBound(operator, target, release));
    if ((operator === '>' && order <= 0) || (operator === '!=' && leavesOut(bound, target)))
      throw versionErrors.error('VERSION_RANGE', { ...place, range: specifiers, version: text });
    return clause;
  });
}

/** The same for a range of Cargo.toml, package.json or Poetry: `^1.2`, `~1.2`, `=1.2.3`, `>=1.2, <2`. What names no number stays (`*`, `workspace:^`, `file:…`). */
export function moveSemverRange(range: string, version: string, place: RangePlace): string {
  const [, protocol = '', body = ''] = /^(workspace:)?(.*)$/s.exec(range) ?? [];
  if (!/\d/.test(body) || /^[a-z+]+:/.test(body)) return range;
  if (/\|\||\s-\s|[*xX]/.test(body)) throw versionErrors.error('VERSION_RANGE', { ...place, range, version });
  const target = parseVersion(version);
  const moved = body.replace(/(\^|~=|~|!=|>=|<=|==|=|>|<|)(\s*)v?(\d[\w.+-]*)/g, (clause, operator: string, space: string, bound: string) => {
    const { release } = parseVersion(bound);
    const order = compareReleases(target.release, release);
    if (operator === '<' || operator === '<=') {
      return order < 0 || (operator === '<=' && order === 0) ? clause : `${operator}${space}${moveBound(operator, target, release)}`;
    }
    if (operator === '>' || operator === '!=') {
      if (operator === '>' ? order > 0 : !leavesOut(bound, target)) return clause;
      throw versionErrors.error('VERSION_RANGE', { ...place, range, version });
    }
    return `${operator}${space}${target.pre || target.dev !== undefined ? version : truncated(target, release.length)}`;
  });
  return protocol + moved;
}

/** `!=1.4.*` or `!=1.4.2` for such a version. */
function leavesOut(bound: string, target: Version): boolean {
  if (!bound.endsWith('.*')) return sameVersion(bound, formatVersion(target));
  const { release } = parseVersion(bound.slice(0, -2));
  return release.every((number, index) => number === numberAt(target.release, index));
}

const numberAt = (release: readonly number[], index: number): number => release[index] ?? 0;

const truncated = ({ release }: Version, width: number): string => Array.from({ length: width }, (_, index) => numberAt(release, index)).join('.');

function compareReleases(one: readonly number[], other: readonly number[]): number {
  const length = Math.max(one.length, other.length);
  for (let index = 0; index < length; index += 1) {
    const difference = numberAt(one, index) - numberAt(other, index);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `~=` needs two numbers at least, and means another thing with three than with two: it keeps as many as it had. */
function compatible(target: Version, { release }: Version): string {
  const width = Math.max(2, release.length);
  const { local: _, ...rest } = target;
  return formatVersion({ ...rest, release: Array.from({ length: width }, (_none, index) => numberAt(target.release, index)) });
}

/** `<2.0` becomes `<3.0` for 2.1, `<1.3` becomes `<1.5` for 1.4.2. */
function moveBound(operator: '<' | '<=', target: Version, bound: readonly number[]): string {
  if (operator === '<=') return formatVersion(target);
  let precision = bound.length;
  while (precision > 1 && bound[precision - 1] === 0) precision -= 1;
  return bound
    .map((_, index) => (index < precision - 1 ? numberAt(target.release, index) : index === precision - 1 ? numberAt(target.release, index) + 1 : 0))
    .join('.');
}
