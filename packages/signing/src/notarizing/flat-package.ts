import { createHash, type Hash } from 'node:crypto';
import { copyFile, open, truncate } from 'node:fs/promises';
import { inflateSync } from 'node:zlib';
import { openByteSource, type FileByteSource } from '@waybill/core';
import type { CodeHash } from '../notary/ticket';

/** A package for Apple’s Installer that is one file: a xar archive, perhaps with a ticket behind it. */
export interface FlatPackage {
  /** Of its table of contents: by that tickets are known. */
  hash: CodeHash;
  /** Bytes of the archive itself, without a ticket. */
  contentBytes: number;
  ticket?: Buffer;
}

const MAGIC = 'xar!';
const HEADER_BYTES = 28;
const MOST_TABLE_BYTES = 64 * 1024 * 1024;
/** A table of a thousand files has some 600 KiB. */
const MOST_WORDS_BYTES = 256 * 1024 * 1024;
const HASH_NUMBERS: Readonly<Record<string, number>> = { sha1: 1, sha256: 2 };
/** Apple’s own, around a ticket: its magic, version 1, what stands before it and how long that is. */
const TRAILER = { magic: 't8lr', bytes: 16, terminator: 1, ticket: 2 } as const;

/** What is wrong with a package, for people. */
export class Broken extends Error {}

/** Reads header, table of contents and a ticket; the table must have the digest that stands beside it. */
export function readFlatPackage(path: string): FlatPackage | { broken: string } {
  const source = openByteSource(path);
  try {
    return readPackage(source);
  } catch (error) {
    if (error instanceof Broken) return { broken: error.message };
    throw error;
  } finally {
    source.close();
  }
}

function readPackage(source: FileByteSource): FlatPackage {
  const { style, digest } = readTable(source);
  return { hash: { hashType: HASH_NUMBERS[style]!, cdhash: digest.toString('hex').slice(0, 40) }, ...ticketIn(source) };
}

export interface PackageTable {
  /** As it stands in the file, compressed. */
  bytes: Buffer;
  /** XML. */
  text: string;
  style: string;
  /** Of `bytes`: what signatures and tickets are about. */
  digest: Buffer;
  /** Where the part begins from which the table counts offsets. */
  heap: number;
}

/** The table of contents; it must have the digest that stands beside it. Throws `Broken`. */
export function readTable(source: FileByteSource): PackageTable {
  const header = piece(source, 0, HEADER_BYTES, 'the header');
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new Broken('it is no xar archive, as packages are');
  const [headerBytes, tableBytes] = [header.readUInt16BE(4), Number(header.readBigUInt64BE(8))];
  if (headerBytes < HEADER_BYTES || tableBytes > MOST_TABLE_BYTES) throw new Broken('its header names sizes that no package has');
  const bytes = piece(source, headerBytes, tableBytes, 'the table of contents');
  const text = inflate(bytes).toString('utf8');
  const { style, offset } = checksumIn(text);
  const digest = hashOf(style).update(bytes).digest();
  const heap = headerBytes + tableBytes;
  const expected = piece(source, heap + offset, digest.length, 'the digest of the table of contents');
  if (!expected.equals(digest)) throw new Broken('its table of contents has another digest than the one that stands beside it');
  return { bytes, text, style, digest, heap };
}

export function piece(source: FileByteSource, offset: number, length: number, what: string): Buffer {
  if (offset + length > source.size) throw new Broken(`it ends inside of ${what}`);
  return Buffer.from(source.read(offset, length));
}

const hashOf = (style: string): Hash => createHash(style);

function checksumIn(text: string): { style: string; offset: number } {
  const [, style, words] = /<checksum\s+style="(\w+)"\s*>([^]*?)<\/checksum>/.exec(text) ?? [];
  const [, offset] = /<offset>(\d{1,10})<\/offset>/.exec(words ?? '') ?? [];
  if (style === undefined || offset === undefined) throw new Broken('its table of contents names no digest of its own');
  if (HASH_NUMBERS[style.toLowerCase()] === undefined) throw new Broken(`the digest of its table of contents is ${style}, expected sha1 or sha256`);
  return { style: style.toLowerCase(), offset: Number(offset) };
}

function inflate(table: Buffer): Buffer {
  try {
    return inflateSync(table, { maxOutputLength: MOST_WORDS_BYTES });
  } catch (cause) {
    throw new Broken(`its table of contents is damaged (${(cause as Error).message})`);
  }
}

function ticketIn(source: FileByteSource): Pick<FlatPackage, 'contentBytes' | 'ticket'> {
  const end = trailerAt(source, source.size - TRAILER.bytes);
  if (end?.type !== TRAILER.ticket) return { contentBytes: source.size };
  const start = source.size - 2 * TRAILER.bytes - end.length;
  if (trailerAt(source, start)?.type !== TRAILER.terminator) throw new Broken('the ticket behind it has no beginning');
  return { contentBytes: start, ticket: piece(source, start + TRAILER.bytes, end.length, 'the ticket') };
}

function trailerAt(source: FileByteSource, offset: number): { type: number; length: number } | undefined {
  if (offset < HEADER_BYTES) return undefined;
  const bytes = piece(source, offset, TRAILER.bytes, 'a trailer');
  return bytes.toString('latin1', 0, 4) === TRAILER.magic ? { type: bytes.readUInt16LE(6), length: bytes.readUInt32LE(8) } : undefined;
}

function trailer(type: number, length: number): Buffer {
  const bytes = Buffer.alloc(TRAILER.bytes);
  bytes.write(TRAILER.magic, 'latin1');
  bytes.writeUInt16LE(1, 4);
  bytes.writeUInt16LE(type, 6);
  bytes.writeUInt32LE(length, 8);
  return bytes;
}

/** A copy of the package with the ticket behind it, in place of an older one. */
export async function stapleFlatPackage(path: string, { contentBytes }: FlatPackage, ticket: Buffer, output: string): Promise<void> {
  await copyFile(path, output);
  await truncate(output, contentBytes);
  const file = await open(output, 'a');
  try {
    await file.write(Buffer.concat([trailer(TRAILER.terminator, 0), ticket, trailer(TRAILER.ticket, ticket.length)]));
    await file.sync();
  } finally {
    await file.close();
  }
}
