import { sep } from 'node:path';

/**
 * The parts of an entry's path, without `.` and empty ones; or what is wrong with it. A backslash is part of a name here, but a path must also be
 * harmless to those who read it as a separator.
 */
export function partsOfPath(path: string, separator: string = sep): { parts: string[] } | { reason: string } {
  if (path.includes('\0')) return { reason: 'holds a NUL character' };
  if (path.includes('\ufffd')) return { reason: 'is not UTF-8' };
  if (/^[/\\]/.test(path) || /^[A-Za-z]:/.test(path)) return { reason: 'is an absolute path' };
  if (path.split(/[/\\]/).includes('..')) return { reason: 'leads upwards, out of the folder' };
  if (separator === '\\' && path.includes('\\')) return { reason: 'holds a backslash, which parts folders on this system' };
  return { parts: path.split('/').filter((part) => part !== '' && part !== '.') };
}

/** As the kernel does. */
const MOST_HOPS = 40;

/** Parts of paths that are followed in all; a tree of links that needs more is made to cost time. */
const MOST_STEPS = 10_000_000;

/**
 * The symlinks that lead out of the tree when they are followed, through however many others, in the order of `links`: path → target of all
 * symlinks of the tree. Targets that are missing or go round in circles stay inside. What is not followed to its end, because all together
 * would take too long, counts as leading out.
 */
export function findEscapingLinks(links: ReadonlyMap<string, string>): string[] {
  const trees = { exact: linkTree(links, (part) => part), folded: linkTree(links, foldCase) };
  const budget = { steps: MOST_STEPS };
  return [...links.keys()].filter((path) => escapes(path, trees, budget));
}

/** File systems that know no difference between such names would follow the one for the other. */
const foldCase = (path: string): string => path.normalize('NFC').toLowerCase();

/** What stands at a path: a link's target, and what is below it. */
interface LinkNode {
  target?: string;
  below: Map<string, LinkNode>;
}

interface Place {
  exact: LinkNode | undefined;
  folded: LinkNode | undefined;
}

function linkTree(links: ReadonlyMap<string, string>, spell: (part: string) => string): LinkNode {
  const root: LinkNode = { below: new Map() };
  for (const [path, target] of links) {
    let node = root;
    for (const part of path.split('/')) {
      const next = node.below.get(spell(part)) ?? { below: new Map<string, LinkNode>() };
      node.below.set(spell(part), next);
      node = next;
    }
    node.target = target;
  }
  return root;
}

function escapes(link: string, root: Place, budget: { steps: number }): boolean {
  const at: Place[] = [];
  const ahead = link.split('/').reverse();
  let hops = 0;
  while (ahead.length > 0) {
    budget.steps -= 1;
    if (budget.steps < 0) return true;
    const part = ahead.pop()!;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (at.pop() === undefined) return true;
      continue;
    }
    const { exact, folded } = at.at(-1) ?? root;
    const next = { exact: exact?.below.get(part), folded: folded?.below.get(foldCase(part)) };
    const target = next.exact?.target ?? next.folded?.target;
    if (target === undefined) {
      at.push(next);
      continue;
    }
    hops += 1;
    if (hops > MOST_HOPS) return false;
    if (isAbsolute(target)) return true;
    ahead.push(...target.split(/[/\\]/).reverse());
  }
  return false;
}

export const isAbsolute = (target: string): boolean => /^[/\\]/.test(target) || /^[A-Za-z]:/.test(target);
