import type { LeakToken } from '../bundle-facts';
import { isGenericPath, isNeutralPath, isPlaceholderPrefix } from '../policy/generic-paths';

/** Absolute folder of the building machine in a text of build settings, and how bad it is. */
export interface BuildPrefix {
  path: string;
  level: 'error' | 'warning';
}

/** `'prefix': '/x'` of `_sysconfigdata*.py` and `build-details.json`, `prefix=/x` of pkg-config files, `prefix= /x` of Makefiles. */
const SETTINGS =
  /(?<![\w-])["']?(prefix|exec_prefix|base_prefix|BINDIR|LIBDIR|LIBDEST|INCLUDEPY|LIBPL|abs_builddir|abs_srcdir|base_interpreter|libdir|includedir|dynamic|pkgconfig_path|headers|platform)["']?\s*[=:]\s*["']?(\/[^"'\s,]*)/g;

/**
 * Build settings that name a place. A path of the building machine that the proof knows of is an error; so is any other that is no folder of every machine; the placeholders of portable
 * runtimes are a warning.
 */
export function findBuildPrefixes(text: string, leakTokens: readonly LeakToken[]): BuildPrefix[] {
  const found = new Map<string, BuildPrefix>();
  for (const { path } of leakTokens) if (!isGenericPath(path) && holdsPath(text, path)) found.set(path, { path, level: 'error' });
  for (const [, , path] of text.matchAll(SETTINGS)) {
    const level = levelOf(path!);
    if (level && !found.has(path!)) found.set(path!, { path: path!, level });
  }
  return [...found.values()];
}

/** Below `/usr` and `/usr/local` the folders of a distribution’s own Python are the same on each of its machines. */
function levelOf(path: string): BuildPrefix['level'] | undefined {
  if (isGenericPath(path) || isNeutralPath(path) || /^\/usr\/(local\/)?(bin|lib|lib64|include|share)(\/|$)/.test(path)) return undefined;
  return isPlaceholderPrefix(path) ? 'warning' : 'error';
}

/** The path as a whole name: `/src/app` is not in `/src/apples`. */
function holdsPath(text: string, path: string): boolean {
  for (let at = text.indexOf(path); at !== -1; at = text.indexOf(path, at + 1)) {
    if (!/[\w.-]/.test(text[at + path.length] ?? '')) return true;
  }
  return false;
}
