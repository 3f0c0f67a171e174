import type { Finding } from '@waybill/core';
import { findEscapingLinks, partsOfPath, type ListedEntry } from '@waybill/core';

type Named = Pick<ListedEntry, 'path' | 'kind' | 'linkTarget' | 'special'>;

/** Names of an archive's entries as they come; what is wrong with them is one finding each. */
export class EntryNames {
  readonly findings: Finding[] = [];
  private readonly entries = new Set<string>();
  /** Files and links, and folders that are implied by what lies in them, by their folded name. */
  private readonly spelled = new Map<string, { path: string; isFolder: boolean }>();
  private readonly links = new Map<string, string>();

  /** `caseless`: names that differ in case or Unicode form alone are refused, as they are one file on many systems. */
  constructor(
    private readonly archive: string,
    private readonly caseless: boolean,
  ) {}

  /** The entry's path without `.` and empty parts; `undefined` when it must not be used. */
  add(entry: Named): string | undefined {
    const checked = partsOfPath(entry.path);
    if ('reason' in checked) return this.refuse(entry.path, checked.reason);
    if (entry.path.includes('\\')) return this.refuse(entry.path, 'holds a backslash, which some systems take for a separator');
    if (entry.kind === 'special' || entry.kind === 'hardlink') return this.refuse(entry.path, `is a ${entry.special ?? 'hard link'}`);
    const path = checked.parts.join('/');
    if (path === '') return undefined;
    if (this.entries.has(path)) return this.refuse(entry.path, 'stands twice in it');
    this.entries.add(path);
    const fault = this.place(checked.parts, entry.kind === 'directory');
    if (fault !== undefined) return this.refuse(entry.path, fault);
    if (entry.kind === 'symlink') this.links.set(path, entry.linkTarget ?? '');
    return path;
  }

  /** When all entries came: links may lead through others. */
  finish(): void {
    const [path] = findEscapingLinks(this.links);
    if (path !== undefined) this.refuse(path, `is a link that leads out of it, to \`${this.links.get(path)}\``);
  }

  private place(parts: readonly string[], isFolder: boolean): string | undefined {
    for (let length = 1; length <= parts.length; length += 1) {
      const path = parts.slice(0, length).join('/');
      const folder = length < parts.length || isFolder;
      const folded = this.caseless ? path.normalize('NFC').toLowerCase() : path;
      const known = this.spelled.get(folded);
      if (known && known.path !== path) return `differs from \`${known.path}\` in case or Unicode form alone`;
      if (known && known.isFolder !== folder) return `uses \`${path}\` as a file and as a folder`;
      this.spelled.set(folded, { path, isFolder: folder });
    }
    return undefined;
  }

  private refuse(entry: string, problem: string): undefined {
    this.findings.push({ check: 'archive', level: 'error', path: this.archive, message: `\`${entry}\` ${problem}` });
    return undefined;
  }
}
