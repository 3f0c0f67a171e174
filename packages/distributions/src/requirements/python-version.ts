const FULL = /^(\d+)\.(\d+)(?:\.(\d+))?(?:(a|b|rc)(\d+))?/;
const CLAUSE = /^(>=|<=|==|!=|~=|<|>)?\s*(\d+(?:\.\d+)*)(\.\*)?((?:a|b|rc)\d+)?$/;
const PHASES: Readonly<Record<string, number>> = { a: -3, b: -2, rc: -1 };

/** `3.13t`: the number alone tells nobody that an interpreter is free-threaded, so none is taken for one. */
const FREE_THREADED = /^\d+(\.\d+){0,2}((?:a|b|rc)\d+)?t$/;

type Release = readonly number[];

/** Numbers that order versions of CPython; a final release comes after its pre-releases. */
function releaseOf(version: string): Release {
  const match = FULL.exec(version);
  if (!match) return [];
  const [, major, minor, micro = '0', phase, serial] = match;
  return [Number(major), Number(minor), Number(micro), phase ? (PHASES[phase] ?? 0) : 0, Number(serial ?? 0)];
}

function compareReleases(left: Release, right: Release): number {
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const startsWith = (actual: string, prefix: string): boolean => {
  const parts = prefix.split('.');
  const release = (/^\d+(?:\.\d+)*/.exec(actual)?.[0] ?? '').split('.');
  return parts.every((part, index) => release[index] === part);
};

function clauseHolds(actual: string, operator: string, version: string, wildcard: boolean): boolean {
  const order = compareReleases(releaseOf(actual), releaseOf(version.includes('.') ? version : `${version}.0`));
  switch (operator) {
    case '>=':
      return order >= 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    case '!=':
      return !(wildcard ? startsWith(actual, version) : order === 0);
    case '~=':
      return order >= 0 && startsWith(actual, version.split('.').slice(0, -1).join('.'));
    default:
      return wildcard ? startsWith(actual, version) : order === 0;
  }
}

/**
 * Does a version of CPython fit what was asked for: a prefix (`3`, `3.11`), a full version (`3.11.7`, `3.15.0a2`) or specifiers joined by
 * commas (`>=3.10,<3.13`, PEP 440)? `undefined` when that is no such request.
 */
export function pythonFits(actual: string, wanted: string): boolean | undefined {
  if (FREE_THREADED.test(wanted.trim())) return false;
  const clauses = wanted.split(',').map((part) => CLAUSE.exec(part.trim()));
  if (clauses.some((clause) => clause === null)) return undefined;
  return clauses.every((clause) => {
    const [, operator, version = '', wildcard, suffix = ''] = clause!;
    if (!operator) return suffix ? actual === version + suffix : startsWith(actual, version);
    return clauseHolds(actual, operator, version + suffix, wildcard !== undefined);
  });
}

/** The exact version or series in a request, for tools that take one; `undefined` for ranges. */
export function plainVersion(wanted: string | undefined): string | undefined {
  return wanted && /^\d+(\.\d+){0,2}((?:a|b|rc)\d+)?$/.test(wanted) ? wanted : undefined;
}

/** First line of a `.python-version` that asks for a CPython, with a `t` behind it for a free-threaded one (`3.13t`), which no other fits; `undefined` when it asks for none (`system`, other implementations). */
export function readVersionFile(text: string): string | undefined {
  for (const line of text.split(/\r?\n/)) {
    const value = line.replace(/#.*/, '').trim();
    if (value === '') continue;
    const [, version, flag, build = ''] = /^(?:cpython[-@]|python-)?(\d+(?:\.\d+){0,2}(?:(?:a|b|rc)\d+)?)(t)?([-+].*)?$/.exec(value) ?? [];
    return version === undefined ? undefined : `${version}${flag !== undefined || build.startsWith('+freethreaded') ? 't' : ''}`;
  }
  return undefined;
}
