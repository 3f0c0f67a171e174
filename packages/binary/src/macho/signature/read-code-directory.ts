import { createHash } from 'node:crypto';
import type { CodeDirectory } from './macho-signature-facts';
import { View } from '../../reading/file-bytes';
import { Refused } from '../../reading/refused';
import { CDHASH_BYTES, EXECUTABLE_FLAG_NAMES, FLAG_NAMES, HASHES, namesOf } from './signature-constants';
import { SIGNATURE_LIMITS } from './signature-limits';

/** Lowest and highest version that Security.framework takes (`CodeDirectory::earliestVersion`, `compatibilityLimit`). */
const VERSION = {
  earliest: 0x20001,
  scatter: 0x20100,
  team: 0x20200,
  limit64: 0x20300,
  executable: 0x20400,
  runtime: 0x20500,
  tooNew: 0x2f000,
} as const;
/** Bytes of the fixed part, by version, newest first. */
const FIXED_BYTES: readonly (readonly [number, number])[] = [
  [VERSION.runtime, 96],
  [VERSION.executable, 88],
  [VERSION.limit64, 64],
  [VERSION.team, 52],
  [VERSION.scatter, 48],
  [0, 44],
];

/** A code directory as it stands in the signature. `at`: where, in the slice; `fileOffset`: in the file, for refusals. */
export function readCodeDirectory(bytes: Uint8Array, slot: number, at: number, fileOffset: number): CodeDirectory {
  const reader = new DirectoryReader(bytes, fileOffset);
  const { version, hash } = reader;
  const codeLimit = reader.codeLimit();
  const pageSize = reader.pageSize();
  const pageCount = reader.pageCount(codeLimit, pageSize);
  const flags = reader.view.u32(12);
  const teamId = version >= VERSION.team && reader.view.u32(48) !== 0 ? reader.text(reader.view.u32(48), 'the team') : undefined;
  return {
    slot,
    offset: at,
    size: bytes.length,
    version,
    flags,
    flagNames: namesOf(flags, FLAG_NAMES),
    hashType: hash.type,
    identifier: reader.text(reader.view.u32(20), 'the identifier'),
    ...(teamId === undefined ? {} : { teamId }),
    platform: bytes[38]!,
    pageSize,
    codeLimit,
    pageCount,
    specialSlots: reader.specialSlots(),
    ...reader.newerFields(),
    cdhash: createHash(hash.node).update(bytes).digest().subarray(0, CDHASH_BYTES).toString('hex'),
  };
}

/** Where the digest of page 0 stands in the directory. Those of the others follow it; the special slots lie before it. */
export function hashOffsetOf(bytes: Uint8Array): number {
  return new View(bytes, { bits: 32, little: false }).u32(16);
}

class DirectoryReader {
  readonly view: View;
  readonly version: number;
  readonly hash: (typeof HASHES)[number];
  private readonly fixedBytes: number;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly fileOffset: number,
  ) {
    this.view = new View(bytes, { bits: 32, little: false });
    if (bytes.length < 44) throw this.refused(`a code directory of ${bytes.length} bytes`);
    this.version = this.view.u32(8);
    if (this.version < VERSION.earliest || this.version >= VERSION.tooNew) {
      throw this.refused(`a code directory of version 0x${this.version.toString(16)}`, 'unsupported');
    }
    this.fixedBytes = FIXED_BYTES.find(([version]) => this.version >= version)![1];
    if (bytes.length < this.fixedBytes) throw this.refused(`a code directory of ${bytes.length} bytes, its version needs ${this.fixedBytes}`);
    const hash = HASHES[bytes[37]!];
    if (!hash || hash.bytes !== bytes[36]) throw this.refused(`digests of type ${bytes[37]} with ${bytes[36]} bytes`);
    this.hash = hash;
    // Pages in any order, for firmware of long ago. Neither codesign nor ld ever wrote it for macOS.
    if (this.version >= VERSION.scatter && this.view.u32(44) !== 0) throw this.refused('a code directory of scattered pages', 'unsupported');
  }

  codeLimit(): number {
    const wide = this.version >= VERSION.limit64 ? this.view.u64(56) : 0;
    return wide === 0 ? this.view.u32(32) : wide;
  }

  pageSize(): number {
    const power = this.bytes[39]!;
    if (power > 31) throw this.refused(`pages of 2^${power} bytes`);
    return power === 0 ? 0 : 2 ** power;
  }

  /** Fewer digests than pages would leave code that nothing covers. */
  pageCount(codeLimit: number, pageSize: number): number {
    const count = this.view.u32(28);
    const expected = codeLimit === 0 ? 0 : pageSize === 0 ? 1 : Math.ceil(codeLimit / pageSize);
    if (count !== expected) throw this.refused(`${count} digests for ${expected} pages`);
    const end = this.view.u32(16) + count * this.hash.bytes;
    if (end > this.bytes.length) throw this.refused(`digests that end at ${end} of ${this.bytes.length} bytes`);
    return count;
  }

  specialSlots(): Map<number, string> {
    const count = this.view.u32(24);
    const hashOffset = this.view.u32(16);
    if (count > SIGNATURE_LIMITS.specialSlots)
      throw this.refused(`${count} special slots, at most ${SIGNATURE_LIMITS.specialSlots} are read`, 'limit');
    if (hashOffset < this.fixedBytes + count * this.hash.bytes) throw this.refused(`special slots that begin before the end of the header`);
    const slots = new Map<number, string>();
    for (let slot = 1; slot <= count; slot += 1) {
      const at = hashOffset - slot * this.hash.bytes;
      const digest = this.bytes.subarray(at, at + this.hash.bytes);
      if (digest.some((byte) => byte !== 0)) slots.set(slot, Buffer.from(digest).toString('hex'));
    }
    return slots;
  }

  newerFields(): Pick<CodeDirectory, 'executableSegment' | 'runtimeVersion'> {
    if (this.version < VERSION.executable) return {};
    const executableSegment = {
      base: this.view.u64(64),
      limit: this.view.u64(72),
      flags: namesOf(this.view.u32(84), EXECUTABLE_FLAG_NAMES),
    };
    const runtime = this.version >= VERSION.runtime ? this.view.u32(88) : 0;
    return { executableSegment, ...(runtime === 0 ? {} : { runtimeVersion: `${runtime >>> 16}.${(runtime >>> 8) & 0xff}.${runtime & 0xff}` }) };
  }

  text(start: number, what: string): string {
    const end = start < this.fixedBytes ? -1 : this.bytes.indexOf(0, start);
    if (end < 0) throw new Refused('bad-string', `${what} begins at ${start} of ${this.bytes.length} bytes and has no end`, this.fileOffset);
    if (end - start > SIGNATURE_LIMITS.nameBytes)
      throw this.refused(`${what} has ${end - start} bytes, at most ${SIGNATURE_LIMITS.nameBytes} are read`, 'limit');
    return Buffer.from(this.bytes.subarray(start, end)).toString('utf8');
  }

  private refused(message: string, reason: 'bad-signature' | 'unsupported' | 'limit' = 'bad-signature'): Refused {
    return new Refused(reason, message, this.fileOffset);
  }
}
