import { existsSync, readFileSync } from 'node:fs';

/** VS_FIXEDFILEINFO: its signature, and the version of its own structure (1.0), which all have. */
const FIXED_FILE_INFO = Buffer.from([0xbd, 0x04, 0xef, 0xfe, 0x00, 0x00, 0x01, 0x00]);
const FIELDS_BYTES = FIXED_FILE_INFO.length + 8;

/**
 * Version of a program for Windows as its resources say it (`10.0.22621.3233`), which Explorer shows too: for programs that do not tell their version. Starts
 * nothing. `undefined` when there is none.
 */
export function fileVersion(program: string): string | undefined {
  if (!existsSync(program)) return undefined;
  const bytes = readFileSync(program);
  const at = bytes.indexOf(FIXED_FILE_INFO);
  if (at < 0 || at + FIELDS_BYTES > bytes.length) return undefined;
  return [10, 8, 14, 12].map((offset) => bytes.readUInt16LE(at + offset)).join('.');
}
