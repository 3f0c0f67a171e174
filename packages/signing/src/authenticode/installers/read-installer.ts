import { looksLikeInstaller, verifyInstaller } from '@waybill/binary';
import { openByteSource } from '@waybill/core';
import type { PeReadingOfFile } from '../read-pe-file';

/** Packages and patches of Windows Installer; documents of other programs are files of the same kind. */
const INSTALLER = /\.ms[ip]$/i;
const HEAD_BYTES = 8;

/** By its content and the ending of `name`. */
export function isInstaller(path: string, name: string): boolean {
  if (!INSTALLER.test(name)) return false;
  const source = openByteSource(path);
  try {
    return source.size >= HEAD_BYTES && looksLikeInstaller(source.read(0, HEAD_BYTES));
  } finally {
    source.close();
  }
}

/** As a PE file: its digest is that of what it holds without signatures. `now`: milliseconds since 1970. */
export function readInstaller(path: string, now: number, name: string): PeReadingOfFile {
  if (!isInstaller(path, name)) return undefined;
  const source = openByteSource(path);
  try {
    const read = verifyInstaller(source, { now });
    return read.ok ? read.facts : { broken: read.refusal.message };
  } finally {
    source.close();
  }
}
