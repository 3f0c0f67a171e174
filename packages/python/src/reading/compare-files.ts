import { basename } from 'node:path';
import { hashFile, readArchiveEntries } from '@waybill/core';
import { compareDistributions, type ComparedContents, type ComparedDistribution, type Difference } from '@waybill/distributions';
import { readMembers } from './read-members';

/** Of larger members only that they differ is told. */
const LARGEST_BYTES = 64 * 1024 * 1024;
const ALL_BYTES = 256 * 1024 * 1024;

export interface CompareRequest extends Omit<ComparedContents, 'read'> {
  /** Two builds of one source; paths absolute. */
  first: string;
  second: string;
}

/** Compares two wheels or sdists and tells why they differ, the first cause first; nothing when they are the same. Throws what `readMembers` throws. */
export async function compareFiles({ first, second, ...about }: CompareRequest): Promise<Difference[]> {
  const [one, other] = [await readCompared(first), await readCompared(second)];
  if (one.sha256 === other.sha256) return [];
  const differing = differingPaths(one, other);
  const contents = { first: await readContents(first, differing), second: await readContents(second, differing) };
  return compareDistributions(one, other, { ...about, read: (build, path) => contents[build].get(path) });
}

async function readCompared(file: string): Promise<ComparedDistribution> {
  const { sha256 } = await hashFile(file);
  const { container, members } = await readMembers(file, () => false);
  return { fileName: basename(file), container, members, sha256 };
}

function differingPaths(first: ComparedDistribution, second: ComparedDistribution): Set<string> {
  const digests = new Map(second.members.map(({ path, sha256 }) => [path, sha256]));
  return new Set(first.members.filter(({ path, sha256 }) => digests.has(path) && digests.get(path) !== sha256).map(({ path }) => path));
}

async function readContents(file: string, wanted: ReadonlySet<string>): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  if (wanted.size === 0) return contents;
  let left = ALL_BYTES;
  for await (const { path, kind, size, content } of readArchiveEntries(file)) {
    if (kind !== 'file' || !wanted.has(path) || size > Math.min(left, LARGEST_BYTES)) continue;
    const parts: Uint8Array[] = [];
    for await (const part of content()) parts.push(Buffer.from(part));
    contents.set(path, Buffer.concat(parts));
    left -= size;
  }
  return contents;
}
