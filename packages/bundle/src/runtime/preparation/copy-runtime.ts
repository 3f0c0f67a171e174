import { statSync } from 'node:fs';
import { join } from 'node:path';
import { copyTreeItems, type CopyItem } from '@waybill/core';
import { hasElfMagic } from '../read-elf-file';
import { readNativeFiles } from './elf-index';
import { neutraliseBytes, type Replacement } from './neutralise-paths';
import { HOME, replacementsOf, type Work } from './preparation-work';
import { selectFiles, type SelectedFile } from './selection/select-files';
import { neutraliseShebang } from './texts/place-texts';
import { isSysconfig } from './texts/rewrite-sysconfig';

/** Larger files are copied by the system and overwritten where they lie. */
const MOST_REWRITTEN_BYTES = 4 * 1024 * 1024;

/** Modes say what a file is, not what the machine it came from did with it: npm and Maven lose them, installers differ. */
const modeOf = ({ to }: SelectedFile, native: boolean): number => (to.startsWith('bin/') && native ? 0o755 : 0o644);

/** A module is a text whatever is in it; of other files the first bytes tell. */
const isNative = ({ from, to }: SelectedFile): boolean => !to.endsWith('.py') && hasElfMagic(from);

/** Texts are read once: their first line and the paths in them are put right on the way. The build's own data is put right later, as a whole. */
function rewriteOf({ from, to }: SelectedFile, replacements: readonly Replacement[], inStdlib: boolean): CopyItem['rewrite'] {
  if (isSysconfig(to) || (!to.endsWith('.py') && statSync(from).size > MOST_REWRITTEN_BYTES)) return undefined;
  return (content) => {
    const text = inStdlib && to.endsWith('.py') ? neutraliseShebang(content) : content;
    neutraliseBytes(text, replacements);
    return text;
  };
}

/** Copies what the allow-list and the prune table leave, in one pass; pruned files are never read. */
export async function copyRuntime(work: Work): Promise<void> {
  const { files, pruned } = selectFiles(work.runtime, work.request.prune, work.libpython !== undefined);
  const replacements = replacementsOf(work);
  const natives: string[] = [];
  const items = files.map((file): CopyItem => {
    const item = { from: file.from, to: `${HOME}/${file.to}` };
    if (file.kind === 'symlink') return item;
    const native = isNative(file);
    if (native) natives.push(item.to);
    const rewrite = native ? undefined : rewriteOf(file, replacements, item.to.startsWith(`${work.stdlib}/`));
    if (rewrite !== undefined) work.neutral.add(item.to);
    return { ...item, mode: modeOf(file, native), ...(rewrite && { rewrite }) };
  });
  await copyTreeItems(work.root, items);
  work.files = items.map((item) => item.to);
  work.sources = new Map(items.map(({ from, to }) => [to, from]));
  work.pruned.push(...pruned.map((entry) => ({ ...entry, path: `${HOME}/${entry.path}` })));
  work.natives = readNativeFiles(work.root, natives);
}

/** Forgets files that were removed from the tree. */
export function forget(work: Work, gone: (path: string) => boolean): void {
  work.files = work.files.filter((path) => !gone(path));
  work.natives = work.natives.filter(({ path }) => !gone(path));
}

export const absolute = (work: Work, path: string): string => join(work.root, path);
