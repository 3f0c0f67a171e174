/** One folder (or file) that a search path or a NEEDED names, tokens replaced. */
export type Place =
  /** Below the bundle's root; the text is not normalised, so that links in it count as they do for ld.so. */
  | { where: 'bundle'; path: string }
  | { where: 'absolute'; path: string }
  /** Relative to the working folder of whoever starts the program. */
  | { where: 'working-folder'; path: string };

/** One element of a search path: `alternatives` has several places when a token means another folder on another distribution. */
export interface SearchElement {
  text: string;
  alternatives: readonly Place[];
  tokens: readonly Token[];
  /** `$NAME` that ld.so leaves as it is. */
  unknownTokens: readonly string[];
}

export type Token = 'ORIGIN' | 'LIB' | 'PLATFORM';

/** Values of `$LIB` on the systems there are (Debian's multiarch; Fedora, SUSE; others), and of `$PLATFORM`. All must lead to the file. */
const LIB: Readonly<Record<string, readonly string[]>> = {
  x86_64: ['lib64', 'lib/x86_64-linux-gnu', 'lib'],
  aarch64: ['lib64', 'lib/aarch64-linux-gnu', 'lib'],
};
const PLATFORM: Readonly<Record<string, readonly string[]>> = { x86_64: ['x86_64', 'haswell', 'xeon_phi'], aarch64: ['aarch64'] };

const TOKEN = /\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))/g;

/**
 * `$ORIGIN`, `$LIB`, `$PLATFORM` as ld.so expands them (elf/dl-load.c, `is_dst`): with or without braces, and without only where no letter, digit or `_` follows.
 * `origin` is a folder in the bundle, `architecture` as in platform names.
 */
export function expandTokens(text: string, origin: string, architecture: string): SearchElement {
  const names = [...text.matchAll(TOKEN)].map((match) => match[1] ?? match[2]!);
  const tokens = names.filter((name): name is Token => name === 'ORIGIN' || name === 'LIB' || name === 'PLATFORM');
  const variants = tokens.includes('LIB') ? (LIB[architecture] ?? ['lib']) : [''];
  const platforms = tokens.includes('PLATFORM') ? (PLATFORM[architecture] ?? [architecture]) : [''];
  const alternatives = variants.flatMap((lib) => platforms.map((platform) => placeOf(text, { LIB: lib, PLATFORM: platform }, origin)));
  return { text, alternatives, tokens, unknownTokens: names.filter((name) => !tokens.includes(name as Token)) };
}

function placeOf(text: string, values: { LIB: string; PLATFORM: string }, origin: string): Place {
  const expanded = text.replace(TOKEN, (whole, braced?: string, plain?: string) => {
    const name = braced ?? plain;
    return name === 'LIB' || name === 'PLATFORM' ? values[name] : whole;
  });
  const fromOrigin = /^\$(?:\{ORIGIN\}|ORIGIN(?![A-Za-z0-9_]))(.*)$/s.exec(expanded);
  if (fromOrigin) return { where: 'bundle', path: `${origin}${fromOrigin[1]}` };
  if (expanded.startsWith('/')) return { where: 'absolute', path: expanded };
  return { where: 'working-folder', path: expanded };
}

/** Elements of a DT_RPATH or DT_RUNPATH. An empty text is no path at all; an empty element is the working folder (`fillin_rpath`). */
export function splitSearchPath(value: string, origin: string, architecture: string): SearchElement[] {
  return value === '' ? [] : value.split(':').map((element) => expandTokens(element, origin, architecture));
}
