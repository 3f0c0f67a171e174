import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { coreErrors } from '../../errors/core-errors';
import { systemCodeOf, withFileErrors } from '../file-error';
import { ownedName, removeLeftovers } from './owned-name';
import { isGone, thisProcess, thisWorld, type ProcessIdentity } from './process-identity';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 250;

export interface FileLockOptions {
  timeoutMs: number;
  /** Called once when the lock is held by another: who holds it. */
  onWait?: (holder: string) => void;
}

interface Owner extends ProcessIdentity {
  /** Of one taking of the lock. */
  token: string;
  host: string;
  world: string;
}

/**
 * Runs `work` while nobody else, in this process or another, holds the lock file `path`. A lock whose holder was killed is taken over, if
 * its holder is certainly dead: a process of the same boot and pid namespace that has ended. Else `FILE_LOCKED` after `timeoutMs`.
 */
export async function withFileLock<T>(path: string, options: FileLockOptions, work: () => Promise<T>): Promise<T> {
  await withFileErrors('lock', path, () => mkdir(dirname(path), { recursive: true }));
  const owner = await acquire(path, options);
  try {
    await removeGuards(path);
    return await work();
  } finally {
    await withFileErrors('lock', path, () => release(path, owner));
  }
}

async function acquire(path: string, { timeoutMs, onWait }: FileLockOptions): Promise<Owner> {
  const startMs = performance.now();
  const waitedMs = (): number => performance.now() - startMs;
  for (let turn = 0; ; turn += 1) {
    const owner = await withFileErrors('lock', path, () => tryAcquire(path));
    if (owner) return owner;
    const holder = describe(await readOwner(path));
    if (waitedMs() >= timeoutMs) throw coreErrors.error('FILE_LOCKED', { path, holder, waitedMs: waitedMs() });
    if (turn === 0) onWait?.(holder);
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(turn, 5), LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2);
    await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs, Math.max(1, timeoutMs - waitedMs()))));
  }
}

/** One attempt: the owner when the lock is ours. */
async function tryAcquire(path: string): Promise<Owner | undefined> {
  const owner: Owner = { ...thisProcess(), token: randomUUID(), host: hostname(), world: thisWorld() };
  if (await createWhole(path, JSON.stringify(owner))) return owner;
  const holder = await readOwner(path);
  if (holder !== undefined && isDead(holder)) {
    await removeDead(path, holder);
    if (await createWhole(path, JSON.stringify(owner))) return owner;
  }
  return undefined;
}

/** A lock appears with its content or not at all. False when it is there already. */
async function createWhole(path: string, text: string): Promise<boolean> {
  await removeLeftovers(path);
  const part = ownedName(path, 'part');
  try {
    await writeFile(part, text, { flag: 'wx' });
    await link(part, path);
    return true;
  } catch (cause) {
    if (systemCodeOf(cause) === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(systemCodeOf(cause))) throw cause;
    return createInPlace(path, text);
  } finally {
    await rm(part, { force: true });
  }
}

/** For file systems without hard links. */
async function createInPlace(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (cause) {
    if (systemCodeOf(cause) === 'EEXIST') return false;
    throw cause;
  }
}

/**
 * Removes the lock of a dead holder, and no other: whoever holds the lock named after this very taking of it, looks again, and only then
 * removes. That lock is one like any other, so that a run killed right here does not stop the next.
 */
async function removeDead(path: string, dead: Owner): Promise<void> {
  const guard = `${path}.steal-${dead.token}`;
  const owner = await tryAcquire(guard);
  if (!owner) return;
  try {
    if ((await readOwner(path))?.token === dead.token) await rm(path, { force: true });
  } finally {
    await release(guard, owner);
  }
}

/** Guards of runs that were killed while they took over a lock. For who holds the lock they are all of locks that are gone. */
async function removeGuards(path: string): Promise<void> {
  const guards = (await readdir(dirname(path))).filter((name) => name.startsWith(`${basename(path)}.steal-`));
  for (const name of guards) await rm(join(dirname(path), name), { force: true });
}

async function release(path: string, owner: Owner): Promise<void> {
  if ((await readOwner(path))?.token === owner.token) await rm(path, { force: true });
}

const isDead = (owner: Owner): boolean => owner.world === thisWorld() && isGone(owner);

/** `undefined` when there is no lock, or none that can be read. */
async function readOwner(path: string): Promise<Owner | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    const owner = JSON.parse(text) as Partial<Owner> | null;
    const whole =
      typeof owner?.pid === 'number' && typeof owner.token === 'string' && /^[\w-]+$/.test(owner.token) && typeof owner.world === 'string';
    return whole ? (owner as Owner) : undefined;
  } catch (cause) {
    if ((cause as Error).name === 'SyntaxError') return undefined;
    throw cause;
  }
}

function describe(owner: Owner | undefined): string {
  if (owner === undefined) return 'an unknown process';
  return `process ${owner.pid}${owner.host === hostname() ? '' : ` on ${owner.host}`}${owner.world === thisWorld() ? '' : ', of another boot or container'}`;
}
