import { accessSync, constants, statSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path';
import { behindShim } from './pyenv-shims';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The absolute path of the program that a shell would run for this name in `folder`, which pyenv asks for the version that is meant there: a shim of it is
 * resolved. Entries of PATH that are not absolute do not count.
 */
export function findOnPath(name: string, variables: Variables, folder = process.cwd()): string | undefined {
  const folders = (variables['PATH'] ?? variables['Path'] ?? '').split(delimiter).filter((place) => isAbsolute(place));
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat', ''] : [''];
  for (const place of folders) {
    const path = endings.map((ending) => join(place, name + ending)).find(isProgram);
    const real = path !== undefined && basename(place) === 'shims' ? behindShim(dirname(place), name, variables, folder) : path;
    if (real !== undefined) return real;
  }
  return undefined;
}

/** A file that this user may run. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === undefined) throw cause;
    return false;
  }
}
