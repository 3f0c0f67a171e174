import { lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { comparePaths } from './compare-paths';
import { systemCodeOf, withFileErrors } from './file-error';

/**
 * Files (symlinks to files too) below `cwd` that fit one of the patterns, and none of those that begin with `!`: relative to `cwd`, `/`
 * separated, each once, ordered by the bytes of the paths. What is there under the very name in a pattern is meant literally, so that
 * `app (1)/*.so` and `[id].py` work. Links to folders are not followed. The only file that loads fast-glob.
 */
export async function findFiles(patterns: readonly string[], { cwd, dot = false }: { cwd: string; dot?: boolean }): Promise<string[]> {
  const { default: glob } = await import('fast-glob');
  const escaped = patterns.map((pattern) => escapeExisting(pattern, cwd, (text) => glob.escapePath(text)));
  const entries = await withFileErrors('list', cwd, () =>
    glob(escaped, { cwd, dot, onlyFiles: false, followSymbolicLinks: false, unique: true, objectMode: true }),
  );
  const files = entries.filter(({ path, dirent }) => dirent.isFile() || (dirent.isSymbolicLink() && leadsToFile(join(cwd, path))));
  return files.map(({ path }) => path).sort(comparePaths);
}

/** A link that goes round in circles, or to where nobody may look, leads to none. */
function leadsToFile(link: string): boolean {
  try {
    return statSync(link).isFile();
  } catch (cause) {
    if (systemCodeOf(cause) === '') throw cause;
    return false;
  }
}

/** Escapes the leading parts of a pattern that are there under that very name. */
function escapeExisting(pattern: string, cwd: string, escape: (text: string) => string): string {
  const negated = pattern.startsWith('!') && !isThere(join(cwd, pattern));
  const parts = (negated ? pattern.slice(1) : pattern).replace(/^(\.\/+)+/, '').split('/');
  let literal = 0;
  while (literal < parts.length && isThere(join(cwd, ...parts.slice(0, literal + 1)))) literal += 1;
  return (negated ? '!' : '') + parts.map((part, index) => (index < literal ? escape(part) : part)).join('/');
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
