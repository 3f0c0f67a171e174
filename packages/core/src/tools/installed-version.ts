import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Version of a Python distribution that is installed beside a program, by the name of its `.dist-info`: for applications that do not tell their
 * version, and for interpreters. Starts nothing, and loads nothing of core. `undefined` when there is none.
 */
export function installedVersion(program: string, distribution: string): string | undefined {
  if (!existsSync(program)) return undefined;
  const prefixes = [program, realpathSync(program)].map((path) => dirname(dirname(path)));
  const pattern = new RegExp(`^${distribution}-([^-]+)\\.dist-info$`, 'i');
  const found = [...new Set(prefixes)].flatMap(packageFolders).flatMap(namesIn);
  return found.map((name) => pattern.exec(name)?.[1]).find((version) => version !== undefined);
}

/** Linux and macOS: `lib/python3.12/site-packages`, of Debian `dist-packages`; Windows: `Lib/site-packages`. */
function packageFolders(prefix: string): string[] {
  const series = namesIn(join(prefix, 'lib')).filter((name) => /^python3(\.\d+t?)?$/.test(name));
  const posix = series.flatMap((name) => ['site-packages', 'dist-packages'].map((folder) => join(prefix, 'lib', name, folder)));
  return [...posix, join(prefix, 'Lib', 'site-packages')];
}

const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
