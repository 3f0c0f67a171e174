import { createHash } from 'node:crypto';
import { readMachO, type MachOSlice } from '@waybill/binary';
import { openByteSource, type FileByteSource } from '@waybill/core';

const LC_CODE_SIGNATURE = 0x1d;
const LINK_EDIT = '__LINKEDIT';
const CHUNK_BYTES = 1024 * 1024;
/** Signatures begin at a multiple of this; zeros fill the gap. */
const ALIGN = 16;

/**
 * SHA-256 of what a Mach-O file is apart from its signature: the same before and after signing, whoever signs. Left out are the load command of the signature, the
 * sizes of `__LINKEDIT`, in which it lies, the free room behind the load commands and zeros before it. `undefined`: it is none. Lower-case hex.
 */
export function codeDigest(path: string): string | undefined {
  const source = openByteSource(path);
  try {
    const read = readMachO(source);
    if (!read.ok) return undefined;
    const hash = createHash('sha256');
    for (const slice of read.facts.slices) {
      hash.update(JSON.stringify([slice.cpuName, slice.type, slice.flags]));
      for (const command of commandsOf(source, slice)) hash.update(command);
      hash.update(contentOf(source, slice));
    }
    return hash.digest('hex');
  } finally {
    source.close();
  }
}

function commandsOf(source: FileByteSource, slice: MachOSlice): readonly Uint8Array[] {
  let at = slice.offset + (slice.bits === 64 ? 32 : 28);
  return slice.commands.flatMap(({ command, size }) => {
    const bytes = source.read(at, size);
    at += size;
    const isLinkEdit = (command === 0x19 || command === 0x1) && Buffer.from(bytes.subarray(8, 8 + LINK_EDIT.length)).toString('latin1') === LINK_EDIT;
    return command === LC_CODE_SIGNATURE || isLinkEdit ? [] : [bytes];
  });
}

/** Digest of the bytes from the first section to the signature, or to the end. */
function contentOf(source: FileByteSource, slice: MachOSlice): Uint8Array {
  const offsets = slice.segments.flatMap(({ sections }) => sections.filter(({ offset, size }) => offset > 0 && size > 0).map(({ offset }) => offset));
  const start = Math.min(...offsets, slice.signature?.offset ?? slice.size);
  const end = withoutZeros(source, slice, slice.signature?.offset ?? slice.size);
  const hash = createHash('sha256');
  for (let at = start; at < end; at += CHUNK_BYTES) hash.update(source.read(slice.offset + at, Math.min(CHUNK_BYTES, end - at)));
  return hash.digest();
}

function withoutZeros(source: FileByteSource, slice: MachOSlice, end: number): number {
  const tail = source.read(slice.offset + Math.max(0, end - ALIGN), Math.min(ALIGN, end));
  let left = tail.length;
  while (left > 0 && tail[left - 1] === 0) left -= 1;
  return end - (tail.length - left);
}
