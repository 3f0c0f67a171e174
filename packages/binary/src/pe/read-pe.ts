import type { ByteSource } from '../byte-source';
import type { PeFacts, PeReading } from '../pe-facts';
import { FileBytes } from '../reading/file-bytes';
import { readingOf } from '../reading/refused';
import { ImageBytes } from './image-bytes';
import { architectureOf, DIRECTORY, DLL, dllFlagsOf, subsystemOf } from './pe-constants';
import { readCertificates, readExports, readResources } from './read-directories';
import { type PeHeader, readHeader } from './read-header';
import { readImports } from './read-imports';

/**
 * Bytes to facts. Never throws and always ends, whatever the bytes: what cannot be right is a refusal with reason and offset. Reads headers, imports, the head of exports and resources and the certificate
 * table, nothing of code or data. (A source whose `read` throws is the one way out: that is its error.)
 */
export function readPe(source: ByteSource): PeReading {
  return readingOf(source, () => readFacts(new FileBytes(source)));
}

function readFacts(bytes: FileBytes): PeFacts {
  const header = readHeader(bytes);
  const { optional } = header;
  const headerBytes = optional.u32(60);
  const image = new ImageBytes(bytes, header, headerBytes);
  const exports = readExports(image);
  const signed = readCertificates(bytes, header);
  const overlay = findOverlay(bytes, header, headerBytes, signed.certificateTable);
  return {
    bits: header.bits,
    architecture: architectureOf(header.machine),
    machine: header.machine,
    dll: (header.characteristics & DLL) !== 0,
    characteristics: header.characteristics,
    subsystem: subsystemOf(optional.u16(68)),
    dllCharacteristics: optional.u16(70),
    dllFlags: dllFlagsOf(optional.u16(70)),
    timestamp: header.timestamp,
    imageBase: header.imageBase,
    entryPoint: optional.u32(16),
    subsystemVersion: `${optional.u16(48)}.${optional.u16(50)}`,
    headerBytes,
    checksum: { value: optional.u32(64), offset: header.optionalOffset + 64 },
    sections: header.sections,
    ...readImports(image),
    ...(exports ? { exports } : {}),
    ...readResources(image),
    managed: (header.directories[DIRECTORY.managed]?.address ?? 0) !== 0,
    ...signed,
    ...(overlay ? { overlay } : {}),
  };
}

function findOverlay(bytes: FileBytes, header: PeHeader, headerBytes: number, table: PeFacts['certificateTable']): PeFacts['overlay'] {
  const start = Math.max(headerBytes, ...header.sections.filter(({ fileSize }) => fileSize > 0).map(({ offset, fileSize }) => offset + fileSize));
  const signed = table !== undefined && table.size > 0 && table.offset >= start;
  // Linkers and signers pad to 8 bytes before the table.
  const end = signed ? table.offset : bytes.size;
  if (end - start >= 8 || (!signed && end > start)) return { offset: start, size: end - start };
  // Data behind the table is an overlay too; nothing covers it.
  const tableEnd = signed ? table.offset + table.size : bytes.size;
  return bytes.size > tableEnd ? { offset: tableEnd, size: bytes.size - tableEnd } : undefined;
}
