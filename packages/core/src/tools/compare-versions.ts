/** Negative, 0 or positive. Numbers part by part, missing parts are 0: `0.9 < 0.14.4`, `0.19 = 0.19.0`. What follows the numbers is ignored. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [numbersOf(left), numbersOf(right)];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const numbersOf = (version: string): number[] => (/^\d+(\.\d+)*/.exec(version.trim())?.[0] ?? '').split('.').map(Number);
