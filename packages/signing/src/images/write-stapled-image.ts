import { copyFile, open, truncate } from 'node:fs/promises';
import { stapleDiskImage } from '@waybill/binary';
import { openByteSource } from '@waybill/core';

/** A copy of a signed disk image that holds the ticket, in place of an older one. */
export async function writeStapledImage(path: string, ticket: Uint8Array, output: string): Promise<void> {
  const source = openByteSource(path);
  const stapled = ((): ReturnType<typeof stapleDiskImage> => {
    try {
      return stapleDiskImage(source, ticket);
    } finally {
      source.close();
    }
  })();
  if (!stapled.ok) throw new Error(`a disk image whose signature was read has none: ${stapled.refusal.message}`);
  await copyFile(path, output);
  await truncate(output, stapled.facts.offset);
  const file = await open(output, 'a');
  try {
    await file.write(stapled.facts.end);
    await file.sync();
  } finally {
    await file.close();
  }
}
