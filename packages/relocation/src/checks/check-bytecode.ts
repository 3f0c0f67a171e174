import type { BundleEntry } from '../bundle-facts';
import type { CheckOutcome, StaticCheck } from '../check-result';
import { TreeIndex } from '../linkage/tree-index';
import { sourceOf } from '../metadata/audit-records';
import { PYC_MAGIC } from '../policy/pyc-magic';
import { FindingList } from './finding-list';

/** PEP 552: bit 0 hash-based, bit 1 checked at import. */
const UNCHECKED_HASH = 1;
const CHECKED_HASH = 3;

/** Check 11: byte code fits the runtime and survives any change of times. */
export const checkBytecode: StaticCheck = (facts): CheckOutcome => {
  const list = new FindingList('bytecode');
  const index = new TreeIndex(facts.entries);
  const files = facts.entries.filter(({ kind, path }) => kind === 'file' && path.endsWith('.pyc'));
  const series = facts.layout.pythonSeries ?? /^\d+\.\d+/.exec(facts.layout.pythonVersion ?? '')?.[0];
  const magic = series === undefined ? undefined : PYC_MAGIC[series];
  const context = { index, list, magic, series };
  for (const entry of files) checkFile(entry, context);
  if (magic === undefined && files.length > 0) checkAgreement(files, series, facts.layout.pythonHome, list);
  if (files.length === 0 && facts.layout.pythonHome !== undefined && !facts.layout.frozen) {
    list.info(facts.layout.pythonHome, 'The bundle holds no byte code: every start compiles what it imports', { fix: '`pyc: unchecked-hash`' });
  }
  return { findings: list.findings, evidence: { files: files.length, magic: magic ?? null, kinds: countKinds(files) } };
};

interface Context {
  index: TreeIndex;
  list: FindingList;
  magic: number | undefined;
  series: string | undefined;
}

/** `3.11` of `os.cpython-311.pyc`. */
function seriesOfName(path: string): string | undefined {
  const tag = /\.(?:cpython|pypy)-?(\d)(\d+)[a-z]*(?:\.opt-[^.]+)?\.pyc$/.exec(path);
  return tag === null ? undefined : `${tag[1]}.${tag[2]}`;
}

/** Without a known magic number, files for one Python are held to each other: one of them was written by another Python when they differ. */
function checkAgreement(files: readonly BundleEntry[], series: string | undefined, home: string | undefined, list: FindingList): void {
  const python = series === undefined ? 'this bundle’s Python' : `Python ${series}`;
  list.warning(home, `The magic number of ${python} is not known: its byte code was only compared with itself`, {
    fix: 'compile with the bundle’s own interpreter (`pyc: unchecked-hash`)',
  });
  const firsts = new Map<string, BundleEntry>();
  for (const entry of files) {
    const of = seriesOfName(entry.path) ?? series ?? '';
    if (!entry.pyc || (series !== undefined && of !== series)) continue;
    const first = firsts.get(of) ?? entry;
    firsts.set(of, first);
    if (entry.pyc.magic === first.pyc!.magic) continue;
    list.error(entry.path, `The byte code was written by another Python than \`${first.path}\``, {
      expected: `magic number ${first.pyc!.magic}`,
      actual: `${entry.pyc.magic}`,
      fix: 'compile both with the bundle’s own interpreter',
    });
  }
}

function checkFile(entry: BundleEntry, { index, list, magic, series }: Context): void {
  const { path, pyc } = entry;
  if (!pyc) {
    list.error(path, 'The file is named as byte code and is none', { actual: entry.content ?? 'unknown content', fix: 'compile it again' });
    return;
  }
  const tagged = seriesOfName(path);
  const foreign = tagged !== undefined && series !== undefined && tagged !== series;
  if (foreign) {
    list.warning(path, `The byte code is for Python ${tagged} and is never read`, {
      expected: series,
      actual: tagged,
      fix: 'remove it',
    });
  } else if (magic !== undefined && pyc.magic !== magic) {
    list.error(path, 'The byte code was written by another Python', {
      expected: `magic number ${magic} (Python ${series})`,
      actual: `${pyc.magic}`,
      fix: 'compile with the bundle’s own interpreter',
    });
  }
  const source = sourceOf(path);
  const sourceEntry = source === undefined ? undefined : index.entry(source);
  if (source !== undefined && !sourceEntry) {
    list.error(path, 'The byte code has no source, and in `__pycache__` it is never read without one', {
      expected: `\`${source}\``,
      actual: 'no such file',
      fix: 'remove it',
    });
  }
  if (pyc.fileName !== undefined && /^(?:\/|[A-Za-z]:[\\/])/.test(pyc.fileName)) {
    list.error(path, 'The byte code names its source by an absolute path', {
      expected: 'a relative path',
      actual: pyc.fileName,
      fix: 'compile with `compileall -f -s <root> -p ""`',
    });
  }
  if (!foreign && pyc.damaged)
    list.error(path, 'The byte code is cut off or damaged: importing the module fails', { actual: `${entry.size} bytes`, fix: 'compile it again' });
  else if (!foreign) checkValidation(entry, sourceEntry, list);
}

/** Byte code that is trusted without a look at its source, and was made from another one: what runs is not what is read. */
function checkSourceHash({ path, pyc }: BundleEntry, source: BundleEntry | undefined, fix: string, list: FindingList): void {
  const wanted = source?.sourceHash;
  if (wanted === undefined || wanted.magic !== pyc!.magic || wanted.hash === pyc!.sourceHash) return;
  list.error(path, `The byte code is stale: it was made from another text than \`${source!.path}\``, {
    expected: `hash ${wanted.hash} of its source`,
    actual: `hash ${pyc!.sourceHash}`,
    fix,
  });
}

function checkValidation(entry: BundleEntry, source: BundleEntry | undefined, list: FindingList): void {
  const { path, pyc } = entry;
  const flags = pyc!.flags;
  const fix = 'compile with `compileall -f --invalidation-mode unchecked-hash`';
  if (flags === UNCHECKED_HASH || flags === CHECKED_HASH) checkSourceHash(entry, source, fix, list);
  if (flags === UNCHECKED_HASH) return;
  if (flags === CHECKED_HASH) {
    list.warning(path, 'The byte code is checked against its source’s hash at every import, which doubles the time to start', {
      expected: 'unchecked-hash',
      actual: 'checked-hash',
      fix,
    });
  } else if (flags !== 0) {
    list.error(path, 'The byte code has flags that no Python writes', { actual: `flags ${flags}`, fix });
  } else if (source) {
    const seconds = Math.floor(source.mtimeMs / 1000) % 2 ** 32;
    const fresh = pyc!.sourceMtime === seconds && pyc!.sourceSize === source.size % 2 ** 32;
    if (!fresh)
      list.error(path, 'The byte code is stale: it was made for another time or size of its source', {
        expected: `mtime ${seconds}, ${source.size} bytes`,
        actual: `mtime ${pyc!.sourceMtime}, ${pyc!.sourceSize} bytes`,
        fix,
      });
    else list.warning(path, 'The byte code holds only as long as no file’s time changes', { expected: 'unchecked-hash', actual: 'by time', fix });
  }
}

function countKinds(files: readonly BundleEntry[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { pyc } of files) {
    const kind = !pyc
      ? 'damaged'
      : pyc.flags === UNCHECKED_HASH
        ? 'unchecked-hash'
        : pyc.flags === CHECKED_HASH
          ? 'checked-hash'
          : pyc.flags === 0
            ? 'time'
            : 'unknown';
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
