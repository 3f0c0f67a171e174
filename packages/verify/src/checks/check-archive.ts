import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { MANIFEST_PATH, compareBytewise, formatMode, parseManifest, type ManifestEntry, type TreeManifest } from '@waybill/artifacts';
import { WaybillError, readArchiveEntries, type ContentDigest, type Finding, type ReadEntry } from '@waybill/core';
import { EntryNames } from './entry-names';

export interface ArchiveSubject {
  /** As findings name it. */
  name: string;
  file: string;
  /** What it holds is compared with the manifest of a bundle, where it has one. */
  isBundle: boolean;
}

export interface CheckedArchive {
  findings: readonly Finding[];
  /** Of a bundle. Archives that other programs made have none: their bytes are summed as a whole, and nothing tells of single files. */
  manifest?: TreeManifest;
  entries: number;
  /** Of the file itself, which was read from start to end: not of a zip file, nor of one that is damaged. */
  packed?: ContentDigest;
}

const ARCHIVE_NAME = /\.(?:tar|tar\.gz|tgz|tar\.zst|zip|whl)$/i;
const LARGEST_MANIFEST_BYTES = 64 * 1024 * 1024;
const MOST_FINDINGS = 20;

export const isArchiveName = (name: string): boolean => ARCHIVE_NAME.test(name);

/** Names of the entries, and for a bundle each file against its manifest: path, mode, size, digest, link target; nothing missing, nothing more. */
export async function checkArchive(subject: ArchiveSubject): Promise<CheckedArchive> {
  try {
    return await readThrough(subject);
  } catch (error) {
    if (!(error instanceof WaybillError)) throw error;
    const reason = [error.message, ...error.details].join('; ');
    return {
      findings: [{ check: 'archive', level: 'error', path: subject.name, message: `it cannot be read: ${error.code} ${reason}` }],
      entries: 0,
    };
  }
}

async function readThrough({ name, file, isBundle }: ArchiveSubject): Promise<CheckedArchive> {
  const names = new EntryNames(name, await isZip(file));
  const content = new Map<string, ManifestEntry>();
  let manifestText: string | undefined;
  let entries = 0;
  let packed: ContentDigest | undefined;
  for await (const entry of readArchiveEntries(file, { onDigest: (digest) => void (packed = digest) })) {
    entries += 1;
    const path = names.add(entry);
    if (path === undefined || entry.kind === 'directory') continue;
    const isManifest = path.endsWith(`/${MANIFEST_PATH}`) && path.split('/').length === 1 + MANIFEST_PATH.split('/').length;
    if (isManifest && entry.kind === 'file') manifestText = await textOf(entry);
    else if (isBundle) content.set(path, await describeEntry(path, entry));
  }
  names.finish();
  const findings = names.findings.slice(0, MOST_FINDINGS);
  const read = { entries, ...(packed && { packed }) };
  if (!isBundle || manifestText === undefined) return { findings, ...read };
  const manifest = parseManifest(manifestText, { path: `${name}/${MANIFEST_PATH}` });
  return { findings: [...findings, ...compareTree(name, manifest, content)], manifest, ...read };
}

async function describeEntry(path: string, entry: ReadEntry): Promise<ManifestEntry> {
  if (entry.kind === 'symlink') return { path, type: 'symlink', target: entry.linkTarget ?? '' };
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of entry.content()) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { path, type: 'file', mode: formatMode(entry.mode), size, sha256: hash.digest('hex') };
}

async function textOf(entry: ReadEntry): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of entry.content()) {
    parts.push(chunk);
    size += chunk.length;
    if (size > LARGEST_MANIFEST_BYTES) break;
  }
  return Buffer.concat(parts).toString('utf8');
}

async function isZip(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(2);
    await file.read(head, 0, 2, 0);
    return head.toString('latin1') === 'PK';
  } finally {
    await file.close();
  }
}

const fault = (path: string, message: string, expected?: string, actual?: string): Finding => ({
  check: 'archive',
  level: 'error',
  path,
  message,
  ...(expected !== undefined && { expected }),
  ...(actual !== undefined && { actual }),
});

/** All entries lie in one top folder, which the manifest does not name. */
function compareTree(archive: string, manifest: TreeManifest, content: ReadonlyMap<string, ManifestEntry>): readonly Finding[] {
  const found = new Map([...content].map(([path, entry]) => [path.slice(path.indexOf('/') + 1), entry]));
  const tops = new Set([...content.keys()].map((path) => path.slice(0, Math.max(0, path.indexOf('/')))));
  const findings: Finding[] = tops.size > 1 ? [fault(archive, `it has ${tops.size} top folders`, 'one', [...tops].join(', '))] : [];
  for (const entry of manifest.entries) {
    const actual = found.get(entry.path);
    found.delete(entry.path);
    if (!actual) findings.push(fault(archive, `\`${entry.path}\` is missing from it, its manifest says`));
    else if (textOfEntry(actual) !== textOfEntry(entry)) {
      findings.push(fault(archive, `\`${entry.path}\` in it is not what its manifest says`, textOfEntry(entry), textOfEntry(actual)));
    }
  }
  for (const path of [...found.keys()].sort(compareBytewise)) findings.push(fault(archive, `\`${path}\` is in it, but not in its manifest`));
  return findings.slice(0, MOST_FINDINGS);
}

const textOfEntry = (entry: ManifestEntry): string =>
  entry.type === 'symlink' ? `a link to ${entry.target}` : `mode ${entry.mode}, ${entry.size} bytes, sha256 ${entry.sha256}`;
