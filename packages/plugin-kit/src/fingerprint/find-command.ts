import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path';

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

/** The program that pyenv would run: PYENV_VERSION, `.python-version` of the folder or one above, the global version. Source: pyenv's README. */
function behindShim(pyenv: string, command: string, variables: Variables, folder: string): string | undefined {
  const wanted = (variables['PYENV_VERSION'] ?? versionFile(folder) ?? textOf(join(pyenv, 'version')) ?? 'system').split(/[:\s]+/);
  const installed = namesIn(join(pyenv, 'versions'));
  for (const version of wanted) {
    const name = installed.includes(version)
      ? version
      : installed
          .filter((candidate) => candidate.startsWith(`${version}.`))
          .sort(byNumbers)
          .at(-1);
    const path = name === undefined ? undefined : join(pyenv, 'versions', name, 'bin', command);
    if (path !== undefined && existsSync(path)) return path;
  }
  return undefined;
}

/** What `.python-version` of a folder, or of one above it, asks for: pyenv and uv obey it, and so does packaging. */
export const wantedPython = (folder: string): string | undefined => versionFile(folder)?.replace(/\s+/g, ' ');

function versionFile(folder: string): string | undefined {
  const text = textOf(join(folder, '.python-version'));
  return text !== undefined || dirname(folder) === folder ? text : versionFile(dirname(folder));
}

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() || undefined : undefined;
}

export function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

const byNumbers = (one: string, other: string): number => one.localeCompare(other, 'en', { numeric: true });
