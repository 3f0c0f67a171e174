import type { BundleEntry, BundleFacts } from '../bundle-facts';
import type { LinkWorld } from './find-library';
import { hostPrograms, type HostProgram, isProgram } from './host-programs';
import { type Loading, openLibrary } from './load-files';
import type { FileLinkage, Resolution } from './resolution';
import { baseName, TreeIndex } from './tree-index';

/** A need that no file fulfils, in one way of loading. */
export interface LinkFailure {
  /** The file whose need it is. */
  path: string;
  resolution: Resolution;
  /** Program, then the file opened in it that drew `path` in. */
  chain: readonly string[];
}

export interface LinkageAnalysis {
  world: LinkWorld;
  hosts: readonly HostProgram[];
  /** Every dynamic ELF file of the target's architecture. */
  files: ReadonlyMap<string, FileLinkage>;
  /** Failures that remain in the best way of loading each file. */
  failures: readonly LinkFailure[];
  /** Files that load in some program, but not in this one (the one that the launcher starts, or the bundle’s interpreter). */
  partial: readonly (LinkFailure & { host: string })[];
}

const analyses = new WeakMap<BundleFacts, LinkageAnalysis>();

/** How the files of a bundle find one another. Computed once for the same facts. */
export function analyseLinkage(facts: BundleFacts): LinkageAnalysis {
  const known = analyses.get(facts);
  if (known) return known;
  const analysis = analyse(facts);
  analyses.set(facts, analysis);
  return analysis;
}

export function linkWorld(facts: BundleFacts): LinkWorld {
  const architecture = facts.platform.split('-')[1] ?? '';
  return { index: new TreeIndex(facts.entries), platform: facts.platform, architecture, musl: facts.platform.endsWith('-musl') };
}

function analyse(facts: BundleFacts): LinkageAnalysis {
  const world = linkWorld(facts);
  const hosts = hostPrograms(facts, world);
  const collected = new Collected();
  for (const host of hosts) collected.add([host.path], host.start);
  const openers = hosts.some(({ python }) => python) ? hosts.filter(({ python }) => python) : hosts;
  for (const root of rootsOf(facts, world)) {
    if (!collected.files.has(root.path)) collected.addBest(root.path, attempts(root.path, openers, world));
  }
  return { world, hosts, files: collected.files, failures: collected.failures, partial: collected.partial };
}

/** Files to open at run time: first those that no other file needs (modules), then the libraries that remained. */
function rootsOf(facts: BundleFacts, world: LinkWorld): BundleEntry[] {
  const libraries = facts.entries.filter(
    (entry) => entry.elf?.type === 'shared' && entry.elf.dynamic && entry.elf.architecture === world.architecture && !isProgram(entry),
  );
  const needed = new Set(facts.entries.flatMap(({ elf }) => (elf?.needed ?? []).map(baseName)));
  const isNeeded = ({ elf, path }: BundleEntry): boolean => needed.has(elf?.soname ?? '') || needed.has(baseName(path));
  return [...libraries.filter((entry) => !isNeeded(entry)), ...libraries.filter(isNeeded)];
}

interface Attempt {
  chain: readonly string[];
  host?: string;
  loading: Loading;
}

function attempts(path: string, hosts: readonly HostProgram[], world: LinkWorld): Attempt[] {
  const tried = hosts.flatMap((host) => {
    const loading = openLibrary(path, host.caller, host.start.scope, world);
    return loading ? [{ chain: [host.path, path], host: host.path, loading }] : [];
  });
  if (tried.length > 0) return tried;
  const alone = openLibrary(path, undefined, { objects: [], environmentFolders: [] }, world);
  return alone ? [{ chain: [path], loading: alone }] : [];
}

class Collected {
  readonly files = new Map<string, FileLinkage>();
  readonly failures: LinkFailure[] = [];
  readonly partial: (LinkFailure & { host: string })[] = [];
  private readonly reported = new Set<string>();

  add(chain: readonly string[], loading: Loading): void {
    for (const [path, resolutions] of loading.resolutions) {
      const better = !this.files.has(path) || (path === chain.at(-1) && chain.length === 1);
      if (better) this.files.set(path, { path, chain: path === chain.at(-1) ? chain : [...chain, path], resolutions });
    }
    for (const failure of failuresOf(chain, loading)) {
      const key = `${failure.path}\0${failure.resolution.needed}`;
      if (!this.reported.has(key)) this.failures.push(failure);
      this.reported.add(key);
    }
  }

  /** Keeps the attempt with the fewest failures; programs that fail where another succeeds are noted. */
  addBest(_path: string, tried: readonly Attempt[]): void {
    const judged = tried.map((attempt) => ({ attempt, failures: failuresOf(attempt.chain, attempt.loading) }));
    const best = judged.reduce<(typeof judged)[number] | undefined>(
      (kept, next) => (!kept || next.failures.length < kept.failures.length ? next : kept),
      undefined,
    );
    if (!best) return;
    this.add(best.attempt.chain, best.attempt.loading);
    if (best.failures.length > 0) return;
    for (const { attempt, failures } of judged) {
      const [first] = failures;
      if (first && attempt.host !== undefined) this.partial.push({ ...first, host: attempt.host });
    }
  }
}

function failuresOf(chain: readonly string[], loading: Loading): LinkFailure[] {
  return [...loading.resolutions].flatMap(([path, resolutions]) =>
    resolutions.filter(({ status }) => status === 'missing' || status === 'outside').map((resolution) => ({ path, resolution, chain })),
  );
}
