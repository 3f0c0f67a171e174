import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path';
import { behindShim, versionFile } from '@waybill/core/pyenv-shims';

type Variables = Readonly<Record<string, string | undefined>>;

/** Absolute path of a command as a shell would find it, pyenv's stand-ins resolved; `undefined` when it is not there. Starts nothing. */
export function findCommand(command: string, variables: Variables, folder: string): string | undefined {
  if (command.includes('/') || isAbsolute(command)) return command;
  // Windows: `.EXE;.CMD`
  const suffixes = ['', ...(variables['PATHEXT'] ?? '').split(';')];
  for (const place of (variables['PATH'] ?? '').split(delimiter).filter((entry) => entry !== '')) {
    const path = suffixes.map((suffix) => join(place, `${command}${suffix}`)).find(isExecutable);
    if (path === undefined) continue;
    // A shim is a shell script that asks pyenv which Python is meant: a quarter of a second for what three small files say.
    const real = basename(place) === 'shims' ? behindShim(dirname(place), command, variables, folder) : path;
    if (real !== undefined) return real;
  }
  return undefined;
}

const isExecutable = (path: string): boolean => existsSync(path) && (statSync(path).mode & 0o111) !== 0;

/** What `.python-version` of a folder, or of one above it, asks for: pyenv and uv obey it, and so does packaging. */
export const wantedPython = (folder: string): string | undefined => versionFile(folder)?.replace(/\s+/g, ' ');

export function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
