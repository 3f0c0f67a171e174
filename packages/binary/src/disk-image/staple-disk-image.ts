import type { Reading } from '../binary-refusal';
import type { ByteSource } from '../byte-source';
import { parseSignature } from '../macho/signature/read-signature';
import { BLOB, SLOT } from '../macho/signature/signature-constants';
import { readingOf } from '../reading/refused';
import { parseDiskImage, SIGNATURE_PLACE, TRAILER_BYTES } from './read-disk-image';

/** How a disk image ends that holds a ticket. */
export interface StapledEnd {
  /** The image stays as it is up to here. */
  offset: number;
  /** What follows: the signature with the ticket, in place of an older one, and the trailer. */
  end: Uint8Array;
}

/** A ticket is one more part of the signature, which neither the code directory nor its special slots cover: the signature holds as before. */
export function stapleDiskImage(source: ByteSource, ticket: Uint8Array): Reading<StapledEnd> {
  return readingOf(source, () => {
    const { trailerOffset, signature } = parseDiskImage(source);
    const { facts, bytesOf } = parseSignature(source, { offset: 0, size: trailerOffset, segments: [], ...(signature && { signature }) });
    const kept = facts.blobs.filter(({ slot }) => slot !== SLOT.ticket).map((blob) => ({ slot: blob.slot, bytes: bytesOf(blob) }));
    const signed = superBlob([...kept, { slot: SLOT.ticket, bytes: wrapped(ticket) }]);
    const trailer = Buffer.from(source.read(trailerOffset, TRAILER_BYTES));
    trailer.writeBigUInt64BE(BigInt(signed.length), SIGNATURE_PLACE.size);
    return { offset: facts.offset, end: Buffer.concat([signed, trailer]) };
  });
}

function wrapped(ticket: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(BLOB.wrapper, 0);
  head.writeUInt32BE(head.length + ticket.length, 4);
  return Buffer.concat([head, ticket]);
}

function superBlob(parts: readonly { slot: number; bytes: Uint8Array }[]): Buffer {
  const table = Buffer.alloc(12 + parts.length * 8);
  let at = table.length;
  for (const [index, { slot, bytes }] of parts.entries()) {
    table.writeUInt32BE(slot, 12 + index * 8);
    table.writeUInt32BE(at, 16 + index * 8);
    at += bytes.length;
  }
  [BLOB.embeddedSignature, at, parts.length].forEach((value, index) => table.writeUInt32BE(value, index * 4));
  return Buffer.concat([table, ...parts.map(({ bytes }) => bytes)]);
}
