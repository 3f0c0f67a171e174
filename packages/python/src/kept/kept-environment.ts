import { normaliseDistribution } from '@waybill/artifacts';
import { lstatSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { mkdir, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashBytes, removeTree, withFileLock, writeFileAtomic, type ResolvedTool } from '@waybill/core';
import { runInBuild, type BuildRun } from '../building/run-frontend';
import { pythonErrors } from '../errors/python-errors';
import type { Interpreter } from '../interpreter/query-python';
import { environmentContent, environmentState } from './environment-state';
import { asksForMore } from './keeps-environment';

/** Beside the environment, written last: without it that is not whole. */
const RECORD = 'environment.json';
const ENVIRONMENT = 'env';
/** Of the folder's layout. */
const LAYOUT = 1;
/** An environment that no build has used for so long goes when another is made. */
const UNUSED_MS = 30 * 24 * 60 * 60_000;

export interface KeptRequest {
  /** `[build-system] requires`. */
  requires: readonly string[];
  python: Interpreter;
  uv: ResolvedTool;
  /** Absolute: where environments are kept, private to the user. */
  folder: string;
  /** Normalised names of what this workspace makes: the index's distribution of such a name is not what the build is to have. */
  local: readonly string[];
}

export interface KeptEnvironment {
  /** By normalised name. */
  versions: ReadonlyMap<string, string>;
  /** Must be called when the build is over. `WHEEL_WROTE_OUTSIDE` when the environment is not as it was; it is removed then. */
  release(backend: string): Promise<void>;
}

/**
 * Puts the build requirements of a project at `places.environment`: a link to an environment that serves every build with the same versions, the same
 * interpreter and the same uv. Versions are resolved anew each time, as an isolated build does, and installed by hash. `undefined` where they cannot be
 * resolved, or the build needs more: the frontend's own isolation does, or tells why not.
 */
export async function openKeptEnvironment(run: BuildRun, request: KeptRequest): Promise<KeptEnvironment | undefined> {
  const pins = await resolvePins(run, request);
  if (pins === undefined) return undefined;
  const versions = new Map(
    [...pins.matchAll(/^([A-Za-z0-9._-]+)==([^\s;\\]+)/gm)].map(([, name, version]) => [normaliseDistribution(name!), version!]),
  );
  if (asksForMore(versions) || request.local.some((name) => versions.has(name)) || !(await isPrivate(request.folder))) return undefined;
  const place = join(request.folder, keyOf(request, pins));
  if (!(await isWhole(place)) && !(await make(run, request, pins, place))) return undefined;
  await utimes(join(place, RECORD), new Date(), new Date());
  await symlink(join(place, ENVIRONMENT), run.places.environment);
  return { versions, release: (backend) => release(place, backend) };
}

/** What an isolated build would install, each by its hash; `undefined` when nothing fits, or only as an sdist. */
async function resolvePins(run: BuildRun, { requires, python, uv }: KeptRequest): Promise<string | undefined> {
  const { scratch } = run.places;
  const wanted = join(scratch, 'build-requires.in');
  await writeFile(wanted, `${requires.join('\n')}\n`);
  const quiet = ['--quiet', '--no-header', '--no-annotate', '--no-sources', '--generate-hashes', '--only-binary', ':all:'];
  const args = ['pip', 'compile', ...quiet, '--python', python.executable, wanted];
  const { result } = await runInBuild(run, { tool: uv, args, cwd: scratch, env: UV_ENV });
  return result.exitCode === 0 && result.stdout.trim() !== '' ? result.stdout : undefined;
}

const UV_ENV = { UV_PYTHON_DOWNLOADS: 'never', UV_NO_PROGRESS: '1' };

function keyOf({ python, uv }: KeptRequest, pins: string): string {
  const { size, mtimeMs, ino } = statSync(realpathSync(python.executable));
  const { place: _, ...interpreter } = python;
  return hashBytes(JSON.stringify([LAYOUT, interpreter, size, mtimeMs, ino, uv.version, pins])).slice(0, 32);
}

/** Reasons of the system why nothing can be kept there. */
const NO_PLACE = new Set(['EACCES', 'EEXIST', 'ENOTDIR', 'EPERM', 'EROFS']);

/** A folder of this user that nobody else may write to; it is made when it is not there and can be. */
async function isPrivate(folder: string): Promise<boolean> {
  const isThere = await mkdir(folder, { recursive: true, mode: 0o700 }).then(
    () => true,
    (cause: NodeJS.ErrnoException) => {
      if (!NO_PLACE.has(cause.code ?? '')) throw cause;
      return false;
    },
  );
  if (!isThere) return false;
  const stats = lstatSync(folder);
  const { uid, mode } = stats;
  return stats.isDirectory() && uid === process.getuid?.() && (mode & 0o022) === 0;
}

/** What stands in the record. */
const stateOf = (place: string): string => environmentState(join(place, ENVIRONMENT));
const contentOf = (place: string): string => environmentContent(join(place, ENVIRONMENT));
const recordOf = (state: string, content: string): string => `${JSON.stringify({ layout: LAYOUT, state, content })}\n`;

/** Files are read only when they are others than at the last look, by their inodes and times: a copy of the folder is as good. */
async function isWhole(place: string): Promise<boolean> {
  const record = join(place, RECORD);
  if (!statSync(record, { throwIfNoEntry: false })?.isFile()) return false;
  const text = readFileSync(record, 'utf8');
  const state = stateOf(place);
  if (text.includes(`"state":"${state}"`)) return true;
  const content = contentOf(place);
  if (!text.includes(`"content":"${content}"`)) return false;
  await writeFileAtomic(record, recordOf(state, content));
  return true;
}

/** Builds that wait for the same environment make it once. False when that fails: the frontend's own attempt tells why. */
async function make(run: BuildRun, request: KeptRequest, pins: string, place: string): Promise<boolean> {
  return withFileLock(`${place}.lock`, { timeoutMs: run.timeLeftMs() }, async () => {
    if (await isWhole(place)) return true;
    await setAside(place);
    await removeUnused(request.folder);
    await mkdir(place, { mode: 0o700 });
    const file = join(run.places.scratch, 'build-requires.txt');
    await writeFile(file, pins);
    const environment = join(place, ENVIRONMENT);
    const install = ['pip', 'install', '--python', join(environment, 'bin/python'), '--link-mode', 'copy', '--compile-bytecode'];
    for (const args of [
      ['venv', '--python', request.python.executable, '--no-project', environment],
      [...install, '--only-binary', ':all:', '--no-deps', '--require-hashes', '-r', file],
    ]) {
      const { result } = await runInBuild(run, { tool: request.uv, args, cwd: run.places.scratch, env: UV_ENV });
      if (result.exitCode !== 0) return false;
    }
    await writeFileAtomic(join(place, RECORD), recordOf(stateOf(place), contentOf(place)));
    return true;
  });
}

/** Whoever still uses it keeps what is loaded. Another build may have done it already. */
async function setAside(place: string): Promise<void> {
  const aside = `${place}.${process.pid}`;
  await rename(place, aside).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause;
  });
  await removeTree(aside);
}

async function removeUnused(folder: string): Promise<void> {
  for (const name of readdirSync(folder).filter((entry) => /^[0-9a-f]{32}$/.test(entry))) {
    const used = statSync(join(folder, name, RECORD), { throwIfNoEntry: false })?.mtimeMs;
    if (used !== undefined && used < Date.now() - UNUSED_MS) await setAside(join(folder, name));
  }
}

async function release(place: string, backend: string): Promise<void> {
  if (await isWhole(place)) return;
  await setAside(place);
  throw pythonErrors.error('WHEEL_WROTE_OUTSIDE', { backend, paths: ['the environment of its build requirements'] });
}
