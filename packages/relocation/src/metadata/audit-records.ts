import { readRecord, recordHash, type RecordRow } from '@waybill/distributions';
import type { BundleEntry, BundleFacts } from '../bundle-facts';
import type { FindingList } from '../checks/finding-list';
import { folderOf, TreeIndex } from '../linkage/tree-index';
import { isRecord, joinInBundle, recordedPaths } from './recorded-paths';

/** In a folder of packages without being any package's: CPython's own note, and the files that connect a bundle's folders. */
const UNRECORDED = /^(README\.txt|_waybill\.pth|_waybill_site\.py)$/;
const BYTE_CODE = /\.pyc$/;
/** Older formats that have no RECORD; their files cannot be told from strays. */
const UNRECORDING = /\.(egg-info|egg-link|egg)(\/|$)/;

export interface RecordAudit {
  records: number;
  rows: number;
}

/**
 * RECORD of every dist-info against the tree: every file there, unchanged, and none beside them. Packages that wheels carry inside (`setuptools/_vendor`) bring a dist-info that was never
 * true of this tree, with console scripts that no wheel holds: all of it stands in the RECORD of the wheel that carries it, which is what is held to.
 */
export function auditRecords(facts: BundleFacts, list: FindingList): RecordAudit {
  const index = new TreeIndex(facts.entries);
  const recorded = recordedPaths(facts);
  const listed = new Set<string>();
  const audit: RecordAudit = { records: 0, rows: 0 };
  for (const record of facts.entries.filter(isRecord)) {
    audit.records += 1;
    if (record.text === undefined) {
      list.error(record.path, 'RECORD was not read: it is no plain file, or larger than 64 MiB', { fix: 'install the package again' });
      continue;
    }
    const { rows, faults } = readRecord(record.text);
    audit.rows += rows.length;
    if (recorded.has(record.path)) continue;
    for (const fault of faults) list.error(record.path, `RECORD: ${fault}`, { fix: 'install the package again' });
    if (facts.layout.frozen && isMetadataAlone(record, rows, index)) {
      list.info(record.path, 'The package’s code is in the program’s archive; only its metadata is in the tree');
      continue;
    }
    for (const row of rows) auditRow(record, row, { facts, index, list, listed });
  }
  const folders = facts.layout.sitePackages.filter((folder) =>
    facts.entries.some((entry) => isRecord(entry) && folderOf(folderOf(entry.path)) === folder),
  );
  findMissingRecords(facts, index, recorded, list);
  if (!facts.layout.frozen) for (const folder of folders) findUnlisted(folder, folders, facts, listed, list);
  return audit;
}

interface RowContext {
  facts: BundleFacts;
  index: TreeIndex;
  list: FindingList;
  listed: Set<string>;
}

function auditRow(record: BundleEntry, row: RecordRow, { facts, index, list, listed }: RowContext): void {
  const path = joinInBundle(folderOf(folderOf(record.path)), row.path);
  if (path === undefined) {
    list.error(record.path, `RECORD names \`${row.path}\`, which is outside of the bundle`, {
      fix: 'install the package again with `--target` inside of the bundle',
    });
    return;
  }
  listed.add(path);
  const walk = index.walk(path);
  const entry = walk.kind === 'found' ? walk.entry : undefined;
  if (!entry) {
    const level = facts.layout.frozen ? 'info' : BYTE_CODE.test(path) && row.hash === '' ? 'warning' : 'error';
    list.add(level, record.path, `RECORD names \`${row.path}\`, which is not there`, {
      expected: `\`${path}\``,
      actual: 'no such file',
      fix: 'rewrite RECORD after removing files, or install the package again',
    });
    return;
  }
  if (row.hash === '') {
    if (path !== record.path && !BYTE_CODE.test(path) && !/\.(jws|p7s)$/.test(path))
      list.warning(record.path, `RECORD gives no hash for \`${row.path}\``);
    return;
  }
  compareHash(record, row, entry, list);
}

