import type { BundleEntry } from '../bundle-facts';
import type { FindingList } from '../checks/finding-list';

const READABLE = 0o004;
const WRITABLE = 0o002;
const ENTERED = 0o001;
/** Findings of one kind: enough to act on. */
const MOST_FINDINGS = 20;

interface ModeRule {
  fails(entry: BundleEntry): boolean;
  /** What it means, of a `file` or `folder`. */
  message(noun: string): string;
  whole: string;
  fix(entry: BundleEntry): string;
}

const RULES: readonly ModeRule[] = [
  {
    fails: ({ kind, mode }) => (mode & READABLE) === 0 || (kind === 'directory' && (mode & ENTERED) === 0),
    message: (noun) => `Others than its owner cannot read the ${noun}: who did not install the bundle cannot use it`,
    whole: 'Nothing in the tree can be read by others than its owner: it was unpacked so, or others cannot use it',
    fix: ({ kind }) => (kind === 'file' ? 'chmod a+r' : 'chmod a+rx'),
  },
  {
    fails: ({ mode }) => (mode & WRITABLE) !== 0,
    message: (noun) => `Everybody may write to the ${noun}: whoever has an account changes what the others run`,
    whole:
      'Everybody may write to everything in the tree: it lies on a file system without modes, or whoever has an account changes what the others run',
    fix: () => 'chmod o-w',
  },
];

/** Modes that keep others out, or let them in too far. A tree all of whose files are so may be by the umask of who unpacked it, or by its file system: that is a warning. */
export function auditModes(entries: readonly BundleEntry[], list: FindingList): void {
  const kept = entries.filter(({ kind }) => kind === 'file' || kind === 'directory');
  for (const rule of RULES) {
    const failed = kept.filter((entry) => rule.fails(entry));
    const open = kept.find((entry) => entry.kind === 'file' && !rule.fails(entry));
    if (failed.length > 0 && open === undefined) list.warning(undefined, rule.whole, { expected: 'modes 644 and 755', fix: rule.fix(failed[0]!) });
    else reportEach(failed, rule, list);
  }
}

function reportEach(failed: readonly BundleEntry[], rule: ModeRule, list: FindingList): void {
  for (const entry of failed.slice(0, MOST_FINDINGS)) {
    const { path, kind, mode } = entry;
    list.error(path, rule.message(kind === 'file' ? 'file' : 'folder'), {
      expected: kind === 'file' ? 'mode 644 or 755' : 'mode 755',
      actual: `mode ${(mode & 0o777).toString(8)}${failed.length > MOST_FINDINGS ? `, and ${failed.length - 1} more like it` : ''}`,
      fix: rule.fix(entry),
    });
  }
}
