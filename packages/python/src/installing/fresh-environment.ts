import { runTool, type ProcessResult } from '@waybill/core';
import { basename, join } from 'node:path';
import { closedVariables, enterNamespace, type Network } from '../environment/network';
import type { InstallTestRequest } from './install-test';
import type { Installer, InstallerCommand } from './installer';
import { PIP_VERSION_ARGS, pipInstaller } from './pip-installer';
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
  /** The same for what must succeed: throws `PROCESS_FAILED`, `PROCESS_TIMEOUT`. Without a network it has none. */
  must(command: InstallerCommand, network?: Network): Promise<ProcessResult>;
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
  const closed = request.network.run;
  const base = environmentFor(request);
  const env = installEnvironment(base, closed);
  const run = ({ file, args }: InstallerCommand, timeoutMs = request.timeoutMs): Promise<ProcessResult> => {
    const [first, ...words] = [...enterNamespace(closed), file, ...args];
    return request.processes.run({ file: first!, args: words, cwd: empty, env, timeoutMs });
  };
  const installer = request.uv ? uvInstaller(request.python, request.uv) : pipInstaller(request.python, await pipVersionOf(request.python, run));
  const must = ({ file, args }: InstallerCommand, network: Network = closed): Promise<ProcessResult> => {
    const [path, ...prefixArgs] = [...enterNamespace(network), file];
    const options = { cwd: empty, env: network === closed ? env : { ...base, ...closedVariables(network) }, timeoutMs: request.timeoutMs };
    return runTool(request.processes, { id: basename(file), path: path!, prefixArgs }, args, options);
  };
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

/** Without network. uv refuses to look at a file anew (`--refresh-package`) where it is told to be offline; `--no-index` keeps it from asking. */
function installEnvironment(base: Record<string, string>, closed: Network): Record<string, string> {
  const { UV_OFFLINE: _, ...env } = { ...base, ...closedVariables(closed) };
  return env;
}

async function pipVersionOf(python: string, run: FreshEnvironment['run']): Promise<string | undefined> {
  const { exitCode, stdout } = await run({ file: python, args: PIP_VERSION_ARGS });
  return exitCode === 0 ? stdout.trim() : undefined;
}
