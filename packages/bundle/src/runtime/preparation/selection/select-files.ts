import { existsSync, readdirSync, readlinkSync, realpathSync, type Dirent } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import type { PrunedEntry } from '@waybill/artifacts';
import { matchGlob } from '@waybill/relocation';
import { hasElfMagic } from '../../read-elf-file';
import type { PruneOptions, RuntimeFacts } from '../../runtime-facts';
import { pathMatcher } from './match-paths';
import { isLicence, PRUNE_RULES } from './prune-table';

/** A file or link to bring over. `to` is relative to the runtime's home in the bundle. */
export interface SelectedFile {
  /** Absolute. */
  from: string;
  to: string;
  kind: 'file' | 'symlink';
}

export interface Selection {
  files: readonly SelectedFile[];
  /** Paths relative to the runtime's home. */
  pruned: readonly PrunedEntry[];
}

/** `keep` is a wish of the user, which also saves what lies in a pruned folder. */
type Verdict = Judgement | 'keep' | undefined;

interface Judgement {
  reason: string;
  /** No wish to keep saves what lies in it. */
  always: boolean;
  /** Left out without a word. */
  unsaid?: boolean;
}

const LEVELS = { none: [], safe: ['safe'], small: ['safe', 'small'] } as const;

/** Judges paths relative to the home by the table and the user's lists. `always` cannot be kept. */
export function pruneJudge(options: PruneOptions, stdlib: string): (path: string) => Verdict {
  const rules = PRUNE_RULES.map((rule) => ({ ...rule, pattern: rule.pattern.replace('{stdlib}', stdlib) }));
  const always = rules.filter((rule) => rule.level === 'always' || rule.level === 'unsaid');
  const preset = rules.filter((rule) => (LEVELS[options.preset] as readonly string[]).includes(rule.level));
  const keep = pathMatcher(options.keep, stdlib);
  const drop = pathMatcher(options.drop, stdlib);
  return (path) => {
    if (isLicence(path)) return undefined;
    const bound = always.find((rule) => matchGlob(rule.pattern, path));
    if (bound) return { reason: bound.reason, always: true, unsaid: bound.level === 'unsaid' };
    if (keep(path)) return 'keep';
    if (drop(path)) return { reason: 'named in `prune.drop`', always: false };
    const found = preset.find((rule) => matchGlob(rule.pattern, path));
    return found && { reason: found.reason, always: false };
  };
}

/** A link that leads out of the copied folder, or nowhere, is not brought over. */
function linkLeaves(link: string, root: string): boolean {
  const target = readlinkSync(link);
  if (target.startsWith('/')) return true;
  const landing = posix.join(dirname(link), target);
  return !landing.startsWith(`${root}/`) || !existsSync(landing);
}

class Walk {
  readonly files: SelectedFile[] = [];
  readonly pruned: PrunedEntry[] = [];

  constructor(
    private readonly judge: (path: string) => Verdict,
    /** With entries to keep, a pruned folder is still walked. */
    private readonly thorough: boolean,
  ) {}

  /** A folder of the home, judged by its own path and those above it. */
  top(from: string, to: string): void {
    const parts = to.split('/');
    for (let length = 1; length < parts.length; length += 1) {
      const verdict = this.judge(parts.slice(0, length).join('/'));
      if (verdict && verdict !== 'keep' && this.leaves(to, verdict, from, from)) return;
    }
    const verdict = this.judge(to);
    if (verdict && verdict !== 'keep' && this.leaves(to, verdict, from, from)) return;
    this.folder(from, to, from);
  }

  private folder(from: string, to: string, root: string, inherited?: Judgement): void {
    const entries = readdirSync(from, { withFileTypes: true });
    entries.sort((left, right) => (left.name < right.name ? -1 : 1));
    for (const entry of entries) this.entry(entry, join(from, entry.name), `${to}/${entry.name}`, root, inherited);
  }

