import type { BundleEntry, BundleFacts, CheckId, LeakToken } from '@waybill/relocation';

/** A fault planted into facts: the check that must see it, and the path at which. */
export interface PlantedFault {
  name: string;
  check: CheckId;
  path: string;
}

const MACHINE = '/opt/build/machine';
const DIGEST = '0'.repeat(64);

/** Which entry of a bundle a fault is planted into; the first that fits. */
type Chooser = (entry: BundleEntry) => boolean;

interface Planter {
  name: string;
  check: CheckId;
  into: Chooser;
  /** New facts of the chosen entry. */
  change(entry: BundleEntry): BundleEntry;
}

const file = (path: string, rest: Partial<BundleEntry>): BundleEntry => ({
  path,
  kind: 'file',
  mode: 0o644,
  size: 1,
  mtimeMs: 0,
  sha256: DIGEST,
  content: 'data',
  ...rest,
});

const isLibrary: Chooser = ({ elf }) =>
  elf !== undefined && elf.type === 'shared' && elf.dynamic && elf.needed.length > 0 && elf.interpreter === undefined;

const PLANTERS: readonly Planter[] = [
  {
    name: 'a native file that is cut off',
    check: 'binary-format',
    into: isLibrary,
    change: ({ elf: _elf, ...entry }) => ({ ...entry, elfRefusal: { reason: 'truncated', message: 'planted', offset: 64 } }),
  },
  {
    name: 'a needed library that is nowhere',
    check: 'needed-libraries',
    into: isLibrary,
    change: (entry) => ({ ...entry, elf: { ...entry.elf!, needed: [...entry.elf!.needed, 'libwaybill-planted.so.7'] } }),
  },
  {
    name: 'an absolute search path',
    check: 'rpath',
    into: isLibrary,
    change: (entry) => ({ ...entry, elf: { ...entry.elf!, rpath: `${MACHINE}/lib` } }),
  },
  {
    name: 'a loader of the building machine',
    check: 'loader',
    into: ({ elf }) => elf?.interpreter !== undefined,
    change: (entry) => ({ ...entry, elf: { ...entry.elf!, interpreter: `${MACHINE}/ld.so` } }),
  },
  { name: 'a setuid bit', check: 'elf-hygiene', into: ({ elf }) => elf !== undefined, change: (entry) => ({ ...entry, mode: entry.mode | 0o4000 }) },
  {
    name: 'byte code of another Python',
    check: 'bytecode',
    into: ({ content }) => content === 'pyc',
    change: (entry) => ({ ...entry, pyc: { ...entry.pyc!, magic: 1 } }),
  },
  {
    name: 'a newer glibc than declared',
    check: 'glibc-floor',
    into: isLibrary,
    change: (entry) => ({
      ...entry,
      elf: { ...entry.elf!, versionNeeds: [...entry.elf!.versionNeeds, { library: 'libc.so.6', versions: ['GLIBC_9.99'] }] },
    }),
  },
];

/** Entries that are added. */
const ADDED: readonly { name: string; check: CheckId; entry: BundleEntry }[] = [
  {
    name: 'a path of the building machine',
    check: 'build-paths',
    entry: file('waybill-planted-leak', { leaks: [{ token: 'hidden', offset: 7, encoding: 'utf8', excerpt: MACHINE }] }),
  },
  {
    name: 'a link that leaves the bundle',
    check: 'tree-entries',
    entry: { path: 'waybill-planted-link', kind: 'symlink', mode: 0o777, size: 0, mtimeMs: 0, linkTarget: '../../outside' },
  },
  {
    name: 'a script of the building machine',
    check: 'shebangs',
    entry: file('waybill-planted-script', {
      mode: 0o755,
      content: 'script',
      shebang: `#!${MACHINE}/bin/python3\n`,
      text: `#!${MACHINE}/bin/python3\n`,
    }),
  },
];

/** The checks look for this path too. */
export const PLANTED_TOKEN: LeakToken = { id: 'hidden', path: MACHINE };

/** A copy of the facts with every fault that this bundle can hold, each at an entry of its own. */
export function plantFaults(facts: BundleFacts): { facts: BundleFacts; planted: PlantedFault[] } {
  const entries = [...facts.entries];
  const taken = new Set<number>();
  const planted: PlantedFault[] = [];
  for (const { name, check, into, change } of PLANTERS) {
    const index = entries.findIndex((entry, at) => !taken.has(at) && into(entry));
    if (index === -1) continue;
    taken.add(index);
    const entry = change(entries[index]!);
    entries[index] = entry;
    planted.push({ name, check, path: entry.path });
  }
  const pathFile = pathFileOf(facts);
  for (const { name, check, entry } of [...ADDED, ...(pathFile ? [pathFile] : [])]) {
    entries.push(entry);
    planted.push({ name, check, path: entry.path });
  }
  entries.sort((one, other) => Buffer.compare(Buffer.from(one.path), Buffer.from(other.path)));
  return { facts: { ...facts, entries }, planted };
}

function pathFileOf({ layout }: BundleFacts): (typeof ADDED)[number] | undefined {
  const [folder] = layout.sitePackages;
  if (folder === undefined) return undefined;
  return {
    name: 'a folder of the building machine on sys.path',
    check: 'python-metadata',
    entry: file(`${folder}/waybill-planted.pth`, { content: 'text', text: `${MACHINE}/src\n` }),
  };
}
