import type { Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NO_MEMORY, statesOf } from './answer-memory';
import { namesIn } from './find-command';

/** Holds the build id of ELF files, the UUID of Mach-O, the time stamp of PE. */
const HEAD_BYTES = 4096;
const SHOWN_DIGITS = 12;
const LIBPYTHON = /^libpython\d[\d.]*[a-z]*\.(so[\d.]*|dylib)$/;

/**
 * A short digest of an interpreter as it was built: one that was built again gives another, though its version and place be the same. Made of
 * size, head and tail of the program and its libpython, because a fingerprint that reads every Python whole would cost seconds.
 * `undefined` when there is none.
 */
export function interpreterIdentity(executable: string, memory = NO_MEMORY): string | undefined {
  const program = realFile(executable);
  if (program === undefined) return undefined;
  const library = join(dirname(program), '..', 'lib');
  const libpythons = namesIn(library).filter((name) => LIBPYTHON.test(name));
  const files = [...new Set([program, ...libpythons.flatMap((name) => realFile(join(library, name)) ?? [])])];
  const key = `identity ${files.join('\n')}`;
  const known = memory.recall(key);
  if (known !== undefined) return known;
  const before = statesOf(files);
  // loaded only where it is needed: it costs as much as everything else here
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  for (const file of files) addEnds(hash, file);
  const identity = hash.digest('hex').slice(0, SHOWN_DIGITS);
  memory.remember(key, identity, before);
  return identity;
}

/** The program that a path names: itself, or that of a Python installed there. */
export function interpreterAt(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  const names = namesIn(join(path, 'bin'));
  return join(path, 'bin', ['python3', 'python'].find((name) => names.includes(name)) ?? 'python3');
}

function realFile(path: string): string | undefined {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return undefined;
  return realpathSync(path);
}

function addEnds(hash: Hash, file: string): void {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const bytes = Buffer.alloc(2 * HEAD_BYTES);
    const head = readSync(descriptor, bytes, 0, HEAD_BYTES, 0);
    const tail = readSync(descriptor, bytes, head, HEAD_BYTES, Math.max(0, size - HEAD_BYTES));
    hash.update(`${size}\n`).update(bytes.subarray(0, head + tail));
  } finally {
    closeSync(descriptor);
  }
}
