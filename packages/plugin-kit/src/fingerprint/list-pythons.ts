import { homedir } from 'node:os';
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path';
import { installedVersion } from '@waybill/core/installed-version';
import { type AnswerMemory, NO_MEMORY } from './answer-memory';
import { namesIn } from './find-command';
import { interpreterAt, interpreterIdentity } from './interpreter-identity';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The interpreters that a project may choose from by version: pyenv's, uv's, and those on PATH, each with its identity: a new one may change
 * which one `3.12` means, and one that was built again is another; so does its own `build`. None is started: that would cost more than the rest of the fingerprint.
 */
export function listPythons(variables: Variables, memory = NO_MEMORY): readonly string[] {
  const home = variables['HOME'] ?? homedir();
  const places = (variables['PATH'] ?? '').split(delimiter).filter((place) => place !== '');
  const shims = places.filter((place) => basename(place) === 'shims');
  const pyenv = [variables['PYENV_ROOT'] || join(home, '.pyenv'), ...shims.map((place) => dirname(place))].map((root) => join(root, 'versions'));
  const data = variables['XDG_DATA_HOME'] ?? '';
  const uv = variables['UV_PYTHON_INSTALL_DIR'] || join(isAbsolute(data) ? data : join(home, '.local/share'), 'uv/python');
  const known = new Map<string, string | undefined>();
  const described = (file: string): string | undefined => {
    if (!known.has(file)) known.set(file, describe(file, memory));
    return known.get(file);
  };
  const shown = (label: string, path: string): string[] => {
    const text = described(interpreterAt(path));
    return text === undefined ? [] : [`${label}@${text}`];
  };
  const onPath = places.filter((place) => !shims.includes(place));
  return [
    ...new Set([
      ...pyenv.flatMap((folder) => namesIn(folder).flatMap((name) => shown(`pyenv:${name}`, join(folder, name)))),
      ...namesIn(uv)
        .filter((name) => /^[a-z]+-\d/.test(name))
        .flatMap((name) => shown(`uv:${name}`, join(uv, name))),
      ...onPath.flatMap((folder) =>
        namesIn(folder)
          .filter((name) => /^python(3(\.\d+t?)?)?(\.exe)?$/.test(name))
          .flatMap((name) => shown(name, join(folder, name))),
      ),
    ]),
  ].sort();
}

/** Identity, and the version of a frontend of wheels that it has, where the pinned one cannot be had. */
function describe(interpreter: string, memory: AnswerMemory): string | undefined {
  const identity = interpreterIdentity(interpreter, memory);
  if (identity === undefined) return undefined;
  const build = installedVersion(interpreter, 'build');
  return build === undefined ? identity : `${identity}+build-${build}`;
}
