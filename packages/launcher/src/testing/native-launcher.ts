import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { launcherBinary, type CompilerProcesses, type CompilerTool, type LauncherBuildPorts } from '../build/launcher-binary';

const USER_CACHE = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');

/** zig of this machine: `WAYBILL_ZIG`, else of PATH, else of the managed tool folder; `undefined` when there is none. */
export function findZig(): CompilerTool | undefined {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'zig'));
  const places = [process.env['WAYBILL_ZIG'] ?? '', ...onPath, ...managedZigs()];
  const path = places.find((place) => place !== '' && existsSync(place));
  if (path === undefined) return undefined;
  return { path, prefixArgs: [], version: execFileSync(path, ['version'], { encoding: 'utf8' }).trim() };
}

function managedZigs(): string[] {
  const folder = process.env['WAYBILL_TOOLS_DIR'] ?? join(USER_CACHE, 'waybill', 'tools');
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.startsWith('ziglang-'));
  return names.map((name) => join(folder, name, 'files', 'ziglang', 'zig'));
}

/** Runs programs as core's `Processes` does, as far as a build needs it. */
export const processes: CompilerProcesses = {
  run: ({ file, args, cwd, env }) =>
    new Promise((resolve, reject) => {
      const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk) => (stdout += chunk));
      child.stderr.on('data', (chunk) => (stderr += chunk));
      child.once('error', reject);
      child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
    }),
};

/** Ports of a build with the zig of this machine; `cacheFolder` keeps the compiler's own cache, too. */
export function buildPorts(zig: CompilerTool, cacheFolder: string): LauncherBuildPorts {
  return {
    zig: () => Promise.resolve(zig),
    zigVersion: () => Promise.resolve(zig.version),
    processes,
    withFileLock: (_path, _options, work) => work(),
    environment: { PATH: '/usr/bin:/bin' },
    cacheFolder,
  };
}

const CACHE = join(USER_CACHE, 'waybill', 'launcher-tests');

/**
 * The native launcher of this machine as it ships: prebuilt, or built by zig. Without zig the host's compiler builds it from the same
 * sources, so that the contract is tested on every machine.
 */
export async function nativeLauncher(): Promise<string> {
  const arch = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const zig = findZig();
  const ports = buildPorts(zig ?? { path: 'zig', prefixArgs: [], version: '0' }, CACHE);
  if (zig) return launcherBinary({ platform: `linux-${arch}`, ...ports });
  const folder = join(__dirname, '..', 'native');
  const names = ['main-posix', 'supervise', 'configuration', 'environment', 'host-locale', 'host-glibc', 'messages'];
  mkdirSync(join(tmpdir(), 'waybill-launcher-tests'), { recursive: true });
  const output = join(tmpdir(), 'waybill-launcher-tests', `launcher-${process.pid}`);
  execFileSync('cc', ['-std=c11', '-Os', '-static', ...names.map((name) => join(folder, `${name}.c`)), '-o', output]);
  return output;
}
