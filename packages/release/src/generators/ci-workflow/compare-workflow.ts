const MOST = 8;

/** A line without what a formatter of YAML may change. */
const bare = (line: string): string => line.replace(/["']/g, '').trim();

const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map(bare)
    .filter((line) => line !== '');

/** What differs between two workflows, a line for each; none when only quotes, indentation and empty lines do. */
export function workflowDifferences(actual: string, expected: string): readonly string[] {
  const [present, wanted] = [linesOf(actual), linesOf(expected)];
  const common = present.findIndex((line, index) => line !== wanted[index]);
  const first = common < 0 ? Math.min(present.length, wanted.length) : common;
  if (first === present.length && first === wanted.length) return [];
  const extra = withoutTimes(present.slice(first), wanted.slice(first)).map((line) => `actual, but not expected: \`${line}\``);
  const missing = withoutTimes(wanted.slice(first), present.slice(first)).map((line) => `expected, but not there: \`${line}\``);
  const all = [...missing, ...extra];
  if (all.length === 0) return [`the lines are there, but in another order from \`${present[first] ?? wanted[first]!}\` on`];
  return all.length <= MOST ? all : [...all.slice(0, MOST), `and ${all.length - MOST} more`];
}

/** Lines of one list that the other does not have as often. */
function withoutTimes(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
