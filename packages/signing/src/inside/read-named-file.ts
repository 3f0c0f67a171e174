import { readFileSync, statSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';

/** The contents that a variable names by path, or why there are none. */
export type NamedFile = { bytes: Buffer } | { reason: string };

const LONGEST_PATH = 4_096;
/** Keys and certificates are small; what is larger was named by mistake. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Base64 has slashes too, but neither dots nor backslashes, nor a drive. */
const PATH = /^(\.{0,2}[\\/]|~|[A-Za-z]:[\\/])|\.[A-Za-z0-9]{1,8}$|\\/;

/**
 * The file whose path a value is, absolute or relative to `folder` (absolute). `undefined`: the value is no path, for no such file is there and it does not look like one. A reason never holds the value,
 * which may be a secret that was meant otherwise.
 */
export function readNamedFile(value: string, folder: string): NamedFile | undefined {
  if (value === '' || value.length > LONGEST_PATH || /[\0\r\n]/.test(value)) return undefined;
  const path = resolve(folder, value);
  const stats = statsOf(path);
  if (stats === undefined) return PATH.test(value) ? { reason: 'it looks like a path, and no such file is there' } : undefined;
  if (!stats.isFile()) return { reason: 'it is the path of a folder, or of something else that is no file' };
  if (stats.size > MOST_BYTES) return { reason: `the file that it names has ${stats.size} bytes, more than any key or certificate` };
  try {
    return { bytes: readFileSync(path) };
  } catch (cause) {
    return { reason: `the file that it names cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown error'})` };
  }
}

/** Keys in base64 are longer than any name in a folder may be. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENAMETOOLONG') return undefined;
    throw cause;
  }
}
