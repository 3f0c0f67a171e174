import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalog, CatalogEntries, ErrorText } from '../errors/waybill-error';

const AREAS = 'OPTION TOOL PROCESS FILE ARCHIVE RECORD WHEEL BUNDLE RELOCATION SIGN NOTARIZE CHECKSUM PUBLISH VERIFY VERSION GRAPH NETWORK'.split(
  ' ',
);
const CODE = new RegExp(`^(${AREAS.join('|')})(_[A-Z0-9]+)+$`);

/** Stands for any argument: reads as `x` wherever a text puts it. */
function anyArgument(): unknown {
  const list = ['x'];
  return new Proxy(() => 'x', {
    get: (_, key) => {
      if (key === Symbol.toPrimitive) return (hint: string) => (hint === 'number' ? 1 : 'x');
      if (key === 'toString') return () => 'x';
      if (key === Symbol.iterator) return list[Symbol.iterator].bind(list);
      if (key === 'length') return 1;
      if (key === 'toFixed') return () => '1';
      if (key in Array.prototype)
        return (Array.prototype as unknown as Record<string | symbol, unknown>)[key as string] instanceof Function ? boundTo(list, key) : undefined;
      return anyArgument();
    },
  });
}

const boundTo = (list: readonly string[], key: string | symbol): unknown =>
  (list as unknown as Record<string | symbol, (...args: never[]) => unknown>)[key as string]!.bind(list);

/**
 * Walks a catalog: what is wrong with it, one line each, none when all is well. Every code has a known area, one sentence without full stop
 * and a fix, and is named by a spec below `sourceFolder` (the folder `src` of the package).
 */
export function problemsOfCatalog(catalog: Catalog<CatalogEntries>, sourceFolder: string): string[] {
  const specs = specTexts(sourceFolder);
  return Object.entries(catalog.entries).flatMap(([code, text]) => [
    ...problemsOfText(code, text(anyArgument())),
    ...(specs.some((spec) => spec.includes(`'${code}'`) || spec.includes(`\`${code}\``)) ? [] : [`${code}: no spec raises it`]),
  ]);
}

function problemsOfText(code: string, { message, fix, details }: ErrorText): string[] {
  const problems: string[] = [];
  if (!CODE.test(code)) problems.push('is not AREA_WHAT with a known area');
  for (const [what, sentence] of [
    ['message', message],
    ['fix', fix],
  ] as const) {
    if (sentence.trim() === '') problems.push(`has no ${what}`);
    if (/[.!]$/.test(sentence.trim())) problems.push(`its ${what} ends with a full stop`);
    if (sentence.includes('\n')) problems.push(`its ${what} has more than one line`);
  }
  // an argument that is itself a line stays a stand-in, which is a function
  if (details?.some((line) => !['string', 'function'].includes(typeof line))) problems.push('has details that are not text');
  return problems.map((problem) => `${code}: ${problem}`);
}

function specTexts(sourceFolder: string): string[] {
  return readdirSync(sourceFolder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.spec.ts'))
    .map((file) => readFileSync(join(sourceFolder, file), 'utf8'));
}
