import { open } from 'node:fs/promises';
import { describeEntry, type ArchiveManifest, type ArchiveManifestEntry, type TreeManifest } from '@waybill/artifacts';
import { WaybillError, readArchiveEntries, type ContentDigest, type Finding, type ReadEntry } from '@waybill/core';
import { archiveFault } from './archive-fault';
import { compareManifests, isManifestPath } from './compare-manifests';
import { EntryNames } from './entry-names';

export interface ArchiveSubject {
  /** As findings name it. */
  name: string;
  file: string;
  /** What it holds is compared with the manifests in it, where it has some. */
  isBundle: boolean;
  /** The manifest that lies beside it. */
  beside?: ArchiveManifest;
}

export interface CheckedArchive {
  findings: readonly Finding[];
  /** Of a bundle as a whole. Archives that other programs made have none: their bytes are summed as a whole, and nothing tells of single files. */
  manifest?: TreeManifest;
  /** Which manifests tell of its files, in words. */
  told: readonly string[];
  /** Of the file itself, which was read from start to end: not of a zip file, nor of one that is damaged. */
  packed?: ContentDigest;
}

const ARCHIVE_NAME = /\.(?:tar|tar\.gz|tgz|tar\.zst|zip|whl)$/i;
export const LARGEST_MANIFEST_BYTES = 64 * 1024 * 1024;
const MOST_FINDINGS = 20;

export const isArchiveName = (name: string): boolean => ARCHIVE_NAME.test(name);

/** Names of the entries, and each entry against the manifests in it and beside it: path, mode, size, digest, link target; nothing missing, nothing more. */
export async function checkArchive(subject: ArchiveSubject): Promise<CheckedArchive> {
  try {
    return await readThrough(subject);
  } catch (error) {
    if (!(error instanceof WaybillError)) throw error;
    const reason = [error.message, ...error.details].join('; ');
    return {
      findings: [archiveFault(subject.name, `it cannot be read: ${error.code} ${reason}`)],
      told: [],
    };
  }
}

async function readThrough({ name, file, isBundle, beside }: ArchiveSubject): Promise<CheckedArchive> {
  const names = new EntryNames(name, await isZip(file));
  const entries: ArchiveManifestEntry[] = [];
  const texts = new Map<string, string>();
  let packed: ContentDigest | undefined;
  for await (const entry of readArchiveEntries(file, { onDigest: (digest) => void (packed = digest) })) {
    const path = names.add(entry);
    if (path === undefined || (!isBundle && beside === undefined)) continue;
    const isText = isBundle && entry.kind === 'file' && isManifestPath(path);
    entries.push(await describeEntry(path, isText ? await withText(path, entry, texts) : entry));
  }
  names.finish();
  const compared = compareManifests(name, { entries, texts }, beside);
  return { ...compared, findings: [...names.findings.slice(0, MOST_FINDINGS), ...compared.findings], ...(packed && { packed }) };
}

/** Its content can be had once; one that is too long to be read is cut, and fails as JSON. */
async function withText(path: string, entry: ReadEntry, texts: Map<string, string>): Promise<ReadEntry> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of entry.content()) {
    parts.push(chunk);
    size += chunk.length;
    if (size > LARGEST_MANIFEST_BYTES) break;
  }
  texts.set(path, Buffer.concat(parts).toString('utf8'));
  return {
    ...entry,
    async *content() {
      yield* parts;
    },
  };
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
