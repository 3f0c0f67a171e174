import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

const ALWAYS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];

/** Absolute path of a program of the host, or `undefined`. The system's own folders are looked into after PATH. */
export async function findProgram(name: string, environment: Readonly<Record<string, string | undefined>>): Promise<string | undefined> {
  const folders = [...(environment['PATH'] ?? '').split(':').filter(isAbsolute), ...ALWAYS];
  for (const folder of folders) {
    const file = join(folder, name);
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

const isExecutable = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
