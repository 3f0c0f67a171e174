import { createHash, randomBytes } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { removeTree } from './remove-tree';
import { thisProcess, isGone, worldDigest } from './process-identity';

/** What cannot be told to be dead (another boot, another machine on a shared disk) is old enough to be left behind after a day. */
const FORGOTTEN_AFTER_MS = 24 * 60 * 60 * 1_000;

type Purpose = 'staging' | 'old' | 'part';

/** A name beside `path` for something of this process that is not finished: `.{name}.staging-<pid>-<world><random>`. */
export function ownedName(path: string, purpose: Purpose): string {
  const { pid } = thisProcess();
  return join(dirname(path), `.${shortened(basename(path))}.${purpose}-${pid}-${worldDigest()}${randomBytes(4).toString('hex')}`);
}

/** Names may have 255 bytes; ours stays recognisable below that. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= 150) return name;
  return `${name.slice(0, 32)}-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}

/** Removes what killed runs left of `path`: only what certainly nobody works on any more. Never fails: leftovers do not stop a run. */
export async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const pattern = new RegExp(`^\\.${escaped(shortened(basename(path)))}\\.(?:staging|old|part)-(\\d+)-([0-9a-f]{8})[0-9a-f]{8}$`);
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const match = pattern.exec(name);
    if (match && (await isAbandoned(join(folder, name), Number(match[1]), match[2]!))) await removeTree(join(folder, name)).catch(() => undefined);
  }
}

async function isAbandoned(path: string, pid: number, world: string): Promise<boolean> {
  if (world === worldDigest()) return isGone({ pid });
  const { mtimeMs } = await lstat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
  return Date.now() - mtimeMs > FORGOTTEN_AFTER_MS;
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
