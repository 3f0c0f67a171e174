import { homedir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { namesIn } from './find-command';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Names of the interpreters that a project may choose from by version: pyenv's, uv's, and `python3.x` on PATH. Names only: starting each
 * would cost more than the rest of the fingerprint, and a new one may change which one `3.12` means.
 */
export function listPythons(variables: Variables): readonly string[] {
  const home = variables['HOME'] ?? homedir();
  const pyenv = namesIn(join(variables['PYENV_ROOT'] ?? join(home, '.pyenv'), 'versions'));
  const uv = namesIn(variables['UV_PYTHON_INSTALL_DIR'] ?? join(variables['XDG_DATA_HOME'] ?? join(home, '.local/share'), 'uv/python'));
  const folders = (variables['PATH'] ?? '').split(delimiter).filter((place) => place !== '' && basename(place) !== 'shims');
  const onPath = folders.flatMap(namesIn).filter((name) => /^python3\.\d+$/.test(name));
  return [
    ...new Set([...pyenv.map((name) => `pyenv:${name}`), ...uv.filter((name) => /^[a-z]+-\d/.test(name)).map((name) => `uv:${name}`), ...onPath]),
  ].sort();
}
