import type { ByteSource } from '../../byte-source';
import type { CodeDirectory, MachOSignature, MachOSignatureReading, SignatureBlob } from './macho-signature-facts';
import type { SignedRange } from './macho-verification';
import { FileBytes, View } from '../../reading/file-bytes';
import { readingOf, Refused } from '../../reading/refused';
import { readCodeDirectory } from './read-code-directory';
import { BLOB, SLOT } from './signature-constants';
import { SIGNATURE_LIMITS } from './signature-limits';

/**
 * The code signature that one slice carries, as facts: code directories, entitlements, requirements, the CMS bytes (`readCms` takes them). Never throws and always ends, whatever the bytes.
 * A slice without LC_CODE_SIGNATURE is refused as `not-signed`. Nothing is verified: see `verifyMachOSignature`.
 */
export function readMachOSignature(source: ByteSource, slice: SignedRange): MachOSignatureReading {
  return readingOf(source, () => parseSignature(source, slice).facts);
}

export interface ParsedSignature {
  facts: MachOSignature;
  /** A blob's bytes, its header too. */
  bytesOf(blob: Pick<SignatureBlob, 'offset' | 'size'>): Uint8Array;
  /**
   * Offsets, from the beginning of the signature, of bytes that are no zeros and lie between its parts. What follows the last one does not count: codesign leaves
   * the rest of an older, longer signature there.
   */
  unusedBytes: readonly number[];
}

const HEADER_BYTES = 8;

/** The same for callers inside a reader, with the bytes of each part. */
export function parseSignature(source: ByteSource, slice: SignedRange): ParsedSignature {
  const place = slice.signature;
  if (!place) throw new Refused('not-signed', 'the file has no code signature', slice.offset);
  if (place.size > SIGNATURE_LIMITS.bytes) {
    throw new Refused('limit', `a signature of ${place.size} bytes, at most ${SIGNATURE_LIMITS.bytes} are read`, slice.offset + place.offset);
  }
  const bytes = new FileBytes(source, slice.offset, slice.size).read(place.offset, place.size, 'the code signature');
  const blobs = readBlobs(bytes, place.offset, slice.offset + place.offset);
  const bytesOf: ParsedSignature['bytesOf'] = ({ offset, size }) => bytes.subarray(offset - place.offset, offset - place.offset + size);
  const unusedBytes = findUnused(bytes, blobs, place.offset);
  return { facts: { ...place, blobs, ...readParts(blobs, bytesOf, slice.offset) }, bytesOf, unusedBytes };
}

/** The first of each gap. */
function findUnused(bytes: Uint8Array, blobs: readonly SignatureBlob[], start: number): readonly number[] {
  const sorted = [...blobs].sort((a, b) => a.offset - b.offset);
  const found: number[] = [];
  let at = 12 + blobs.length * 8;
  for (const { offset, size } of sorted) {
    const inGap = bytes.subarray(at, offset - start).findIndex((byte) => byte !== 0);
    if (inGap >= 0) found.push(at + inGap);
    at = Math.max(at, offset - start + size);
  }
  return found;
}

