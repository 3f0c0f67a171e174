import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The program that the shim of a command in `pyenv` runs for a folder: of the version that PYENV_VERSION names, `.python-version` of the folder or of one
 * above it, or the global version. Source: pyenv's README. Starts nothing, and loads nothing of core.
 */
export function behindShim(
  pyenv: string,
  command: string,
  variables: Readonly<Record<string, string | undefined>>,
  folder: string,
): string | undefined {
  const wanted = (variables['PYENV_VERSION'] ?? versionFile(folder) ?? textOf(join(pyenv, 'version')) ?? 'system').split(/[:\s]+/);
  const installed = namesIn(join(pyenv, 'versions'));
  for (const version of wanted) {
    const name = installed.includes(version)
      ? version
      : installed
          .filter((candidate) => candidate.startsWith(`${version.replace(/t$/, '')}.`) && candidate.endsWith('t') === version.endsWith('t'))
          .sort(byNumbers)
          .at(-1);
    const path = name === undefined ? undefined : join(pyenv, 'versions', name, 'bin', command);
    if (path !== undefined && existsSync(path)) return path;
  }
  return undefined;
}

/** Text of `.python-version` of a folder, or of one above it. */
export function versionFile(folder: string): string | undefined {
  const text = textOf(join(folder, '.python-version'));
  return text !== undefined || dirname(folder) === folder ? text : versionFile(dirname(folder));
}

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() || undefined : undefined;
}

const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

const byNumbers = (one: string, other: string): number => one.localeCompare(other, 'en', { numeric: true });
