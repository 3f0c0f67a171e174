import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesAsSource, type ByteSource } from '@waybill/binary';
import { openByteSource } from '@waybill/core';

/** Up to here a member is kept in memory; beyond it goes to a temporary file. */
const IN_MEMORY_BYTES = 32 * 1024 * 1024;

/** The bytes of one member, for readers that jump: in memory, or in a file of a private temporary folder. */
export class MemberBuffer {
  private parts: Uint8Array[] = [];
  private bytes = 0;
  private folder: string | undefined;
  private descriptor: number | undefined;

  add(chunk: Uint8Array): void {
    if (this.descriptor === undefined && this.bytes + chunk.length > IN_MEMORY_BYTES) this.spill();
    if (this.descriptor === undefined) this.parts.push(chunk);
    else writeWhole(this.descriptor, chunk);
    this.bytes += chunk.length;
  }

  /** Hands the bytes to `work`. Once. */
  use<T>(work: (source: ByteSource) => T): T {
    if (this.folder === undefined) return work(bytesAsSource(Buffer.concat(this.parts)));
    const source = openByteSource(join(this.folder, 'member'));
    try {
      return work(source);
    } finally {
      source.close();
    }
  }

  discard(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true });
    this.parts = [];
    this.descriptor = undefined;
    this.folder = undefined;
  }

  private spill(): void {
    this.folder = mkdtempSync(join(tmpdir(), 'waybill-member-'));
    this.descriptor = openSync(join(this.folder, 'member'), 'w', 0o600);
    for (const part of this.parts) writeWhole(this.descriptor, part);
    this.parts = [];
  }
}

function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
}
