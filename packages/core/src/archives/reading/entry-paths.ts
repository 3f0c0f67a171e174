/**
 * The parts of an entry's path, without `.` and empty ones; or what is wrong with it. A backslash is part of a name here, but a path must also be
 * harmless to those who read it as a separator.
 */
export function partsOfPath(path: string): { parts: string[] } | { reason: string } {
  if (path.includes('\0')) return { reason: 'holds a NUL character' };
  if (path.includes('\ufffd')) return { reason: 'is not UTF-8' };
  if (/^[/\\]/.test(path) || /^[A-Za-z]:/.test(path)) return { reason: 'is an absolute path' };
  if (path.split(/[/\\]/).includes('..')) return { reason: 'leads upwards, out of the folder' };
  return { parts: path.split('/').filter((part) => part !== '' && part !== '.') };
}

/** As the kernel does. */
const MOST_HOPS = 40;

/**
 * The first symlink that leads out of the tree when it is followed, through however many others; `undefined` when none does. `links`: path → target
 * of all symlinks of the tree. Targets that are missing or go round in circles stay inside.
 */
export function findEscapingLink(links: ReadonlyMap<string, string>): string | undefined {
  const folded = new Map([...links].map(([path, target]) => [foldCase(path), target]));
  const lookUp = (path: string): string | undefined => links.get(path) ?? folded.get(foldCase(path));
  for (const path of links.keys()) if (escapes(path, lookUp)) return path;
  return undefined;
}

/** File systems that know no difference between such names would follow the one for the other. */
const foldCase = (path: string): string => path.normalize('NFC').toLowerCase();

function escapes(link: string, lookUp: (path: string) => string | undefined): boolean {
  const at: string[] = [];
  const ahead = link.split('/');
  let hops = 0;
  while (ahead.length > 0) {
    const part = ahead.shift()!;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (at.pop() === undefined) return true;
      continue;
    }
    at.push(part);
    const target = lookUp(at.join('/'));
    if (target === undefined) continue;
    hops += 1;
    if (hops > MOST_HOPS) return false;
    if (isAbsolute(target)) return true;
    at.pop();
    ahead.unshift(...target.split(/[/\\]/));
  }
  return false;
}

export const isAbsolute = (target: string): boolean => /^[/\\]/.test(target) || /^[A-Za-z]:/.test(target);