  /** Records a pruned folder as one; walks it only for what is to be kept in it. Always true: the caller is done with it. */
  private leaves(to: string, verdict: Judgement, from: string, root: string): true {
    const before = { files: this.files.length, pruned: this.pruned.length };
    if (this.thorough && !verdict.always) this.folder(from, to, root, verdict);
    if (this.files.length > before.files) return true;
    this.pruned.length = before.pruned;
    this.leaveOut(to, verdict);
    return true;
  }

  private leaveOut(path: string, { reason, unsaid }: Judgement): void {
    if (!unsaid) this.pruned.push({ path, reason });
  }

  private entry(entry: Dirent, from: string, to: string, root: string, inherited?: Judgement): void {
    const judged = this.judge(to);
    const verdict = judged === 'keep' ? undefined : (judged ?? inherited);
    if (entry.isDirectory()) {
      if (verdict) this.leaves(to, verdict, from, root);
      else this.folder(from, to, root);
    } else if (verdict) this.leaveOut(to, verdict);
    else if (entry.isSymbolicLink()) this.link(from, to, root);
    else if (entry.isFile()) this.files.push({ from, to, kind: 'file' });
    else this.pruned.push({ path: to, reason: 'neither file, folder nor link' });
  }

  private link(from: string, to: string, root: string): void {
    if (linkLeaves(from, root)) this.pruned.push({ path: to, reason: 'link that leads out of the runtime or nowhere' });
    else this.files.push({ from, to, kind: 'symlink' });
  }
}

/** Folders of a home beside the standard library that are Python's own. A prefix that others share gives none. */
function furtherFolders(runtime: RuntimeFacts): string[] {
  if (runtime.layout === 'system') return [];
  const home = runtime.realPrefix;
  const name = basename(runtime.stdlib);
  const libraries = join(home, 'lib');
  const tcl = existsSync(libraries)
    ? readdirSync(libraries, { withFileTypes: true }).filter((entry) => entry.isDirectory() && /^(tcl|tk|itcl|thread|Tix)\d/.test(entry.name))
    : [];
  return [`include/${name}`, 'share/terminfo', 'share/man/man1', ...tcl.map((entry) => `lib/${entry.name}`)].filter((folder) =>
    existsSync(join(home, folder)),
  );
}

/** libpython under its SONAME, and the small library of the stable ABI beside it. */
function nativeParts(runtime: RuntimeFacts, withLibpython: boolean): SelectedFile[] {
  const name = `python${runtime.series}${runtime.abiFlags}`;
  const parts: SelectedFile[] = [{ from: runtime.executable, to: `bin/${name}`, kind: 'file' }];
  if (!runtime.libpython || !withLibpython) return parts;
  parts.push({ from: runtime.libpython.file, to: `lib/${runtime.libpython.soname}`, kind: 'file' });
  const stable = join(dirname(runtime.libpython.file), 'libpython3.so');
  if (existsSync(stable) && hasElfMagic(stable)) parts.push({ from: realpathSync(stable), to: 'lib/libpython3.so', kind: 'file' });
  return parts;
}

/**
 * What of a runtime goes into a bundle: an allow-list (standard library, extension modules, libpython, one executable), less the
 * prune table. Scripts of `bin` and third-party packages are never in it. Sorted by `to`, each `to` once.
 */
export function selectFiles(runtime: RuntimeFacts, options: PruneOptions, withLibpython: boolean): Selection {
  const stdlib = `${runtime.platlibdir}/${basename(runtime.stdlib)}`;
  const walk = new Walk(pruneJudge(options, stdlib), options.keep.length > 0);
  walk.top(realpathSync(runtime.stdlib), stdlib);
  if (!runtime.dynload.startsWith(`${runtime.stdlib}/`) && existsSync(runtime.dynload)) walk.top(runtime.dynload, `${stdlib}/lib-dynload`);
  for (const folder of furtherFolders(runtime)) walk.top(join(runtime.realPrefix, folder), folder);
  const files = [...walk.files, ...nativeParts(runtime, withLibpython)];
  return { files: files.sort(byTo), pruned: walk.pruned.sort((left, right) => (left.path < right.path ? -1 : 1)) };
}

const byTo = (left: SelectedFile, right: SelectedFile): number => (left.to < right.to ? -1 : left.to > right.to ? 1 : 0);
