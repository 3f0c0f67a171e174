import { compilePattern } from '../patterns';
import type { NxGraph } from '../nx-context';

/** Characters that make Nx take a name for a pattern (nx `isGlobPattern`). */
const GLOB_CHARACTERS = /[*|{}()[]/;

export const isPattern = (text: string): boolean => GLOB_CHARACTERS.test(text);

/** Names that a pattern matches; a plain name matches itself. */
export function matchNames(pattern: string, names: readonly string[]): readonly string[] {
  if (!isPattern(pattern)) return names.filter((name) => name === pattern);
  const matches = compilePattern(pattern);
  return names.filter((name) => matches(name));
}

/**
 * Projects that `projects` of a `dependsOn` entry names, as Nx matches them: exact names, name and folder globs, part names at word
 * borders, `tag:`, `name:`, `directory:`, `!` in front to leave out, and exclusion first means "all but".
 */
export function matchProjects(patterns: readonly string[], graph: NxGraph): readonly string[] {
  const all = Object.keys(graph.nodes);
  const matched = new Set<string>(patterns[0]?.startsWith('!') ? all : []);
  for (const text of patterns) {
    const exclude = text.startsWith('!');
    for (const name of matchOne(exclude ? text.slice(1) : text, graph, all)) {
      if (exclude) matched.delete(name);
      else matched.add(name);
    }
  }
  return [...matched];
}

function matchOne(pattern: string, graph: NxGraph, all: readonly string[]): readonly string[] {
  if (pattern === '') return [];
  if (pattern === '*') return all;
  if (graph.nodes[pattern]) return [pattern];
  const [, label, value] = /^(tag|name|directory):(.*)$/.exec(pattern) ?? [];
  const rootOf = (name: string): string => graph.nodes[name]!.data.root;
  const matches = (text: string, wanted: string): boolean => matchNames(wanted, [text]).length > 0;
  switch (label) {
    case 'tag':
      return all.filter((name) => (graph.nodes[name]!.data.tags ?? []).some((tag) => matches(tag, value!)));
    case 'directory':
      return all.filter((name) => matches(rootOf(name), value!));
    case 'name':
      return byName(value!, all);
    default: {
      const named = byName(pattern, all);
      return named.length > 0 ? named : all.filter((name) => matches(rootOf(name), pattern));
    }
  }
}

function byName(pattern: string, all: readonly string[]): readonly string[] {
  if (all.includes(pattern)) return [pattern];
  if (isPattern(pattern)) return matchNames(pattern, all);
  const escaped = pattern.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const part = new RegExp(`(?<![@a-zA-Z0-9-])${escaped}(?![@a-zA-Z0-9-])`, 'i');
  return all.filter((name) => part.test(name));
}
