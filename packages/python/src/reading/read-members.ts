import { createHash } from 'node:crypto';
import {
  readElf,
  readMachO,
  readMachOSymbols,
  readPe,
  sniffBinary,
  type BinaryKind,
  type ByteSource,
  type MachOSymbol,
  type Reading,
} from '@waybill/binary';
import { readArchiveEntries, readGzipHeader, type ReadEntry } from '@waybill/core';
import type { ContainerFacts, MemberFacts, NativeMember } from '@waybill/distributions';
import { memberErrors } from '../errors/member-errors';
import { MemberBuffer } from './member-buffer';

/** Enough for the header that tells a native format. */
const HEAD_BYTES = 1024;
/** How texts begin that stand in for a shared library when something is linked (documents of GNU ld, "Implicit Linker Scripts"). */
const LINKER_SCRIPT = /^(?:\s*(?:INPUT|GROUP)\s*\(|\/\* GNU ld script)/;
/** A RECORD of 200,000 files has 20 MB. */
const LONGEST_TEXT_BYTES = 64 * 1024 * 1024;

/** What a wheel or sdist holds. */
export interface ReadMembers {
  container: ContainerFacts;
  members: readonly MemberFacts[];
  natives: readonly NativeMember[];
  /** Path → content of the members that were asked for; of several with one path the last, as an installer would have it. */
  texts: ReadonlyMap<string, Buffer>;
}

/**
 * Reads an archive once from start to end: what every member is, digests, and native files. Memory is bounded. Throws `FILE_…`, `ARCHIVE_…` for what
 * cannot be read, and `WHEEL_CONTAINER` for an archive of another format than a wheel or sdist has.
 */
export async function readMembers(file: string, wantsText: (path: string) => boolean): Promise<ReadMembers> {
  const reading = new MembersReading(wantsText);
  let isZip = true;
  for await (const entry of readArchiveEntries(file)) {
    isZip &&= entry.owner === undefined;
    await reading.add(entry);
  }
  const gzip = await readGzipHeader(file);
  if (gzip === undefined && !isZip) throw memberErrors.error('WHEEL_CONTAINER', { file });
  const container: ContainerFacts =
    gzip === undefined
      ? { format: 'zip' }
      : { format: 'tar.gz', gzip: { mtimeSeconds: gzip.mtimeSeconds, ...(gzip.name === undefined ? {} : { name: gzip.name }) } };
  return { container, members: reading.members, natives: reading.natives, texts: reading.texts };
}

type ContentFacts = Pick<MemberFacts, 'sha256' | 'linkerScript'>;

class MembersReading {
  readonly members: MemberFacts[] = [];
  readonly natives: NativeMember[] = [];
  readonly texts = new Map<string, Buffer>();

  constructor(private readonly wantsText: (path: string) => boolean) {}

  async add(entry: ReadEntry): Promise<void> {
    const { path, kind, mode, size, linkTarget, mtimeSeconds, owner } = entry;
    const content: ContentFacts = kind === 'file' ? await this.readContent(entry) : {};
    this.members.push({
      path,
      kind,
      mode,
      size,
      ...content,
      ...(linkTarget === undefined ? {} : { linkTarget }),
      mtimeSeconds,
      ...(owner === undefined ? {} : { owner }),
    });
  }

  private async readContent({ path, size, content }: ReadEntry): Promise<ContentFacts> {
    const hash = createHash('sha256');
    const keepText = this.wantsText(path) && size <= LONGEST_TEXT_BYTES;
    const kept = new MemberBuffer();
    let head = Buffer.alloc(0);
    let native: BinaryKind | undefined;
    let sniffed = false;
    try {
      for await (const chunk of content()) {
        hash.update(chunk);
        if (!sniffed) {
          head = Buffer.concat([head, chunk]);
          if (head.length < HEAD_BYTES) continue;
          sniffed = true;
          native = sniffBinary(head);
          if (keepText || native !== undefined) kept.add(head);
        } else if (keepText || native !== undefined) kept.add(chunk);
      }
      if (!sniffed) {
        native = sniffBinary(head);
        kept.add(head);
      }
      if (keepText)
        this.texts.set(
          path,
          kept.use((source) => Buffer.from(source.read(0, source.size))),
        );
      if (native !== undefined) this.natives.push(readNative(path, native, kept));
    } finally {
      kept.discard();
    }
    const isScript = LINKER_SCRIPT.test(head.toString('latin1', 0, HEAD_BYTES));
    return { sha256: hash.digest('hex'), ...(isScript && { linkerScript: true }) };
  }
}

type NativeReading = { ok: true; facts: Partial<NativeMember> } | { ok: false; message: string };

/** One reader for each format; what it gives stands under the format's own name. */
const READERS: Readonly<Record<BinaryKind, (source: ByteSource) => NativeReading>> = {
  elf: (source) => named(readElf(source), (elf) => ({ elf })),
  'mach-o': readMachOWithSymbols,
  pe: (source) => named(readPe(source), (pe) => ({ pe })),
};

function readMachOWithSymbols(source: ByteSource): NativeReading {
  const macho = readMachO(source);
  if (!macho.ok) return { ok: false, message: macho.refusal.message };
  const machoSymbols: MachOSymbol[] = [];
  for (const slice of macho.facts.slices) {
    const symbols = readMachOSymbols(source, slice);
    if (!symbols.ok) return { ok: false, message: symbols.refusal.message };
    for (const symbol of symbols.facts) machoSymbols.push(symbol);
  }
  return { ok: true, facts: { macho: macho.facts, machoSymbols } };
}

function named<Facts>(reading: Reading<Facts>, name: (facts: Facts) => Partial<NativeMember>): NativeReading {
  return reading.ok ? { ok: true, facts: name(reading.facts) } : { ok: false, message: reading.refusal.message };
}

function readNative(path: string, format: BinaryKind, kept: MemberBuffer): NativeMember {
  const reading = kept.use(READERS[format]);
  return reading.ok ? { path, format, ...reading.facts } : { path, format, refusal: reading.message };
}
