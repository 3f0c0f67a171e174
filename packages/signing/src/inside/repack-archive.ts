import { statSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  archiveFormatOf,
  extractArchive,
  fileContent,
  listArchive,
  partsOfPath,
  writeArchive,
  type ArchiveEntry,
  type ListedEntry,
} from '@waybill/core';
import type { UpstreamArtifact } from '@waybill/plugin-kit';

/** Unpacks an archive into a new folder; gives the name of its one top folder, `''` when there are several. */
export async function unpackInto({ file, sha256 }: Pick<UpstreamArtifact, 'file' | 'sha256'>, folder: string): Promise<string> {
  await mkdir(folder);
  await extractArchive({ archive: file, destination: folder, sha256 });
  const [first, ...others] = await readdir(folder, { withFileTypes: true });
  return first?.isDirectory() === true && others.length === 0 ? first.name : '';
}

/**
 * Writes the archive again in its own format, with its own entries, their order and modes; contents are those in the folder, times the release’s date.
 * `added`: files that came to it, or are there already, by path in the folder; `removed`: those that are gone.
 */
export async function packAgain(
  { file, name, record }: Pick<UpstreamArtifact, 'file' | 'name' | 'record'>,
  folder: string,
  output: string,
  { added = [], removed = [] }: { added?: readonly string[]; removed?: readonly string[] } = {},
): Promise<{ size: number; sha256: string }> {
  const gone = new Set(['', ...removed]);
  const listed = (await listArchive(file)).map((entry) => ({ ...entry, path: storedPath(entry) })).filter(({ path }) => !gone.has(path));
  const entries = new Map(listed.map((entry) => [entry.path, entryIn(folder, entry)]));
  for (const path of added) if (!entries.has(path)) entries.set(path, entryIn(folder, { path, kind: 'file', mode: 0o644 }));
  return writeArchive({ format: archiveFormatOf(name)!, entries: entries.values(), output, mtimeSeconds: record.sourceDateEpoch });
}

/** The path of an entry without `.` and empty parts. */
export function storedPath({ path }: Pick<ListedEntry, 'path'>): string {
  const checked = partsOfPath(path);
  return 'parts' in checked ? checked.parts.join('/') : path;
}

function entryIn(folder: string, { path, kind, mode, linkTarget }: Pick<ListedEntry, 'path' | 'kind' | 'mode' | 'linkTarget'>): ArchiveEntry {
  if (kind === 'directory') return { kind, path, mode };
  if (kind === 'symlink') return { kind, path, linkTarget: linkTarget ?? '' };
  const file = join(folder, path);
  return { kind: 'file', path, mode, size: statSync(file).size, open: () => fileContent(file) };
}
