import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { join, posix } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { coreErrors } from '../errors/core-errors';
import { systemCodeOf, toFileError, type FileAction } from './file-error';

export interface CopyItem {
  /** Absolute. */
  from: string;
  /** Relative to the root, `/` separated. */
  to: string;
  /** Permission bits; those of `from` when absent. Without meaning for symlinks. */
  mode?: number;
  /** Files only: writes what this makes of the content, which is in memory then: not for large files. May change the buffer that it gets. */
  rewrite?: (content: Buffer) => Uint8Array;
}

/** How long the copy may keep the event loop to itself, in milliseconds. */
const TURN_MS = 15;

/**
 * Copies files, symlinks (as they are) and folders (themselves, not what is in them) below `root`; folders in between are made with 0755.
 * Blocks are shared with the source where the file system can. Modes hold exactly, whatever the umask; times are those of the copy. Does
 * not write through symlinks below `root`. On failure the file that was being written is removed; the caller stages the whole.
 * File system calls are synchronous: a promise for each costs several times what the calls do.
 */
export async function copyTreeItems(root: string, items: readonly CopyItem[]): Promise<void> {
  const folders = new Folders(root);
  let turnStart = performance.now();
  for (const item of items) {
    copyOne(root, item, folders);
    if (performance.now() - turnStart < TURN_MS) continue;
    await nextTurn();
    turnStart = performance.now();
  }
  folders.finish();
}

function copyOne(root: string, item: CopyItem, folders: Folders): void {
  const path = checkedPath(item.to);
  const stats = coded('read', item.from, () => lstatSync(item.from));
  if (stats.isDirectory()) return folders.make(path, item.mode ?? stats.mode & 0o7777);
  folders.make(posix.dirname(path));
  const target = join(root, path);
  try {
    copyItem(item, stats, target);
  } catch (cause) {
    throw copyError(cause, item.from, target);
  }
}

function coded<T>(action: FileAction, path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw toFileError(cause, action, path);
  }
}

function checkedPath(to: string): string {
  const path = posix.normalize(to).replace(/\/$/, '');
  if (posix.isAbsolute(path) || path === '..' || path.startsWith('../')) {
    throw coreErrors.error('FILE_NAME', { path: to, reason: 'it leads out of the folder that it is copied to' });
  }
  return path;
}

function copyItem(item: CopyItem, stats: Stats, target: string): void {
  if (stats.isSymbolicLink()) return replacing(target, () => symlinkSync(readlinkSync(item.from), target));
  if (!stats.isFile())
    throw coreErrors.error('FILE_KIND', {
      path: item.from,
      action: 'copy',
      expected: 'file, folder or symlink',
      actual: 'a special file (FIFO, socket or device)',
    });
  const sourceMode = stats.mode & 0o7777;
  const mode = item.mode ?? sourceMode;
  if (item.rewrite !== undefined) {
    const content = item.rewrite(readFileSync(item.from));
    replacing(target, () => writeFileSync(target, content, { flag: 'wx', mode: 0o600 }));
    return chmodSync(target, mode);
  }
  replacing(target, () => copyFileSync(item.from, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL));
  // libuv's copy gives the target the source's mode; a write after that may have taken setuid and setgid away
  if (mode !== sourceMode || mode > 0o777) chmodSync(target, mode);
}

/** What stands at the target is removed, never written into: it could be a link. */
function replacing(target: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    if (systemCodeOf(cause) !== 'EEXIST') throw cause;
    if (lstatSync(target).isDirectory())
      throw coreErrors.error('FILE_KIND', { path: target, action: 'copy over', expected: 'file or symlink', actual: 'a folder' });
    rmSync(target);
    write();
  }
}

/** A copy that was refused permission: by the source or by the target? The system's error does not say. */
function copyError(cause: unknown, from: string, target: string): unknown {
  if (systemCodeOf(cause) !== '') removeIfPossible(target);
  if (['EACCES', 'EPERM'].includes(systemCodeOf(cause)) && !isReadable(from)) return toFileError(cause, 'read', from);
  return toFileError(cause, 'write', target);
}

/** The error that is on its way says more than one of the clearing up. */
function removeIfPossible(target: string): void {
  try {
    rmSync(target, { force: true });
  } catch (cause) {
    if (systemCodeOf(cause) === '') throw cause;
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch (cause) {
    if (systemCodeOf(cause) === '') throw cause;
    return false;
  }
}

/** Folders below the root: each made once, their final modes set when all is in them. */
class Folders {
  readonly #made = new Set<string>();
  readonly #modes = new Map<string, number>();

  constructor(private readonly root: string) {}

  make(path: string, mode?: number): void {
    if (mode !== undefined) this.#modes.set(path, mode);
    if (this.#made.has(path)) return;
    const absolute = join(this.root, path);
    if (path === '.') coded('make', absolute, () => mkdirSync(absolute, { recursive: true }));
    else {
      this.make(posix.dirname(path));
      coded('make', absolute, () => this.#makeOne(path, absolute));
    }
    this.#made.add(path);
  }

  /** Deepest first: a folder that may not be written to lets nothing below it be changed. */
  finish(): void {
    const deepestFirst = [...this.#modes].sort(([left], [right]) => right.length - left.length);
    for (const [path, mode] of deepestFirst) coded('make', join(this.root, path), () => chmodSync(join(this.root, path), mode));
  }

  #makeOne(path: string, absolute: string): void {
    try {
      mkdirSync(absolute, { mode: 0o700 });
      this.#modes.set(path, this.#modes.get(path) ?? 0o755);
    } catch (cause) {
      if (systemCodeOf(cause) !== 'EEXIST') throw cause;
      if (!lstatSync(absolute).isDirectory())
        throw coreErrors.error('FILE_KIND', { path: absolute, action: 'copy into', expected: 'folder', actual: 'something else' });
    }
  }
}
