import { hashBytes, hashFile, mapConcurrently, readTree, writeFileAtomic } from '@waybill/core';
import { recordHash, renderRecordText } from '@waybill/distributions';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { InstalledDistribution } from './find-conflicts';
import { readDistributions } from './read-distributions';

const CONCURRENCY = 16;
const SMALL_BYTES = 1024 * 1024;
const BYTECODE = /^((?:.*\/)?)__pycache__\/([^/.]+)\.[^/]+\.pyc$/;

/** Digest and size (bytes) of files that were hashed, by path relative to the vendor folder. */
export type Digests = ReadonlyMap<string, { sha256: string; size: number }>;

/**
 * Writes the RECORD of every dist-info again: the files of each distribution that are there now, with their present digests, and the
 * byte code of its modules. What was removed, changed or added since the installation is true in it (PEP 376, PEP 627). Gives the
 * digests, so that nobody reads those files for them again.
 */
export async function rewriteRecords(vendor: string): Promise<Digests> {
  const distributions = await readDistributions(vendor);
  if (distributions.length === 0) return new Map();
  const present = new Set((await readTree(vendor)).filter(({ kind }) => kind === 'file').map(({ path }) => path));
  const bytecode = bytecodeByModule(present);
  const owned = distributions.map((distribution) => ({ record: `${distribution.distInfo}/RECORD`, files: filesOf(distribution, present, bytecode) }));
  const digests = new Map<string, { sha256: string; size: number }>();
  const all = [...new Set(owned.flatMap(({ files }) => files))];
  await mapConcurrently(all, CONCURRENCY, async (path) => digests.set(path, await digestOf(join(vendor, path))));
  for (const { record, files } of owned) {
    const lines = files.map((path) => ({ path, hash: recordHash(digests.get(path)!.sha256), size: digests.get(path)!.size }));
    await writeFileAtomic(join(vendor, record), renderRecordText([...lines, { path: record }]));
  }
  return digests;
}

/** Small files, nearly all of them, cost less in one read than as a stream. */
async function digestOf(file: string): Promise<{ sha256: string; size: number }> {
  if (statSync(file).size > SMALL_BYTES) return hashFile(file);
  const bytes = readFileSync(file);
  return { sha256: hashBytes(bytes), size: bytes.length };
}

/** `pkg/mod` → the byte code files of `pkg/mod.py`, with and without optimisation. */
function bytecodeByModule(present: ReadonlySet<string>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const path of present) {
    const match = BYTECODE.exec(path);
    if (match === null) continue;
    const module = `${match[1]!}${match[2]!}`;
    found.set(module, [...(found.get(module) ?? []), path]);
  }
  return found;
}

function filesOf(
  { distInfo, lines }: InstalledDistribution,
  present: ReadonlySet<string>,
  bytecode: ReadonlyMap<string, readonly string[]>,
): string[] {
  const own = lines.map(({ path }) => path).filter((path) => path !== `${distInfo}/RECORD` && present.has(path));
  const compiled = own.filter((path) => path.endsWith('.py')).flatMap((path) => bytecode.get(path.slice(0, -'.py'.length)) ?? []);
  return [...new Set([...own, ...compiled])];
}
