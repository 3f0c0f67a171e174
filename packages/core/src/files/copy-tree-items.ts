import { chmod, constants, copyFile, lstat, mkdir, readlink, rm, symlink } from 'node:fs/promises';
import { accessSync, type Stats } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { coreErrors } from '../errors/core-errors';
import { systemCodeOf, toFileError, withFileErrors } from './file-error';
import { mapConcurrently } from './map-concurrently';

export interface CopyItem {
  /** Absolute. */
  from: string;
  /** Relative to the root, `/` separated. */
  to: string;
  /** Permission bits; those of `from` when absent. Without meaning for symlinks. */
  mode?: number;
}

/**
 * Copies files, symlinks (as they are) and folders (themselves, not what is in them) below `root`; folders in between are made with 0755.
 * Blocks are shared with the source where the file system can. Modes hold exactly, whatever the umask; times are those of the copy. Does
 * not write through symlinks below `root`. On failure the file that was being written is removed; the caller stages the whole.
 */
export async function copyTreeItems(root: string, items: readonly CopyItem[], concurrency = 8): Promise<void> {
  const folders = new Folders(root);
  await mapConcurrently(items, concurrency, async (item) => {
    const path = checkedPath(item.to);
    const stats = await withFileErrors('read', item.from, () => lstat(item.from));
    if (stats.isDirectory()) return folders.make(path, item.mode ?? stats.mode & 0o7777);
    await folders.make(posix.dirname(path));
    const target = join(root, path);
    try {
      await copyItem(item, stats, target);
    } catch (cause) {
      throw await copyError(cause, item.from, target);
    }
  });
  await folders.finish();
}

function checkedPath(to: string): string {
  const path = posix.normalize(to).replace(/\/$/, '');
  if (posix.isAbsolute(path) || path === '..' || path.startsWith('../')) {
    throw coreErrors.error('FILE_NAME', { path: to, reason: 'it leads out of the folder that it is copied to' });
  }
  return path;
}

async function copyItem(item: CopyItem, stats: Stats, target: string): Promise<void> {
  if (stats.isSymbolicLink()) return replacing(target, async () => symlink(await readlink(item.from), target));
  if (!stats.isFile())
    throw coreErrors.error('FILE_KIND', {
      path: item.from,
      action: 'copy',
      expected: 'file, folder or symlink',
      actual: 'a special file (FIFO, socket or device)',
    });
  await replacing(target, () => copyFile(item.from, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL));
  const sourceMode = stats.mode & 0o7777;
  const mode = item.mode ?? sourceMode;
  // libuv's copy gives the target the source's mode; a write after that may have taken setuid and setgid away
  if (mode !== sourceMode || mode > 0o777) await chmod(target, mode);
}

/** What stands at the target is removed, never written into: it could be a link. */
async function replacing(target: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    if (systemCodeOf(cause) !== 'EEXIST') throw cause;
    await rm(target);
    await write();
  }
}

/** A copy that was refused permission: by the source or by the target? The system's error does not say. */
async function copyError(cause: unknown, from: string, target: string): Promise<unknown> {
  if (systemCodeOf(cause) !== '') await rm(target, { force: true }).catch(() => undefined);
  if (['EACCES', 'EPERM'].includes(systemCodeOf(cause)) && !isReadable(from)) return toFileError(cause, 'read', from);
  return toFileError(cause, 'write', target);
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
  readonly #made = new Map<string, Promise<void>>();
  readonly #modes = new Map<string, number>();

  constructor(private readonly root: string) {}

  make(path: string, mode?: number): Promise<void> {
    if (mode !== undefined) this.#modes.set(path, mode);
    const known = this.#made.get(path);
    if (known) return known;
    const made = this.#make(path);
    this.#made.set(path, made);
    return made;
  }

  /** Deepest first: a folder that may not be written to lets nothing below it be changed. */
  async finish(): Promise<void> {
    const deepestFirst = [...this.#modes].sort(([left], [right]) => right.length - left.length);
    for (const [path, mode] of deepestFirst) await withFileErrors('make', join(this.root, path), () => chmod(join(this.root, path), mode));
  }

  async #make(path: string): Promise<void> {
    const absolute = join(this.root, path);
    if (path === '.') return void (await withFileErrors('make', absolute, () => mkdir(absolute, { recursive: true })));
    await this.make(dirname(path));
    await withFileErrors('make', absolute, async () => {
      try {
        await mkdir(absolute, { mode: 0o700 });
        this.#modes.set(path, this.#modes.get(path) ?? 0o755);
      } catch (cause) {
        if (systemCodeOf(cause) !== 'EEXIST') throw cause;
        if (!(await lstat(absolute)).isDirectory())
          throw coreErrors.error('FILE_KIND', { path: absolute, action: 'copy into', expected: 'folder', actual: 'something else' });
      }
    });
  }
}
