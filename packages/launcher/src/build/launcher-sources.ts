import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LauncherVariant } from './variants';

/** Absolute folder of the C sources: beside this file in the sources, copied to the same place in the package. */
export const SOURCE_FOLDER = join(__dirname, '..', 'native');

/** Sources, in the order of the command line, by the system that they are for. */
const EVERYWHERE = ['configuration.c', 'environment.c', 'host-glibc.c', 'host-locale.c', 'messages.c'];
const POSIX = ['main-posix.c', 'supervise.c'];
const WINDOWS = ['windows.c'];

/**
 * Arguments of `zig`, run in `SOURCE_FOLDER`: names without folders keep every path out of the binary.
 * A warning is an error: the compiler is pinned, so a warning is a change of ours.
 */
export function compilerArguments(variant: LauncherVariant, output: string): string[] {
  const own = variant.target.includes('windows') ? WINDOWS : POSIX;
  const flags = ['-std=c11', '-Os', '-s', '-g0', '-Wall', '-Wextra', '-Werror', `-ffile-prefix-map=${SOURCE_FOLDER}=.`];
  return ['cc', '-target', variant.target, ...flags, ...variant.flags, ...EVERYWHERE, ...own, '-o', output];
}

/** SHA-256, hex, over the sources and the flags of a variant: names its place in the cache and tells whether a prebuilt one is current. */
export async function launcherDigest(variant: LauncherVariant): Promise<string> {
  const digest = createHash('sha256');
  const neutral = compilerArguments(variant, 'launcher').map((part) => part.replace(SOURCE_FOLDER, '.'));
  digest.update(JSON.stringify(neutral));
  for (const name of (await readdir(SOURCE_FOLDER)).sort()) {
    if (!/\.[ch]$/.test(name)) continue;
    const bytes = await readFile(join(SOURCE_FOLDER, name));
    digest.update(`\n${name} ${bytes.length}\n`).update(bytes);
  }
  return digest.digest('hex');
}
