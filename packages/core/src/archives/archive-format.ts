import type { ArchiveFormat } from './archive-entry';
import { DEFLATE_BLOCK_BYTES } from './writing/deflate-block';
import { ZSTD_FRAME_BYTES } from './writing/write-zstd';

const SUFFIXES: readonly (readonly [suffix: string, format: ArchiveFormat])[] = [
  ['.tar', 'tar'],
  ['.tar.gz', 'tar.gz'],
  ['.tgz', 'tar.gz'],
  ['.tar.zst', 'tar.zst'],
  ['.tzst', 'tar.zst'],
  ['.zip', 'zip'],
  ['.whl', 'zip'],
  ['.jar', 'zip'],
];

/** The format that a file's name says, in any case of letters; `undefined` when it says none that is read here. */
export function archiveFormatOf(fileName: string): ArchiveFormat | undefined {
  const name = fileName.toLowerCase();
  return SUFFIXES.find(([suffix]) => name.endsWith(suffix))?.[1];
}

const DEFLATE = `deflate(pako-3.0.3,${DEFLATE_BLOCK_BYTES})`;

const WRITER_VERSIONS: Readonly<Record<ArchiveFormat, string>> = {
  tar: 'waybill-tar-1',
  'tar.gz': `waybill-tar-1 gzip-1 ${DEFLATE}`,
  'tar.zst': `waybill-tar-1 zstd(@toondepauw/node-zstd-1.2.0,${ZSTD_FRAME_BYTES})`,
  zip: `waybill-zip-1 ${DEFLATE}`,
};

/**
 * Names what makes the bytes of a format: where this text is the same, the same entries give the same bytes, whatever Node and machine. It holds
 * nothing of the running Node, because the bytes do not depend on it; it belongs into the hash of every task that writes archives.
 */
export function archiveWriterVersion(format: ArchiveFormat): string {
  return WRITER_VERSIONS[format];
}
