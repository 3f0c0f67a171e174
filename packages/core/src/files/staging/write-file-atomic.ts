import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withFileErrors } from '../file-error';
import { ownedName, removeLeftovers } from './owned-name';

/**
 * Writes a file beside its place and renames it: readers see the old file or the whole new one, whatever happens. Makes the folder when it
 * is not there. `mode` (default 0644) holds exactly, whatever the umask. Not flushed to the disk: after a power failure a result is made again.
 */
export async function writeFileAtomic(path: string, data: string | Uint8Array, { mode = 0o644 }: { mode?: number } = {}): Promise<void> {
  await withFileErrors('write', path, async () => {
    await mkdir(dirname(path), { recursive: true });
    await removeLeftovers(path);
    const part = ownedName(path, 'part');
    try {
      const file = await open(part, 'wx', 0o600);
      try {
        await file.writeFile(data);
        await file.chmod(mode);
      } finally {
        await file.close();
      }
      await rename(part, path);
    } catch (cause) {
      await rm(part, { force: true });
      throw cause;
    }
  });
}
