import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const CHUNK_BYTES = 4 * 1024 * 1024;
const FILLER = '/nonexistent';

/**
 * Text of the same length for a path: its folders become a place that does not exist, its last component stays. The linker merges
 * strings by their tails: in libpython the end of the prefix *is* the version (trap T41). `undefined` when only one component is there.
 */
export function sameLengthReplacement(path: string): string | undefined {
  const cut = path.lastIndexOf('/');
  if (cut <= 0) return undefined;
  const folder = cut >= FILLER.length ? FILLER.padEnd(cut, '_') : `/${'_'.repeat(cut - 1)}`;
  return folder + path.slice(cut);
}

export interface Replacement {
  from: Buffer;
  to: Buffer;
}

/** Replacements for all paths, longest first, so that a path inside another is not torn. */
export function replacementsFor(paths: readonly string[]): Replacement[] {
  const sorted = [...new Set(paths)].sort((left, right) => right.length - left.length || (left < right ? -1 : 1));
  return sorted
    .flatMap((path) => {
      const to = sameLengthReplacement(path);
      return to === undefined ? [] : [{ from: Buffer.from(path), to: Buffer.from(to) }];
    })
    .filter(({ from, to }) => from.length === to.length);
}

function replaceIn(bytes: Buffer, replacements: readonly Replacement[], done: (offset: number, to: Buffer) => void): void {
  for (const { from, to } of replacements) {
    for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + from.length)) {
      to.copy(bytes, at);
      done(at, to);
    }
  }
}

/** Overwrites paths in bytes that are in memory as a whole. */
export function neutraliseBytes(bytes: Buffer, replacements: readonly Replacement[]): void {
  replaceIn(bytes, replacements, () => undefined);
}

const bufferFor = (replacements: readonly Replacement[]): Buffer =>
  Buffer.allocUnsafe(CHUNK_BYTES + Math.max(0, ...replacements.map(({ from }) => from.length)));

/**
 * Overwrites paths in a file, byte for byte at the same length, whatever the file is. Returns how many were found.
 * Reads in pieces that overlap by the longest path, so memory does not grow with the file.
 */
export function neutraliseFile(file: string, replacements: readonly Replacement[], buffer = bufferFor(replacements)): number {
  const descriptor = openSync(file, 'r+');
  let count = 0;
  try {
    for (let position = 0; ; position += CHUNK_BYTES) {
      const length = readSync(descriptor, buffer, 0, buffer.length, position);
      if (length === 0) break;
      replaceIn(buffer.subarray(0, length), replacements, (offset, to) => {
        writeSync(descriptor, to, 0, to.length, position + offset);
        count += 1;
      });
      if (length < buffer.length) break;
    }
  } finally {
    closeSync(descriptor);
  }
  return count;
}

/** All files of a list; returns those that changed, with the number of places. */
export function neutraliseFiles(root: string, paths: readonly string[], replacements: readonly Replacement[]): { path: string; places: number }[] {
  if (replacements.length === 0) return [];
  const buffer = bufferFor(replacements);
  return paths.map((path) => ({ path, places: neutraliseFile(join(root, path), replacements, buffer) })).filter(({ places }) => places > 0);
}
