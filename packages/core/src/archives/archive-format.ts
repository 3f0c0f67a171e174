import type { ArchiveFormat } from './archive-entry';

/** The format that a file's name says; `undefined` when the name says none that Waybill reads. Wheels and jars are zip files, npm's `.tgz` is tar.gz. */
export function archiveFormatOf(_fileName: string): ArchiveFormat | undefined {
  throw new Error('not yet');
}

/** Names the implementation that makes the bytes of a format and its version: a hashed input of every task that writes archives. */
export function archiveWriterVersion(_format: ArchiveFormat): string {
  throw new Error('not yet');
}