/** The table of a SuperBlob. All its numbers are big endian. */
function readBlobs(bytes: Uint8Array, at: number, fileOffset: number): SignatureBlob[] {
  const refused = (message: string, offset = 0): Refused => new Refused('bad-signature', message, fileOffset + offset);
  if (bytes.length < 12) throw refused(`a signature of ${bytes.length} bytes`);
  const view = new View(bytes, { bits: 32, little: false });
  const [magic, length, count] = [view.u32(0), view.u32(4), view.u32(8)];
  if (magic !== BLOB.embeddedSignature) throw refused(`a signature that begins with 0x${magic.toString(16)}`);
  if (length > bytes.length) throw refused(`a signature of ${length} bytes in a range of ${bytes.length}`);
  if (count > SIGNATURE_LIMITS.blobs) throw new Refused('limit', `${count} parts, at most ${SIGNATURE_LIMITS.blobs} are read`, fileOffset);
  const tableEnd = 12 + count * 8;
  if (tableEnd > length) throw refused(`a table of ${count} parts in a signature of ${length} bytes`);
  const seen = new Set<number>();
  return Array.from({ length: count }, (_, index) => {
    const [slot, offset] = [view.u32(12 + index * 8), view.u32(16 + index * 8)];
    if (offset < tableEnd || offset + HEADER_BYTES > length) throw refused(`part ${slot} begins at ${offset} of ${length} bytes`, 12 + index * 8);
    const size = view.u32(offset + 4);
    if (size < HEADER_BYTES || offset + size > length) throw refused(`part ${slot} has ${size} bytes, ${length - offset} are left`, offset);
    // Of two, the kernel and Security.framework may take different ones.
    if (seen.has(slot)) throw refused(`part ${slot} stands twice`, 12 + index * 8);
    seen.add(slot);
    return { slot, magic: view.u32(offset), offset: at + offset, size };
  });
}

type Parts = Omit<MachOSignature, 'offset' | 'size' | 'blobs'>;

function readParts(blobs: readonly SignatureBlob[], bytesOf: ParsedSignature['bytesOf'], sliceOffset: number): Parts {
  const find = (slot: number, magic: number, what: string): SignatureBlob | undefined => {
    const blob = blobs.find((candidate) => candidate.slot === slot);
    if (blob && blob.magic !== magic) {
      throw new Refused(
        'bad-signature',
        `${what} begin with 0x${blob.magic.toString(16)}, expected 0x${magic.toString(16)}`,
        sliceOffset + blob.offset,
      );
    }
    return blob;
  };
  const content = (blob: SignatureBlob): Uint8Array => bytesOf(blob).subarray(HEADER_BYTES);
  const requirements = find(SLOT.requirements, BLOB.requirements, 'the requirements');
  const entitlements = find(SLOT.entitlements, BLOB.entitlements, 'the entitlements');
  const entitlementsDer = find(SLOT.entitlementsDer, BLOB.entitlementsDer, 'the entitlements as DER');
  const cms = find(SLOT.cms, BLOB.wrapper, 'the CMS bytes');
  for (const blob of [entitlements, entitlementsDer]) {
    if (blob && blob.size > SIGNATURE_LIMITS.entitlementBytes) {
      throw new Refused(
        'limit',
        `entitlements of ${blob.size} bytes, at most ${SIGNATURE_LIMITS.entitlementBytes} are read`,
        sliceOffset + blob.offset,
      );
    }
  }
  return {
    codeDirectories: readDirectories(blobs, bytesOf, sliceOffset),
    ...(requirements ? { requirements: bytesOf(requirements) } : {}),
    ...(entitlements ? { entitlements: Buffer.from(content(entitlements)).toString('utf8') } : {}),
    ...(entitlementsDer ? { entitlementsDer: content(entitlementsDer) } : {}),
    ...(cms ? { cms: content(cms), cmsOffset: cms.offset + HEADER_BYTES } : {}),
  };
}

function readDirectories(blobs: readonly SignatureBlob[], bytesOf: ParsedSignature['bytesOf'], sliceOffset: number): CodeDirectory[] {
  const isDirectory = (slot: number): boolean => slot === SLOT.codeDirectory || (slot >= SLOT.alternateFirst && slot <= SLOT.alternateLast);
  const found = blobs.filter(({ slot }) => isDirectory(slot)).sort((a, b) => a.slot - b.slot);
  if (found[0]?.slot !== SLOT.codeDirectory) throw new Refused('bad-signature', 'a signature without code directory', sliceOffset);
  return found.map((blob) => {
    if (blob.magic !== BLOB.codeDirectory) {
      throw new Refused('bad-signature', `a code directory that begins with 0x${blob.magic.toString(16)}`, sliceOffset + blob.offset);
    }
    return readCodeDirectory(bytesOf(blob), blob.slot, blob.offset, sliceOffset + blob.offset);
  });
}
