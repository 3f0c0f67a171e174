import { chmodSync, closeSync, fchmodSync, linkSync, lstatSync, mkdirSync, openSync, symlinkSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { archiveErrors } from '../../errors/archive-errors';
import type { WaybillError } from '../../errors/waybill-error';
import { toFileError } from '../../files/file-error';
import { findEscapingLinks, isAbsolute, partsOfPath } from './entry-paths';
import type { ReadEntry } from './read-entry';

type PlacedKind = 'file' | 'directory' | 'symlink';

/** setuid, setgid and sticky bits are not taken over. */
const MODE_MASK = 0o777;
/** A folder that its owner cannot enter could be neither filled nor removed. */
const OWNER_MODE = 0o700;

/**
 * Places entries below an empty folder, one after another, and follows no symlink while it does. What it refuses: `ARCHIVE_PATH`, `ARCHIVE_LINK_OUTSIDE`,
 * `ARCHIVE_HARD_LINK`, `ARCHIVE_THROUGH_LINK`, `ARCHIVE_DUPLICATE`, `ARCHIVE_SPECIAL`; what the system refuses is `FILE_…`.
 * File system calls are synchronous: thousands of small files cost a third of the time that way.
 */
export class FolderUnpacker {
  private readonly placed = new Map<string, PlacedKind>();
  private readonly links = new Map<string, string>();
  private readonly folderModes = new Map<string, number>();
  files = 0;
  bytes = 0;

  constructor(
    private readonly archive: string,
    private readonly folder: string,
    private readonly stripComponents: number,
  ) {}

  async place(entry: ReadEntry): Promise<void> {
    const path = this.pathOf(entry.path);
    if (entry.kind === 'special') throw this.refuse('ARCHIVE_SPECIAL', entry, { what: entry.special ?? 'special file' });
    if (path === '') return;
    try {
      this.makeParents(path, entry);
      if (entry.kind === 'hardlink') this.requireFile(path, entry);
      this.makeRoom(path, entry);
      if (entry.kind === 'directory') this.placeFolder(path, entry.mode);
      else if (entry.kind === 'symlink') this.placeLink(path, entry);
      else if (entry.kind === 'hardlink') this.placeHardLink(path, entry);
      else await this.placeFile(path, entry);
    } catch (cause) {
      throw toFileError(cause, 'write', join(this.folder, path));
    }
  }

  /** All is placed: no link may lead outside, and folders get their modes. */
  finish(): void {
    const [path] = findEscapingLinks(this.links);
    if (path !== undefined) {
      throw archiveErrors.error('ARCHIVE_LINK_OUTSIDE', {
        archive: this.archive,
        path,
        target: this.links.get(path)!,
      });
    }
    for (const [path, mode] of [...this.folderModes].reverse()) chmodSync(join(this.folder, path), (mode & MODE_MASK) | OWNER_MODE);
  }

  private pathOf(stored: string): string {
    const checked = partsOfPath(stored);
    if ('reason' in checked)
      throw archiveErrors.error('ARCHIVE_PATH', {
        archive: this.archive,
        path: stored,
        reason: checked.reason,
      });
    return checked.parts.slice(this.stripComponents).join('/');
  }

  private makeParents(path: string, entry: ReadEntry): void {
    for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
      const parent = path.slice(0, end);
      const kind = this.placed.get(parent) ?? this.kindOnDisk(parent);
      if (kind === 'symlink') throw this.refuse('ARCHIVE_THROUGH_LINK', entry, { link: parent });
      if (kind === 'file') throw this.refuse('ARCHIVE_DUPLICATE', { path: parent }, { was: 'file', now: 'directory' });
      if (kind === undefined) this.placeFolder(parent, 0o755);
      else this.placed.set(parent, 'directory');
    }
  }

  /** A path may come again as the same kind of thing, as in tar files that were appended to: the last one counts. */
  private makeRoom(path: string, entry: ReadEntry): void {
    const was = this.placed.get(path) ?? this.kindOnDisk(path);
    const now = entry.kind === 'hardlink' ? 'file' : (entry.kind as PlacedKind);
    if (was === undefined) return;
    if (was !== now) throw this.refuse('ARCHIVE_DUPLICATE', entry, { was, now });
    if (was !== 'directory') unlinkSync(join(this.folder, path));
  }

  /** Asked for what was not placed under this very name: file systems take names for the same that differ in case or Unicode form. */
  private kindOnDisk(path: string): PlacedKind | undefined {
    const info = lstatSync(join(this.folder, path), { throwIfNoEntry: false });
    if (info === undefined) return undefined;
    return info.isDirectory() ? 'directory' : info.isSymbolicLink() ? 'symlink' : 'file';
  }

  private placeFolder(path: string, mode: number): void {
    if (!this.placed.has(path)) mkdirSync(join(this.folder, path), { mode: OWNER_MODE, recursive: false });
    this.placed.set(path, 'directory');
    this.folderModes.set(path, mode);
  }

  private placeLink(path: string, entry: ReadEntry): void {
    const target = entry.linkTarget ?? '';
    if (isAbsolute(target)) throw this.refuse('ARCHIVE_LINK_OUTSIDE', entry, { target });
    symlinkSync(target, join(this.folder, path));
    this.placed.set(path, 'symlink');
    this.links.set(path, target);
  }

  private requireFile(path: string, entry: ReadEntry): void {
    const target = this.pathOf(entry.linkTarget ?? '');
    if (target !== path && this.placed.get(target) === 'file') return;
    throw this.refuse('ARCHIVE_HARD_LINK', entry, { target: entry.linkTarget ?? '' });
  }

  private placeHardLink(path: string, entry: ReadEntry): void {
    const target = this.pathOf(entry.linkTarget ?? '');
    linkSync(join(this.folder, target), join(this.folder, path));
    this.placed.set(path, 'file');
    this.files += 1;
  }

  private async placeFile(path: string, entry: ReadEntry): Promise<void> {
    const file = openSync(join(this.folder, path), 'wx', 0o600);
    try {
      for await (const chunk of entry.content()) {
        for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at);
        this.bytes += chunk.length;
      }
      fchmodSync(file, entry.mode & MODE_MASK);
    } finally {
      closeSync(file);
    }
    this.placed.set(path, 'file');
    this.files += 1;
  }

  private refuse(code: Parameters<typeof archiveErrors.error>[0], { path }: { path: string }, args: object): WaybillError {
    return archiveErrors.error(code, { archive: this.archive, path, ...args } as never);
  }
}
