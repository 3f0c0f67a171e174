import { hashBytes } from '@waybill/core';
import type { Destination, PublishFile, Release, RemoteFile } from '../destination';

/** By name, as it stands at the destination. */
export type Adopted = ReadonlyMap<string, PublishFile>;

const LONGEST_SIGNATURE_BYTES = 1024 * 1024;

/** Signatures that stand at a destination with other bytes than those of this run, and are as good. */
export async function adoptSignatures(
  destination: Destination,
  release: Release,
  files: readonly PublishFile[],
  remote: readonly RemoteFile[],
): Promise<Adopted> {
  const adopted = new Map<string, PublishFile>();
  for (const [index, file] of files.entries()) {
    const there = remote[index]!;
    if (file.accepts === undefined || there.state !== 'conflict' || there.sha256 === undefined) continue;
    const bytes = await bytesOf(destination.download(release, file.name));
    if (bytes !== undefined && (await file.accepts(bytes))) adopted.set(file.name, withBytes(file, bytes));
  }
  return adopted;
}

/** `undefined` for what is too long to be one. */
async function bytesOf(source: AsyncIterable<Uint8Array>): Promise<Buffer | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of source) {
    size += piece.length;
    if (size > LONGEST_SIGNATURE_BYTES) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function withBytes(file: PublishFile, bytes: Buffer): PublishFile {
  const content = {
    size: bytes.length,
    async *open(): AsyncGenerator<Uint8Array> {
      yield bytes;
    },
  };
  return { ...file, size: bytes.length, sha256: hashBytes(bytes), content };
}
