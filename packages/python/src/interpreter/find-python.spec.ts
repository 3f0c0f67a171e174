import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import { fakeProcesses } from '@waybill/plugin-kit/testing';
import { findPython, type PythonRequest } from './find-python';

const folder = temporaryFolder();
const at = (...parts: string[]): string => join(folder.path, ...parts);

/** Programs that answer as a Python of the version in their path (`bin/python3.12` → 3.12.1), or of the one given by path. */
function find(programs: Readonly<Record<string, string>>, rest: Partial<PythonRequest> = {}, files: Readonly<Record<string, string>> = {}) {
  for (const [path, text] of [...Object.keys(programs).map((path) => [path, ''] as const), ...Object.entries(files)]) {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
    chmodSync(at(path), 0o755);
  }
  const processes = fakeProcesses(({ file }) => {
    const version = programs[file.slice(folder.path.length + 1)];
    if (version === undefined) return undefined;
    if (!/^\d/.test(version)) return { exitCode: 1, stderr: version };
    const series = version.split('.').slice(0, 2).join('.');
    const [number, abiFlags] = version.endsWith('t') ? [version.slice(0, -1), 't'] : [version, ''];
    const answer = { executable: file, implementation: 'cpython', version: number, series, abiFlags, platformTag: 'linux_x86_64' };
    return { stdout: `noise\nwaybill:${JSON.stringify(answer)}\n` };
  });
  mkdirSync(at('ws/libs/demo'), { recursive: true });
  const environment = { PATH: at('bin'), HOME: at('home'), ...rest.environment };
  return findPython({ processes, projectRoot: 'libs/demo', workspaceRoot: at('ws'), ...rest, environment });
}

it.each<[string, Readonly<Record<string, string>>, Partial<PythonRequest>, Readonly<Record<string, string>>, string]>([
  ['python3 on PATH', { 'bin/python3': '3.11.7', 'bin/python3.12': '3.12.1' }, {}, {}, 'bin/python3'],
  [
    'the version of .python-version',
    { 'bin/python3': '3.11.7', 'bin/python3.12': '3.12.1' },
    {},
    { 'ws/libs/demo/.python-version': '3.12\n' },
    'bin/python3.12',
  ],
  [
    '.python-version of the workspace',
    { 'bin/python3': '3.11.7', 'bin/python3.12': '3.12.1' },
    {},
    { 'ws/.python-version': '3.12' },
    'bin/python3.12',
  ],
  ['a version', { 'bin/python3': '3.11.7', 'bin/python3.12': '3.12.1' }, { wanted: '3.12' }, {}, 'bin/python3.12'],
  ['specifiers', { 'bin/python3': '3.11.7' }, { wanted: '>=3.10,<3.12' }, {}, 'bin/python3'],
  ['a command', { 'bin/python3': '3.11.7', 'bin/python3.12': '3.12.1' }, { wanted: 'python3.12' }, {}, 'bin/python3.12'],
  ['a path', { 'ws/tools/py': '3.13.0' }, { wanted: 'tools/py' }, {}, 'ws/tools/py'],
  [
    'the newest that pyenv has',
    { 'home/.pyenv/versions/3.12.1/bin/python3': '3.12.1', 'home/.pyenv/versions/3.12.10/bin/python3': '3.12.10' },
    { wanted: '3.12' },
    {},
    'home/.pyenv/versions/3.12.10/bin/python3',
  ],
  [
    'what uv has, whose folder an empty variable does not move',
    { 'home/.local/share/uv/python/cpython-3.12.1-linux/bin/python3': '3.12.1' },
    { wanted: '3.12', environment: { XDG_DATA_HOME: '', UV_PYTHON_INSTALL_DIR: '' } },
    {},
    'home/.local/share/uv/python/cpython-3.12.1-linux/bin/python3',
  ],
  ['a free-threaded build', { 'bin/python3.13': '3.13.1', 'bin/python3.13t': '3.13.1t' }, { wanted: '3.13t' }, {}, 'bin/python3.13t'],
  ['a free-threaded build of another name', { 'bin/python3': '3.13.1t' }, { wanted: '3.13' }, {}, 'bin/python3'],
  ...['3.13t', '3.13'].flatMap((wanted): [string, Record<string, string>, Partial<PythonRequest>, Record<string, string>, string][] => {
    const suffix = wanted.endsWith('t') ? 't' : '';
    const pyenv = (flag: string): string => `home/.pyenv/versions/3.13.1${flag}/bin/python3`;
    const uv = (flag: string): string => `home/.local/share/uv/python/cpython-3.13.1${flag === 't' ? '+freethreaded' : ''}-linux/bin/python3`;
    return [pyenv, uv].map((place) => [
      `what .python-version says, ${place(suffix).split('/')[1]!} ${wanted}`,
      { [place('')]: '3.13.1', [place('t')]: '3.13.1t' },
      {},
      { 'ws/libs/demo/.python-version': `${wanted}\n` },
      place(suffix),
    ]);
  }),
])('finds %s', async (_, programs, rest, files, expected) => {
  expect((await find(programs, rest, files)).executable).toBe(at(expected));
});

it.each<[string, string, Readonly<Record<string, string>>, Partial<PythonRequest>]>([
  ['WHEEL_PYTHON_MISSING', 'none at all', {}, {}],
  ['WHEEL_PYTHON_MISSING', 'none of that version', { 'bin/python3': '3.11.7' }, { wanted: '3.14' }],
  ['WHEEL_PYTHON_MISSING', 'none that is free-threaded', { 'bin/python3.13': '3.13.1' }, { wanted: '3.13t' }],
  ['WHEEL_PYTHON_MISSING', 'a path that is not there', {}, { wanted: 'nowhere/python' }],
  ['WHEEL_PYTHON_VERSION', 'too old for the project', { 'bin/python3': '3.8.1' }, { requiresPython: '>=3.9' }],
  ['WHEEL_PYTHON_QUERY', 'a program that is no Python', { 'bin/other': 'unknown option -I' }, { wanted: 'other' }],
])('%s: %s', async (code, _, programs, rest) => {
  await expect(find(programs, rest)).rejects.toMatchObject({ code });
});
