import { rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownedName, removeLeftovers, removeTree } from '@waybill/core';

/**
 * Files that hold secrets, for the time of `work`: 0600, in a folder that only this user may enter. They go whatever happens, also when a signal ends
 * this process; what a run that was killed outright has left goes with the next one.
 */
export async function withSecretFiles<Name extends string, T>(
  contents: Readonly<Record<Name, string | Uint8Array>>,
  work: (paths: Readonly<Record<Name, string>>) => Promise<T>,
): Promise<T> {
  const place = join(tmpdir(), 'waybill-key');
  await removeLeftovers(place);
  const folder = ownedName(place, 'staging');
  const removeNow = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeNow);
  try {
    await mkdir(folder, { mode: 0o700 });
    const paths = {} as Record<Name, string>;
    for (const name of Object.keys(contents) as Name[]) {
      paths[name] = join(folder, name);
      await writeFile(paths[name], contents[name], { mode: 0o600, flag: 'wx' });
    }
    return await work(paths);
  } finally {
    await removeTree(folder);
    process.removeListener('exit', removeNow);
  }
}