function compareHash(record: BundleEntry, row: RecordRow, entry: BundleEntry, list: FindingList): void {
  if (!row.hash.startsWith('sha256=')) {
    list.warning(record.path, `RECORD hashes \`${row.path}\` with ${row.hash.split('=')[0]}, which is not compared`);
    return;
  }
  if (entry.sha256 === undefined) return;
  const actual = recordHash(entry.sha256);
  if (actual !== row.hash.replace(/=+$/, '')) {
    list.error(entry.path, `The file is not the one that \`${record.path}\` names`, {
      expected: row.hash,
      actual,
      fix: 'install the package again, or rewrite RECORD if the change is meant',
    });
  } else if (row.size !== '' && Number(row.size) !== entry.size) {
    list.error(record.path, `RECORD gives another size for \`${row.path}\``, { expected: row.size, actual: `${entry.size}`, fix: 'rewrite RECORD' });
  }
}

/** Nothing that the package names is in the tree but its dist-info. */
function isMetadataAlone(record: BundleEntry, rows: readonly RecordRow[], index: TreeIndex): boolean {
  const info = folderOf(record.path);
  const site = folderOf(info);
  return rows.every((row) => {
    const path = joinInBundle(site, row.path);
    return path === undefined || path.startsWith(`${info}/`) || index.entry(path) === undefined;
  });
}

function findMissingRecords(facts: BundleFacts, index: TreeIndex, recorded: ReadonlySet<string>, list: FindingList): void {
  const infos = new Set(facts.entries.flatMap(({ path }) => /^((?:.*\/)?[^/]+\.dist-info)(?:\/|$)/.exec(path)?.[1] ?? []));
  for (const info of infos) {
    if (index.entry(`${info}/RECORD`)) continue;
    if (recorded.has(`${info}/METADATA`)) continue;
    const tolerated = facts.layout.frozen || /(^|\/)dist-packages\//.test(info);
    list.add(tolerated ? 'info' : 'error', info, 'The package has no RECORD: nothing tells which files are its own', {
      expected: `\`${info}/RECORD\``,
      actual: 'no such file',
      fix: 'install the package with pip or uv',
    });
  }
}

function findUnlisted(folder: string, folders: readonly string[], facts: BundleFacts, listed: ReadonlySet<string>, list: FindingList): void {
  const prefix = folder === '' ? '' : `${folder}/`;
  const inside = facts.entries.filter(
    ({ path, kind }) =>
      kind !== 'directory' && path.startsWith(prefix) && !folders.some((other) => other.length > folder.length && path.startsWith(`${other}/`)),
  );
  if (folder === '') return;
  const uncertain = inside.some(({ path }) => UNRECORDING.test(path.slice(prefix.length)));
  const owned = new Set([...listed].filter((path) => path.startsWith(prefix)).map((path) => topOf(path.slice(prefix.length))));
  const strangers = new Set<string>();
  for (const { path } of inside) {
    if (listed.has(path) || isExcused(path, path.slice(prefix.length), listed)) continue;
    const top = topOf(path.slice(prefix.length));
    if (!owned.has(top)) {
      strangers.add(`${prefix}${top}`);
      continue;
    }
    list.add(uncertain ? 'warning' : 'error', path, 'The file lies among packages and no RECORD names it', {
      expected: 'a row in the RECORD of its package',
      actual: 'none',
      fix: 'remove the file, or add it to the RECORD of its package',
    });
  }
  for (const path of strangers) list.info(path, 'Lies among packages and belongs to none: the application’s own');
}

/** `pure/x.py` → `pure`. What lies in a folder that no package names was put there by the application, not by an installer. */
const topOf = (path: string): string => path.split('/', 1)[0]!;

function isExcused(path: string, inside: string, listed: ReadonlySet<string>): boolean {
  if (UNRECORDED.test(inside) || UNRECORDING.test(inside)) return true;
  if (!BYTE_CODE.test(path)) return false;
  const source = sourceOf(path);
  return source !== undefined && listed.has(source);
}

/** Source of a cached pyc: `a/__pycache__/m.cpython-311.opt-1.pyc` → `a/m.py`. */
export function sourceOf(pyc: string): string | undefined {
  const match = /^(?:(.*)\/)?__pycache__\/([^/]+?)\.[^./]+(?:\.opt-[^./]+)?\.pyc$/.exec(pyc);
  if (!match) return undefined;
  return `${match[1] === undefined ? '' : `${match[1]}/`}${match[2]}.py`;
}
