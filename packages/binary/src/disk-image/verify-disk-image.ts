import type { ByteSource } from '../byte-source';
import type { TrustRequest } from '../cms/cms-verification';
import type { MachOVerificationReading, SignedRange } from '../macho/signature/macho-verification';
import { parseSignature } from '../macho/signature/read-signature';
import { SLOT } from '../macho/signature/signature-constants';
import { verifyParsed } from '../macho/signature/verify-signature';
import { readingOf } from '../reading/refused';
import { parseDiskImage } from './read-disk-image';

/**
 * Checks the code signature of a disk image against its bytes: all that lies before it, the trailer, the CMS signature over the code directory, its chain and
 * timestamp. As `verifyMachOSignature` does for code, whose form it has.
 */
export function verifyDiskImage(source: ByteSource, request: TrustRequest): MachOVerificationReading {
  return readingOf(source, () => {
    const { trailerOffset, signature, coveredTrailer } = parseDiskImage(source);
    const range: SignedRange = { offset: 0, size: trailerOffset, segments: [], ...(signature && { signature }) };
    return verifyParsed(source, range, parseSignature(source, range), { ...request, beside: new Map([[SLOT.diskImage, coveredTrailer]]) });
  });
}
