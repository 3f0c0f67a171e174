const compiled = new Map<string, RegExp>();
/** Patterns come from options, a few per project; the bound only keeps a long-lived process from growing. */
const MOST_COMPILED = 1_000;

/** Does the path in the bundle match the glob: `*` within a part, `**` over parts, `?` one character, `{a,b}` alternatives. */
export function matchGlob(glob: string, path: string): boolean {
  let pattern = compiled.get(glob);
  if (!pattern) {
    if (compiled.size >= MOST_COMPILED) compiled.clear();
    pattern = new RegExp(`^${translate(glob)}$`, 'su');
    compiled.set(glob, pattern);
  }
  return pattern.test(path);
}

function translate(glob: string): string {
  const tokens = glob.match(/\*\*\/|\*\*|\*|\?|\{[^{}]*\}|[^*?{]+|\{/gu) ?? [];
  return tokens.map(translateToken).join('');
}

function translateToken(token: string): string {
  if (token === '**/') return '(?:[^/]+/)*';
  if (token === '**') return '.*';
  if (token === '*') return '[^/]*';
  if (token === '?') return '[^/]';
  if (token.startsWith('{') && token.endsWith('}')) return `(?:${token.slice(1, -1).split(',').map(translate).join('|')})`;
  return token.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
}
