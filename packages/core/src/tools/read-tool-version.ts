import { closeSync, openSync, readFileSync, readSync, realpathSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment } from '../processes/clean-environment';
import type { Processes } from '../processes/process-port';
import { systemCodeOf } from '../files/file-error';
import { writeFileAtomic } from '../files/staging/write-file-atomic';
import { WaybillError } from '../errors/waybill-error';
import { fileVersion } from './file-version';
import { findOnPath } from './find-on-path';
import { installedVersion } from './installed-version';
import type { ToolDescriptor } from './tool-descriptor';

const TIMEOUT_MS = 20_000;
const LONGEST_ANSWER = 200;
const CACHE_FILE = 'versions.json';

export interface VersionPorts {
  processes: Processes;
  environment: Readonly<Record<string, string | undefined>>;
  /** Where versions are remembered. */
  folder: string;
}

/** What a program answers when it is asked for its version. */
export type VersionAnswer = { version: string } | { version?: undefined; answer: string };

/** `path → what the file was and what it answered`. */
type Cache = Record<string, { stamp: string; version: string }>;

/**
 * Asks a program for its version, once for each state of its file: answers of native programs are remembered in the managed folder by path,
 * size, times and inode. Scripts (shims of version managers) answer by environment and folder, so they are asked every time.
 */
export async function readToolVersion(descriptor: ToolDescriptor, path: string, ports: VersionPorts): Promise<VersionAnswer> {
  const installed = descriptor.distribution === undefined ? undefined : installedVersion(path, descriptor.distribution);
  if (installed !== undefined) return { version: installed };
  if (descriptor.versionResource) {
    const version = fileVersion(path);
    return version === undefined ? { answer: 'no version in its resources' } : { version };
  }
  if (descriptor.versionCommand !== undefined) return askSystem(descriptor, descriptor.versionCommand, ports);
  const key = keyOf(descriptor, path);
  const known = key === undefined ? undefined : readCache(ports.folder)[key.name];
  if (known && known.stamp === key?.stamp) return { version: known.version };
  const asked = await askVersion(descriptor, path, ports);
  if (asked.version !== undefined && key) await remember(ports.folder, key, asked.version);
  return asked;
}

async function askSystem(descriptor: ToolDescriptor, command: string, ports: VersionPorts): Promise<VersionAnswer> {
  const path = findOnPath(command, ports.environment);
  return path === undefined ? { answer: `no \`${command}\` on PATH to ask for its version` } : askVersion(descriptor, path, ports);
}

/** Asks without memory. */
export async function askVersion(
  descriptor: ToolDescriptor,
  path: string,
  { processes, environment }: Pick<VersionPorts, 'processes' | 'environment'>,
): Promise<VersionAnswer> {
  const env = cleanEnvironment(environment, []);
  try {
    const result = await processes.run({ file: path, args: descriptor.versionArgs, env, timeoutMs: TIMEOUT_MS });
    const version = result.exitCode === 0 ? (descriptor.parseVersion(result.stdout) ?? descriptor.parseVersion(result.stderr)) : undefined;
    if (version !== undefined) return { version };
    const said = (result.stdout.trim() || result.stderr.trim()).split('\n', 1)[0]!.slice(0, LONGEST_ANSWER);
    const ending = result.timedOut ? 'no end' : (result.signal ?? `exit code ${result.exitCode}`);
    return { answer: `\`${descriptor.versionArgs.join(' ')}\` gives ${ending}${said === '' ? '' : `: ${said}`}` };
  } catch (cause) {
    if (cause instanceof WaybillError) return { answer: cause.message };
    throw cause;
  }
}

function keyOf(descriptor: ToolDescriptor, path: string): { name: string; stamp: string } | undefined {
  const real = realpathSync(path);
  return isNative(real) ? { name: `${descriptor.id} ${real}`, stamp: stampOf(statSync(real)) } : undefined;
}

/** Changes whenever the file does: no user can set ctime. */
export const stampOf = ({ size, mtimeMs, ctimeMs, ino }: Stats): string => [size, mtimeMs, ctimeMs, ino].join(' ');

/** False too for what may be run and not be read: nobody can tell. */
function isNative(path: string): boolean {
  const head = Buffer.alloc(2);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    return readSync(descriptor, head, 0, 2, 0) === 2 && head.toString('latin1') !== '#!';
  } catch (cause) {
    if (systemCodeOf(cause) !== 'EACCES') throw cause;
    return false;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function readCache(folder: string): Cache {
  try {
    const cache: unknown = JSON.parse(readFileSync(join(folder, CACHE_FILE), 'utf8'));
    return typeof cache === 'object' && cache !== null ? (cache as Cache) : {};
  } catch (cause) {
    if (systemCodeOf(cause) === '' && (cause as Error).name !== 'SyntaxError') throw cause;
    return {};
  }
}

/** A folder that cannot be written to costs time, not success. */
async function remember(folder: string, key: { name: string; stamp: string }, version: string): Promise<void> {
  const cache = { ...readCache(folder), [key.name]: { stamp: key.stamp, version } };
  await writeFileAtomic(join(folder, CACHE_FILE), `${JSON.stringify(cache, null, 2)}\n`).catch((cause: unknown) => {
    if (!(cause instanceof WaybillError)) throw cause;
  });
}
