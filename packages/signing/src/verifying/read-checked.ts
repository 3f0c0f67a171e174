import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { UpstreamArtifact } from '@waybill/plugin-kit';
import type { SignedFile } from '../backends';
import { signingErrors } from '../errors/signing-errors';

const PIECE_BYTES = 1024 * 1024;

/** The artifact's bytes as a file to sign: whoever reads them to the end has read those that were recorded, or gets `SIGN_CHANGED`. */
export function signedFile({ name, file, sha256 }: Pick<UpstreamArtifact, 'name' | 'file' | 'sha256'>): SignedFile {
  return { name, sha256, content: () => readChecked(name, file, sha256) };
}

async function* readChecked(name: string, file: string, expected: string): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file, { highWaterMark: PIECE_BYTES })) {
    hash.update(piece as Buffer);
    yield piece as Buffer;
  }
  const actual = hash.digest('hex');
  if (actual !== expected) throw signingErrors.error('SIGN_CHANGED', { name, expected, actual });
}
