import { formatVersion, parseVersion, readVersion, sameVersion, semverToPep440, type Version } from '@waybill/artifacts';
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
  const refuse = (): never => {
    throw versionErrors.error('VERSION_RANGE', { ...place, range: specifiers, version: text });
  };
  return specifiers.replace(CLAUSE, (clause, operator: string, space: string, bound: string) => {
    const put = (value: string): string => `${operator}${space}${value}`;
    const isPrefix = bound.endsWith('.*');
    // No release has an epoch: nothing that it names fits. `.*` is for `==` and `!=` alone (PEP 440).
    if (bound.includes('!') || (isPrefix && !['==', '!='].includes(operator))) refuse();
    if (operator !== '===' && readVersion(isPrefix ? bound.slice(0, -2) : bound) === undefined) refuse();
    if (operator === '===' || (operator === '==' && !isPrefix)) return put(text);
    if (operator === '==') return put(`${truncated(target, bound.split('.').length - 1)}.*`);
    if (operator === '~=') return put(compatible(target, parseVersion(bound)));
    if (operator === '>=') return put(text);
    const { release } = parseVersion(isPrefix ? bound.slice(0, -2) : bound);
    const order = compareReleases(target.release, release);
    if (operator === '<' || operator === '<=')
      return order < 0 || (operator === '<=' && order === 0) ? clause : put(moveBound(operator, target, release));
    return (operator === '>' && order <= 0) || (operator === '!=' && leavesOut(bound, target)) ? refuse() : clause;
  });
}

/** `1.*`, `1.2.x`: what npm, Cargo and Poetry take for "any number here". */
const ANY = /^(\d+(?:\.\d+)*)((?:\.[*xX])+)$/;
const SEMVER_CLAUSE = /(\^|~=|~|!=|>=|<=|==|=|>|<|)(\s*)v?(\d[\w.+*-]*)/g;

/**
 * The same for a range of Cargo.toml, package.json or Poetry: `^1.2`, `~1.2`, `=1.2.3`, `1.2.*`, `1.x`, `>=1.2, <2`. What names no number stays (`*`, `workspace:^`, `file:…`). Alternatives (`||`), spans
 * (`1 - 2`) and a bound with any number in it are refused: what they mean for the new version, their author knows.
 */
export function moveSemverRange(range: string, version: string, place: RangePlace): string {
  const [, protocol = '', body = ''] = /^(workspace:)?(.*)$/s.exec(range) ?? [];
  if (!/\d/.test(body) || /^[a-z+]+:/.test(body)) return range;
  const refuse = (): never => {
    throw versionErrors.error('VERSION_RANGE', { ...place, range, version });
  };
  if (/\|\||\s-\s|(^|[\s=<>~^!,])[*xX]\.\d/.test(body)) refuse();
  const target = parseVersion(version);
  const isFinal = !target.pre && target.dev === undefined;
  const moved = body.replace(SEMVER_CLAUSE, (clause, operator: string, space: string, bound: string) => {
    if (operator === '!=') return leavesOut(bound, target) ? refuse() : clause;
    const [, numbers, any] = ANY.exec(bound) ?? [];
    if (numbers !== undefined) {
      // no such range lets a prerelease in
      if (!isFinal || !['', '=', '==', '^', '~'].includes(operator)) refuse();
      return `${operator}${space}${truncated(target, numbers.split('.').length)}${any}`;
    }
    if (readVersion(bound) === undefined) refuse();
    const { release } = parseVersion(bound);
    const order = compareReleases(target.release, release);
    if (operator === '<' || operator === '<=') {
      return order < 0 || (operator === '<=' && order === 0) ? clause : `${operator}${space}${moveBound(operator, target, release)}`;
    }
    if (operator === '>') return order > 0 ? clause : refuse();
    return `${operator}${space}${isFinal ? truncated(target, release.length) : version}`;
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
