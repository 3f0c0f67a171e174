import type { Finding } from './finding';

/** Findings of one kind that are shown one by one. */
export const SHOWN_OF_A_KIND = 5;

/**
 * Findings as text. Of one kind (the same check, level and sentence but for names and numbers in it) the first few are shown and the others
 * counted: a bundle with a systematic fault has thousands. `where` says where all of them are.
 */
export function findingLines(findings: readonly Finding[], where = 'all in the report'): string[] {
  const kinds = new Map<string, Finding[]>();
  const echoes = echoesByFirst(findings);
  const repeated = new Set([...echoes.values()].flat());
  for (const finding of findings.filter((one) => !repeated.has(one))) {
    const kind = kindOf(finding);
    const known = kinds.get(kind);
    if (known) known.push(finding);
    else kinds.set(kind, [finding]);
  }
  return [...kinds.values()].flatMap((alike) => [
    ...alike.slice(0, SHOWN_OF_A_KIND).flatMap((one) => [...linesOf(one), ...echoLine(echoes.get(one) ?? [], where)]),
    ...restLine(alike, where),
  ]);
}

const kindOf = ({ check, level, message }: Finding): string => `${check} ${level} ${message.replace(/`[^`]*`|\d+/g, '…')}`;

/** How it ended, without the places that differ from run to run: the last line that was said, what is quoted left out. */
const outcomeOf = ({ check, level, path, expected, actual, fix }: Finding): string | undefined =>
  actual === undefined || fix === undefined
    ? undefined
    : JSON.stringify([
        check,
        level,
        path,
        expected,
        actual
          .split(' · ')
          .at(-1)!
          .replace(/"[^"]*"|'[^']*'|`[^`]*`/g, '…'),
        fix,
      ]);

/** An app that does not start fails in twenty ways of starting it, each time the same: the first is told, the others are its echoes. */
function echoesByFirst(findings: readonly Finding[]): ReadonlyMap<Finding, readonly Finding[]> {
  const outcomes = new Map<string, Finding[]>();
  for (const finding of findings) {
    const outcome = outcomeOf(finding);
    if (outcome !== undefined) outcomes.set(outcome, [...(outcomes.get(outcome) ?? []), finding]);
  }
  return new Map([...outcomes.values()].map(([first, ...echoes]) => [first!, echoes]));
}

function echoLine(echoes: readonly Finding[], where: string): string[] {
  if (echoes.length === 0) return [];
  const { check, level } = echoes[0]!;
  const shown = echoes.slice(0, SHOWN_OF_A_KIND).map(({ message }) => message);
  return [
    `${level} ${check}: ${echoes.length} more with the same outcome, ${where}: ${[...shown, ...(echoes.length > shown.length ? ['…'] : [])].join('; ')}`,
  ];
}

function restLine(alike: readonly Finding[], where: string): string[] {
  const rest = alike.slice(SHOWN_OF_A_KIND);
  if (rest.length === 0) return [];
  const { check, level } = alike[0]!;
  const paths = new Set(rest.map(({ path }) => path)).size;
  return [`${level} ${check}: ${rest.length} more of this kind${paths > 1 ? ` in ${paths} files` : ''}, ${where}`];
}

/** `error rpath python/vendor/x.so: message`, expected and actual below, `fix:` last. */
function linesOf({ check, level, path, message, expected, actual, fix }: Finding): string[] {
  return [
    `${level} ${check}${path === undefined || path === '' ? '' : ` ${path}`}: ${message}`,
    ...(expected === undefined ? [] : [`  expected ${expected}`]),
    ...(actual === undefined ? [] : [`  actual ${actual}`]),
    ...(fix === undefined ? [] : [`  fix: ${fix}`]),
  ];
}
