import { sep } from 'node:path';

const PLAIN = /^[\w@%+=:,./-]+$/;

/** A command for people: quoted as a POSIX shell wants it, paths below `root` relative to it. For reading, never for running. */
export function commandLine(file: string, args: readonly string[], root?: string): string {
  return [file, ...args].map((word) => quote(relativeTo(word, root))).join(' ');
}

/** `--root=/work/app/x` and `/work/app/x` both lose `/work/app/`. */
function relativeTo(word: string, root: string | undefined): string {
  if (root === undefined || root.length < 2) return word;
  const folder = root.endsWith(sep) ? root : root + sep;
  const whole = word === root ? '.' : word;
  return whole.startsWith(folder) ? whole.slice(folder.length) : whole.replaceAll(`=${folder}`, '=');
}

const quote = (word: string): string => (PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
