import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { bundleErrors } from '../errors/bundle-errors';
import { readElfFile } from './read-elf-file';

export interface Libpython {
  file: string;
  soname: string;
  buildId?: string;
}

const nameOf = (series: string, abiFlags: string): RegExp => new RegExp(`^libpython${series.replace('.', '\\.')}${abiFlags}\\.so(\\.\\d+)*$`);

/** A shared libpython of the series in one of the folders; longer names (`.so.1.0`) before links of development (`.so`). */
export function findLibpython(folders: readonly string[], series: string, abiFlags: string): Libpython | undefined {
  const pattern = nameOf(series, abiFlags);
  for (const folder of new Set(folders)) {
    if (!existsSync(folder)) continue;
    const names = readdirSync(folder).filter((name) => pattern.test(name));
    names.sort((left, right) => right.length - left.length);
    for (const name of names) {
      const file = join(folder, name);
      const elf = existsSync(file) ? readElfFile(file) : undefined;
      if (elf?.dynamic) return { file: realpathSync(file), soname: elf.soname ?? name, buildId: elf.buildId };
    }
  }
  return undefined;
}

/** Throws `BUNDLE_LIBPYTHON_MISMATCH` when the library does not hold the text of the interpreter's version. */
export function checkLibpythonVersion(library: Libpython, version: string): void {
  const bytes = readFileSync(library.file);
  if (bytes.includes(`${version}\0`)) return;
  const series = version.split('.').slice(0, 2).join('.');
  throw bundleErrors.error('BUNDLE_LIBPYTHON_MISMATCH', {
    file: library.file,
    expected: version,
    actual: versionInBytes(bytes, series) ?? 'unknown',
  });
}

/** The version text of CPython that stands in a native file, ended by NUL as the C compiler does. */
export function versionInBytes(bytes: Buffer, series: string): string | undefined {
  const found = new Map<string, number>();
  for (let at = bytes.indexOf(`${series}.`); at >= 0; at = bytes.indexOf(`${series}.`, at + 1)) {
    const version = /^(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?\+?)\0/.exec(bytes.toString('latin1', at, at + 24))?.[1];
    if (version) found.set(version, (found.get(version) ?? 0) + 1);
  }
  return [...found].sort((left, right) => right[1] - left[1])[0]?.[0];
}
