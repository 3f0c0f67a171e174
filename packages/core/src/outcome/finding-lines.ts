import type { Finding } from './finding';

/** Findings of one kind that are shown one by one. */
export const SHOWN_OF_A_KIND = 5;

/**
 * Findings as text. Of one kind (the same check, level and sentence but for names and numbers in it) the first few are shown and the others
 * counted: a bundle with a systematic fault has thousands. `where` says where all of them are.
 */
export function findingLines(findings: readonly Finding[], where = 'all in the report'): string[] {
  const kinds = new Map<string, Finding[]>();
  for (const finding of findings) {
    const kind = kindOf(finding);
    const known = kinds.get(kind);
    if (known) known.push(finding);
    else kinds.set(kind, [finding]);
  }
  return [...kinds.values()].flatMap((alike) => [...alike.slice(0, SHOWN_OF_A_KIND).flatMap(linesOf), ...restLine(alike, where)]);
}

const kindOf = ({ check, level, message }: Finding): string => `${check} ${level} ${message.replace(/`[^`]*`|\d+/g, '…')}`;

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
