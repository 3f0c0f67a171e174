import { archiveErrors } from '../../errors/archive-errors';
import type { ExtractLimits } from '../archive-entry';

export const DEFAULT_EXTRACT_LIMITS: ExtractLimits = {
  maxEntries: 200_000,
  maxTotalBytes: 8 * 1024 ** 3,
  maxEntryBytes: 8 * 1024 ** 3,
  maxRatio: 200,
};

/** Below this much unpacked data a high ratio harms nobody: a tar of empty files packs a thousandfold. */
export const RATIO_FLOOR_BYTES = 32 * 1024 * 1024;

/** Headers and padding of an entry are no content; what goes beyond this counts against the total. */
const OVERHEAD_BYTES = 8 * 1024;

/** Counts what comes out of an archive and throws `ARCHIVE_LIMIT` as soon as it is too much. */
export class ReadMeter {
  private entries = 0;
  private declaredBytes = 0;
  private unpackedBytes = 0;
  private path = '';

  constructor(
    private readonly archive: string,
    private readonly packedBytes: number,
    private readonly limits: ExtractLimits,
  ) {}

  /** An entry begins; `size` is what the archive says. */
  entry(path: string, size: number): void {
    this.path = path;
    this.entries += 1;
    this.declaredBytes += size;
    this.hold('maxEntries', this.entries);
    this.hold('maxEntryBytes', size);
    this.hold('maxTotalBytes', this.declaredBytes);
  }

  /** Bytes left the decompressor, whatever they are. */
  unpacked(bytes: number): void {
    this.unpackedBytes += bytes;
    this.hold('maxTotalBytes', this.unpackedBytes - (this.entries + 1) * OVERHEAD_BYTES);
    if (this.unpackedBytes > RATIO_FLOOR_BYTES) this.hold('maxRatio', Math.ceil(this.unpackedBytes / this.packedBytes));
  }

  private hold(limit: keyof ExtractLimits, actual: number): void {
    const allowed = this.limits[limit];
    if (actual <= allowed) return;
    throw archiveErrors.error('ARCHIVE_LIMIT', {
      archive: this.archive,
      path: this.path,
      limit,
      allowed,
      actual,
    });
  }
}
