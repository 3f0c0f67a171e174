import type { BundleEntry, BundleFacts } from '../bundle-facts';
import type { FindingList } from '../checks/finding-list';
import { asObject, parseJson } from '../layout/manifest-hints';
import type { TreeIndex } from '../linkage/tree-index';

const MANIFEST_PATH = 'share/waybill/manifest.json';
const EXECUTABLE = 0o111;

/** `share/waybill/manifest.json` against the tree, when there is one. Returns the number of entries that it names. */
export function auditManifest({ entries, layout }: BundleFacts, index: TreeIndex, list: FindingList): number | undefined {
  const manifest = index.entry(MANIFEST_PATH);
  if (!manifest) return undefined;
  if (manifest.text === undefined) {
    list.error(MANIFEST_PATH, 'The manifest was not read: it is no plain file, or larger than 64 MiB', { fix: 'package again' });
    return 0;
  }
  const content = asObject(parseJson(manifest.text));
  const named = content['entries'];
  if (!Array.isArray(named)) {
    list.error(MANIFEST_PATH, 'The manifest is no JSON with a list of entries', { fix: 'package again' });
    return 0;
  }
  const known = new Set<string>();
  for (const item of named) {
    const said = asObject(item);
    const path = typeof said['path'] === 'string' ? said['path'] : '';
    known.add(path);
    const entry = index.entry(path);
    if (!entry) list.error(path, 'The manifest names the file, and it is not there', { fix: 'package again' });
    else compareEntry(entry, said, list);
  }
  for (const { path, kind } of entries) {
    if (kind !== 'directory' && path !== MANIFEST_PATH && !known.has(path))
      list.error(path, 'The file is not in the manifest', { fix: 'remove it, or package again' });
  }
  compareBuildId(asObject(content['runtime'])['buildId'], [layout.libpython, layout.python], index, list);
  return known.size;
}

/** The interpreter is the one that was packaged: libpython’s build id, or that of an interpreter that holds itself. */
function compareBuildId(said: unknown, holders: readonly (string | undefined)[], index: TreeIndex, list: FindingList): void {
  const found = holders.flatMap((path) => index.entry(path ?? '')?.elf?.buildId ?? []);
  if (typeof said !== 'string' || found.length === 0 || found.includes(said)) return;
  const path = holders.find((holder) => holder !== undefined && index.entry(holder)?.elf?.buildId !== undefined);
  list.error(path, 'The interpreter is another build than the manifest names', {
    expected: `build id ${said}`,
    actual: found[0]!,
    fix: 'package again',
  });
}

function compareEntry(entry: BundleEntry, said: Readonly<Record<string, unknown>>, list: FindingList): void {
  const differs = (what: string, expected: unknown, actual: unknown): void =>
    list.error(entry.path, `The manifest gives another ${what}`, { expected: String(expected), actual: String(actual), fix: 'package again' });
  const type = entry.kind === 'symlink' ? 'symlink' : 'file';
  if (said['type'] !== type) return differs('type', said['type'], entry.kind);
  if (type === 'symlink') {
    if (said['target'] !== entry.linkTarget) differs('link target', said['target'], entry.linkTarget);
    return;
  }
  if (said['size'] !== entry.size) differs('size', said['size'], entry.size);
  if (entry.sha256 !== undefined && said['sha256'] !== entry.sha256) differs('digest', said['sha256'], entry.sha256);
  compareMode(entry, said['mode'], list);
}

/** The executable bit is content; the rest of a mode depends on who unpacked the tree. */
function compareMode(entry: BundleEntry, said: unknown, list: FindingList): void {
  const mode = typeof said === 'string' ? Number.parseInt(said, 8) : Number.NaN;
  if (mode === (entry.mode & 0o7777)) return;
  const startable = (bits: number): boolean => (bits & EXECUTABLE) !== 0;
  const detail = { expected: String(said), actual: `0${(entry.mode & 0o7777).toString(8)}`, fix: 'unpack with modes, or package again' };
  list.add(startable(mode) === startable(entry.mode) ? 'warning' : 'error', entry.path, 'The manifest gives another mode', detail);
}
