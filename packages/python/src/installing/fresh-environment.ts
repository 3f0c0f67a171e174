import { runTool, type ProcessResult } from '@waybill/core';
import { basename, join } from 'node:path';
import type { InstallTestRequest } from './install-test';
import type { Installer, InstallerCommand } from './installer';
import { pipInstaller } from './pip-installer';
import { uvInstaller } from './uv-installer';

/** An environment that holds nothing but the standard library, and what works on it. Paths absolute. */
export interface FreshEnvironment {
  installer: Installer;
  folder: string;
  python: string;
  /** Path of a program that an installation puts into the environment. */
  program(name: string): string;
  /** Runs a command in an empty folder; a non-zero exit is a result. */
  run(command: InstallerCommand, timeoutMs?: number): Promise<ProcessResult>;
  /** The same for what must succeed: throws `PROCESS_FAILED`, `PROCESS_TIMEOUT`. */
  must(command: InstallerCommand): Promise<ProcessResult>;
}

/** Where an environment keeps its programs. */
const PROGRAMS: Readonly<Record<string, { folder: string; ending: string }>> = { win32: { folder: 'Scripts', ending: '.exe' } };
const POSIX = { folder: 'bin', ending: '' };

/** What would let packages of the user or of a parent environment in, or take distributions from places that nobody asked for. */
const REMOVED = new Set(['PYTHONPATH', 'PYTHONHOME', 'VIRTUAL_ENV']);
const OTHER_PLACES = new Set(['PIP_FIND_LINKS', 'UV_FIND_LINKS', 'PIP_CONFIG_FILE', 'UV_CONFIG_FILE']);

/** Makes the environment below `scratch`. `empty` is the working folder of everything that runs. Throws `PROCESS_FAILED`, `PROCESS_TIMEOUT`. */
export async function openEnvironment(request: InstallTestRequest, empty: string): Promise<FreshEnvironment> {
  const folder = join(request.scratch, 'environment');
  const { folder: programs, ending } = PROGRAMS[process.platform] ?? POSIX;
  const env = environmentFor(request);
  const run = ({ file, args }: InstallerCommand, timeoutMs = request.timeoutMs): Promise<ProcessResult> =>
    request.processes.run({ file, args, cwd: empty, env, timeoutMs });
  const installer = request.uv ? uvInstaller(request.python, request.uv) : pipInstaller(request.python, await pipVersionOf(request.python, run));
  const must = ({ file, args }: InstallerCommand): Promise<ProcessResult> =>
    runTool(request.processes, { id: basename(file), path: file, prefixArgs: [] }, args, { cwd: empty, env, timeoutMs: request.timeoutMs });
  await must(installer.createEnvironment(folder));
  const program = (name: string): string => join(folder, programs, `${name}${ending}`);
  return { installer, folder, python: program('python'), program, run, must };
}

function environmentFor({ environment, dependencies }: InstallTestRequest): Record<string, string> {
  const given = Object.entries(environment).filter(([name]) => !REMOVED.has(name) && (dependencies.from === 'lock' || !OTHER_PLACES.has(name)));
  return {
    ...Object.fromEntries(given),
    ...(dependencies.from !== 'lock' && { UV_NO_CONFIG: '1', PIP_CONFIG_FILE: process.platform === 'win32' ? 'nul' : '/dev/null' }),
    UV_PYTHON_DOWNLOADS: 'never',
    PYTHONNOUSERSITE: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    NO_COLOR: '1',
  };
}

async function pipVersionOf(python: string, run: FreshEnvironment['run']): Promise<string | undefined> {
  const { exitCode, stdout } = await run({ file: python, args: ['-I', '-c', 'import pip; print(pip.__version__)'] });
  return exitCode === 0 ? stdout.trim() : undefined;
}
