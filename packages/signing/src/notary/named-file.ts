import { constants } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';

/** What the service takes, by the endings that programs go by. */
const ENDINGS = /\.(zip|dmg|pkg)$/;

/** The name of a submission as it was before a program named it by its file. */
export const withoutEnding = (name: string): string => name.replace(ENDINGS, '');

/** Programs name a submission by the file that they are given: a clone of it, where the file system makes them, with that name and its ending, for the time of `work`. */
export async function withNamedFile<T>(file: string, name: string, work: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-submission-'));
  try {
    const path = join(folder, `${name}${ENDINGS.test(file) ? extname(file) : '.zip'}`);
    await copyFile(file, path, constants.COPYFILE_FICLONE);
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
