import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileContent, readArchiveEntries, type ReadEntry } from '@waybill/core';

/** Together; members beyond it wait in files. */
const IN_MEMORY_BYTES = 64 * 1024 * 1024;

/** A member whose content can be read at any time, more than once. */
export interface SpooledMember extends Omit<ReadEntry, 'content'> {
  open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/**
 * Hands all members of an archive to `work`, in the archive's order, with contents kept in memory or, beyond a limit, in a folder beside `output` that is
 * removed when `work` has ended.
 */
export async function withSpooledMembers<T>(archive: string, output: string, work: (members: readonly SpooledMember[]) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(dirname(output), '.waybill-repack-'));
  try {
    const members: SpooledMember[] = [];
    let kept = 0;
    for await (const { content, ...entry } of readArchiveEntries(archive)) {
      if (kept + entry.size <= IN_MEMORY_BYTES) {
        const parts: Uint8Array[] = [];
        for await (const chunk of content()) parts.push(Buffer.from(chunk));
        kept += entry.size;
        members.push({ ...entry, open: () => inMemory(parts) });
      } else {
        const file = join(folder, `${members.length}`);
        await writeFile(file, content());
        members.push({ ...entry, open: () => fileContent(file) });
      }
    }
    return await work(members);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function* inMemory(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

export async function contentOf(member: SpooledMember): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of member.open()) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}
