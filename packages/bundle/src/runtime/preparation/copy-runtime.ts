import { join } from 'node:path';
import { copyTreeItems } from '@waybill/core';
import { hasElfMagic } from '../read-elf-file';
import { readNativeFiles } from './elf-index';
import { HOME, type Work } from './preparation-work';
import { selectFiles, type SelectedFile } from './selection/select-files';

const CONCURRENCY = 16;

/** Modes say what a file is, not what the machine it came from did with it: npm and Maven lose them, installers differ. */
const modeOf = (file: SelectedFile): number | undefined => {
  if (file.kind === 'symlink') return undefined;
  return file.to.startsWith('bin/') && hasElfMagic(file.from) ? 0o755 : 0o644;
};

/** Copies what the allow-list and the prune table leave, in one pass; pruned files are never read. */
export async function copyRuntime(work: Work): Promise<void> {
  const { files, pruned } = selectFiles(work.runtime, work.request.prune, work.libpython !== undefined);
  const items = files.map((file) => ({ from: file.from, to: `${HOME}/${file.to}`, mode: modeOf(file) }));
  await copyTreeItems(work.root, items, CONCURRENCY);
  work.files = items.map((item) => item.to);
  work.pruned.push(...pruned.map((entry) => ({ ...entry, path: `${HOME}/${entry.path}` })));
  work.natives = readNativeFiles(
    work.root,
    files.filter((file) => file.kind === 'file').map((file) => `${HOME}/${file.to}`),
  );
}

/** Forgets files that were removed from the tree. */
export function forget(work: Work, gone: (path: string) => boolean): void {
  work.files = work.files.filter((path) => !gone(path));
  work.natives = work.natives.filter(({ path }) => !gone(path));
}

export const absolute = (work: Work, path: string): string => join(work.root, path);
