import { parseVersion } from './version';

/** Negative when `one` is the earlier release (PEP 440: development before alpha, beta, candidate, release, post-release); 0 for the same one. */
export function orderVersions(one: string, other: string): number {
  const [left, right] = [keyOf(one), keyOf(other)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
  }
  return 0;
}

const PHASES = { a: 0, b: 1, rc: 2 } as const;
const NUMBERS = 12;

/** Numbers that order as the versions do. A local part does not count. */
function keyOf(text: string): readonly number[] {
  const { release, pre, post, dev } = parseVersion(text);
  const onlyDev = pre === undefined && post === undefined && dev !== undefined;
  const phase = pre ? PHASES[pre.phase] : onlyDev ? -1 : 3;
  const numbers = Array.from({ length: Math.max(NUMBERS, release.length) }, (_, index) => release[index] ?? 0);
  return [...numbers, phase, pre?.number ?? 0, post === undefined ? -1 : post, dev ?? Number.MAX_SAFE_INTEGER];
}
