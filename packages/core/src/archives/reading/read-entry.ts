export type ReadEntryKind = 'file' | 'directory' | 'symlink' | 'hardlink' | 'special';

/** Numbers and names of a tar entry's owner, as stored; a name is empty when there is none. */
export interface EntryOwner {
  uid: number;
  gid: number;
  user: string;
  group: string;
}

/** What an archive says of one entry. Nothing of it is checked: paths and targets stand as the archive spells them. */
export interface ReadEntry {
  path: string;
  kind: ReadEntryKind;
  /** Permission bits only (`mode & 0o7777`). */
  mode: number;
  /** Bytes; 0 for what is not a file. */
  size: number;
  /** Seconds since 1970, with what a pax record says behind the point. Zip times name no zone and count two seconds: read as UTC. */
  mtimeSeconds: number;
  /** Tar only. */
  owner?: EntryOwner;
  /** Symlinks: the target as stored. Hard links: the path in the archive. */
  linkTarget?: string;
  /** Special entries: what it is, in words. */
  special?: string;
  /** Files: the content, once, and only until the next entry is asked for. */
  content(): AsyncIterable<Uint8Array>;
}
