export type ArchiveFormat = 'tar' | 'tar.gz' | 'tar.zst' | 'zip';

/** One entry to write. Times, owners and order are the writer's affair: all mtimes are one constant, uid and gid 0, no names. */
export type ArchiveEntry =
  | { kind: 'directory'; path: string; mode: number }
  | { kind: 'symlink'; path: string; linkTarget: string }
  | {
      kind: 'file';
      path: string;
      mode: number;
      size: number;
      /**
       * Called once; must yield exactly `size` bytes, each piece to be used before the next one is asked for. What needs no waiting costs
       * least: thousands of small files are as many promises saved.
       */
      open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
    };

export interface WriteArchiveRequest {
  format: ArchiveFormat;
  /** Written in the order given; the caller sorts. */
  entries: AsyncIterable<ArchiveEntry> | Iterable<ArchiveEntry>;
  /** Absolute path of the archive; written directly (the caller stages). */
  output: string;
  /** Seconds since 1970, every entry's mtime. */
  mtimeSeconds: number;
  /** Compression level of the format; default 6 for gzip and zip, 10 for zstd. */
  level?: number;
}

export interface WrittenArchive {
  size: number;
  sha256: string;
}

/** Limits against bombs; each error names the limit and the entry. */
export interface ExtractLimits {
  maxEntries: number;
  maxTotalBytes: number;
  maxEntryBytes: number;
  /** Unpacked bytes per packed byte, over the whole archive. */
  maxRatio: number;
}

export interface ExtractRequest {
  archive: string;
  /** Absolute folder, must exist and be empty. */
  destination: string;
  limits?: Partial<ExtractLimits>;
  /** When given, the archive's digest is checked while reading, before anything is visible as success (`ARCHIVE_DIGEST`). */
  sha256?: string;
  /** Strip that many leading path components (as tar does). */
  stripComponents?: number;
}
