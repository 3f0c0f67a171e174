import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { placeProgram } from './place-program';

/** Raw, URL-encoded and in base64; of keys pieces that can be found in a text, and of what base64 holds the bytes. */
export function formsOf(secret: string): Buffer[] {
  const pieces = secret.includes('\n') ? secret.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----')) : [secret];
  const short = pieces.flatMap((piece) => (piece.length > 200 ? [60, 100, 140].map((at) => piece.slice(at, at + 48)) : [piece]));
  const texts = short.flatMap((piece) => [piece, encodeURIComponent(piece), Buffer.from(piece).toString('base64').replace(/=+$/, '').slice(0, -1)]);
  const packed = pieces.filter((piece) => /^[A-Za-z0-9+/]{200,}=*$/.test(piece)).map((piece) => Buffer.from(piece, 'base64').subarray(60, 100));
  return [...texts.map((text) => Buffer.from(text)), ...packed];
}

/** Every file below a folder. */
export const contentsBelow = (root: string): Buffer[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path));

export interface SpyRequest {
  /** For the programs, with `tmp`, where temporary files go. */
  folder: string;
  /** Where it notes what it sees. */
  seen: string;
  name: string;
  /** The program itself. */
  real: string;
  /** What its file holds behind its text. */
  tail?: Uint8Array;
}

/**
 * A program behind one that notes what it can see: its variables, every command line, every temporary file; the files of keys only by mode. Gives its folder, for
 * PATH.
 */
export function placeSpy({ folder, seen, name, real, tail = Buffer.alloc(0) }: SpyRequest): string {
  const look = `{ tr '\\0' '\\n' < /proc/$$/environ; cat /proc/[0-9]*/cmdline | tr '\\0' ' '; echo
for f in $(find "${folder}/tmp" -type f); do case $f in */.waybill-key*) echo "KEYFILE $(stat -c %a "$f") $(stat -c %a "$(dirname "$f")")";; *) cat "$f";; esac; done; } >> ${seen} 2>/dev/null`;
  return placeProgram(folder, name, Buffer.concat([Buffer.from(`#!/bin/sh\n${look}\nexec ${real} "$@"\n`), tail]));
}
