import { createHash } from 'node:crypto';
import type { ArchiveEntry } from '../archive-entry';

/** The content of a file in pieces of an awkward size. */
export function fileEntry(path: string, content: Buffer | string, mode = 0o644): ArchiveEntry {
  const bytes = Buffer.from(content);
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 10_007) yield bytes.subarray(at, at + 10_007);
  };
  return { kind: 'file', path, mode, size: bytes.length, open: pieces };
}

/** The same bytes on every machine, nothing that compresses. */
export const noise = (bytes: number): Buffer => createHash('shake256', { outputLength: bytes }).update('noise').digest();

/** The same text on every machine, which compresses about as well as source code. */
export function text(bytes: number): Buffer {
  if (longText.length < bytes) longText = makeText(2 * bytes);
  return longText.subarray(0, bytes);
}

let longText = Buffer.alloc(0);

function makeText(bytes: number): Buffer<ArrayBuffer> {
  const words = noise(16 + Math.ceil(bytes / 2))
    .toString('base64')
    .match(/.{1,7}/g)!;
  const lines = words.map((word, index) => `${word.slice(0, 3).repeat(1 + (index % 3))} = ${index % 17}\n`);
  return Buffer.from(lines.join(''));
}

/** Every shape that an archive must hold: kinds, modes, lengths around the block sizes, names that need pax records. */
export function sampleEntries(): ArchiveEntry[] {
  const long = `long/${'folder-of-some-length/'.repeat(8)}`;
  return [
    { kind: 'directory', path: 'top', mode: 0o755 },
    { kind: 'directory', path: 'top/private', mode: 0o700 },
    fileEntry('top/empty', ''),
    fileEntry('top/program', '#!/bin/sh\n', 0o755),
    fileEntry('top/read-only', 'r', 0o444),
    ...[1, 511, 512, 513, 10_240].map((size) => fileEntry(`top/${size}`, text(size))),
    fileEntry('top/one-block', text(512 * 1024)),
    fileEntry('top/three-blocks', text(1_300_000)),
    fileEntry('top/noise', noise(700_000)),
    { kind: 'symlink', path: 'top/link', linkTarget: 'program' },
    { kind: 'symlink', path: 'top/far', linkTarget: `../${'x/'.repeat(80)}end` },
    { kind: 'symlink', path: 'top/naïf', linkTarget: 'grüße/ß' },
    fileEntry('top/sp ace\ttab\nline "q" \'s\' $HOME', 'odd'),
    fileEntry('top/grüße/日本語/😀.py', 'unicode'),
    fileEntry(`${long}fits-into-the-prefix-field`.slice(-200), 'prefix'),
    fileEntry(`${long}${'n'.repeat(120)}`, 'long name'),
    { kind: 'directory', path: `${long}${'d'.repeat(140)}`, mode: 0o750 },
  ];
}
