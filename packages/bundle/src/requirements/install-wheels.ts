import { isFile, runTool, writeFileAtomic, type Processes, type ResolvedTool } from '@waybill/core';
import { parseWheelName, renderRequirements, type RequirementsLock } from '@waybill/distributions';
import { join } from 'node:path';
import { explainInstaller } from './explain-installer';

export interface InstallWheelsRequest {
  /** Absolute folder that becomes part of `sys.path`; made when absent. */
  vendor: string;
  /** Absolute folder outside the bundle for a file of our own. */
  scratch: string;
  /** Absolute. */
  workspaceRoot: string;
  lock?: RequirementsLock;
  /** Wheels of this workspace, verified already; absolute paths. */
  wheels: readonly { name: string; file: string }[];
  /** The interpreter that answers what markers and tags mean; absent when it cannot run on this machine. */
  python?: string;
  /** `3.11`. */
  series: string;
  /** `linux-x86_64`, … */
  platform: string;
  uv: ResolvedTool;
  processes: Processes;
  environment: Readonly<Record<string, string>>;
  timeoutMs: number;
  /** Never go to the network: everything must be in uv's cache or in folders that the lock names. */
  offline: boolean;
}

/** Names of uv for platforms that this machine cannot run; glibc as old as wheels in use ask for, the files are measured afterwards. */
const UV_PLATFORMS: Readonly<Record<string, string>> = {
  'linux-x86_64': 'x86_64-manylinux_2_40',
  'linux-aarch64': 'aarch64-manylinux_2_40',
  'linux-x86_64-musl': 'x86_64-unknown-linux-musl',
  'linux-aarch64-musl': 'aarch64-unknown-linux-musl',
};

/** Arguments that hold for every installation: nothing is built, compiled, linked or resolved. */
export function installArguments(request: Pick<InstallWheelsRequest, 'vendor' | 'python' | 'series' | 'platform'>): string[] {
  const target =
    request.python === undefined
      ? ['--python-version', request.series, '--python-platform', UV_PLATFORMS[request.platform] ?? request.platform]
      : ['--python', request.python];
  return [
    'pip',
    'install',
    '--target',
    request.vendor,
    ...target,
    '--no-deps',
    '--only-binary',
    ':all:',
    '--no-compile-bytecode',
    '--link-mode',
    'copy',
    '--no-progress',
  ];
}

/**
 * Installs the lock, then the wheels of the workspace, into the vendor folder by uv. Every distribution of the lock is checked against
 * its hashes; nothing is resolved, so what the lock does not name does not come. Throws `WHEEL_LOCKED_…` with the line of the lock that cannot be followed.
 */
export async function installWheels(request: InstallWheelsRequest): Promise<void> {
  if (request.lock !== undefined && request.lock.requirements.length > 0) await installLock(request, request.lock);
  if (request.wheels.length > 0) await installLocal(request);
}

/** uv passes over `--trusted-host` in a file, and obeys it as an argument of its own. */
export const insecureHosts = ({ indexOptions }: Pick<RequirementsLock, 'indexOptions'>): string[] =>
  indexOptions.flatMap((option) => {
    const host = /^--trusted-host[ =]\s*(\S+)$/.exec(option)?.[1];
    return host === undefined ? [] : ['--allow-insecure-host', host];
  });

async function installLock(request: InstallWheelsRequest, lock: RequirementsLock): Promise<void> {
  const file = join(request.scratch, 'requirements.txt');
  await writeFileAtomic(file, renderRequirements(lock, { workspaceRoot: request.workspaceRoot, isFile }));
  try {
    await runUv(request, ['--require-hashes', ...(request.offline ? ['--offline'] : []), ...insecureHosts(lock), '-r', file]);
  } catch (error) {
    throw explainInstaller(error, { ...request, lock });
  }
}

/** The wheels' digests were verified against their records; `--refresh-package` keeps uv from an older wheel of the same name in its cache. */
async function installLocal(request: InstallWheelsRequest): Promise<void> {
  const refresh = request.wheels.flatMap(({ name }) => ['--refresh-package', parseWheelName(name)!.distribution]);
  await runUv(request, ['--no-index', ...refresh, ...request.wheels.map(({ file }) => file)]);
}

async function runUv(request: InstallWheelsRequest, args: readonly string[]): Promise<void> {
  const env = { ...request.environment, UV_PYTHON_DOWNLOADS: 'never', PYTHONDONTWRITEBYTECODE: '1' };
  await runTool(request.processes, request.uv, [...installArguments(request), ...args], {
    cwd: request.workspaceRoot,
    env,
    timeoutMs: request.timeoutMs,
  });
}
