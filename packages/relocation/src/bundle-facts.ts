import type { ElfFacts, BinaryRefusal } from '@waybill/binary';
import type { TreeItem } from '@waybill/core';

/** One entry of a bundle with everything that the static checks want to know of it. Filled by a reader, judged by policies. */
export interface BundleEntry extends TreeItem {
  /** Files only, lower-case hex. */
  sha256?: string;
  /** What the content is, found by content, never by extension. */
  content?: 'elf' | 'mach-o' | 'pe' | 'script' | 'pyc' | 'zip' | 'gzip' | 'text' | 'data' | 'empty';
  elf?: ElfFacts;
  elfRefusal?: BinaryRefusal;
  /** First line of a script, `#!` included, at most 4,096 bytes, line ending kept. */
  shebang?: string;
  /** Whole text of small files that policies read (RECORD, METADATA, *.pth, pyvenv.cfg, *.pc, direct_url.json, `_sysconfigdata*`), at most 64 MiB; absent for larger ones. */
  text?: string;
  /** Header of a .pyc: magic number (little endian 16 bit), flags word, source mtime and size when mtime-based, else the source's hash (16 hex digits); co_filename of the module; `damaged`: the code is cut off or no code. */
  pyc?: { magic: number; flags: number; sourceMtime?: number; sourceSize?: number; sourceHash?: string; fileName?: string; damaged?: boolean };
  /** Sources with a hash-based .pyc: the hash that a pyc with this magic number has to hold (PEP 552). */
  sourceHash?: { magic: number; hash: string };
  /** The text begins with, or soon holds, a private key (PEM). */
  privateKey?: boolean;
  /** Forbidden byte strings found (check `build-paths`). */
  leaks?: readonly LeakHit[];
  /** `security.capability` is set on the file. */
  fileCapabilities?: boolean;
  /** Zip and gzip files that cannot be read to their end: why (bad directory, wrong sum, cut off). */
  archiveFault?: string;
  /** Packed formats in which paths were not looked for: the file’s own (`xz`), or of members (`` `a.bin`: xz ``). */
  sealed?: readonly string[];
  /** Named and unchanged in the RECORD of the dist-info that it belongs to. */
  recorded?: boolean;
}

export interface LeakHit {
  /** Which token: see `LeakToken.id`. */
  token: string;
  /** Byte offset in the file, or in the named member. */
  offset: number;
  /** How it is written; in base64 `offset` is that of the word that decodes to it. */
  encoding: 'utf8' | 'utf16le' | 'utf32le' | 'base64';
  /** Member of a zip or gzip in which it stands. */
  member?: string;
  /** Printable text round the hit, at most 160 characters. */
  excerpt: string;
}

/** A path of the building machine that must not stand in a bundle. */
export interface LeakToken {
  id: 'runtime-origin' | 'workspace' | 'home' | 'cargo-home' | 'temporary' | 'hidden';
  /** Absolute path, without trailing slash. */
  path: string;
}

/** A tree as facts. `entries` are sorted by path, bytewise. */
export interface BundleFacts {
  /** `linux-x86_64`, … */
  platform: string;
  entries: readonly BundleEntry[];
  /** Where things are in this bundle, found by content; all paths in the bundle. */
  layout: BundleLayout;
}

export interface BundleLayout {
  /** What a user starts. */
  launcher?: string;
  /** The program that the launcher starts, when it is a native program of the app (embedded-app). */
  program?: string;
  /** Folder that holds `lib/python3.x`. */
  pythonHome?: string;
  /** The bundle's own interpreter executable. */
  python?: string;
  libpython?: string;
  /** `3.11`, from the name of the standard library's folder. */
  pythonSeries?: string;
  /** The runtime is a build without the global lock (`lib/python3.13t`), which loads other extension modules. */
  freeThreaded?: boolean;
  /** `3.11.7`, from the manifest, or from `include/patchlevel.h`, or unknown. */
  pythonVersion?: string;
  /** Folders that hold third-party packages. */
  sitePackages: readonly string[];
  /** Python code is in an archive inside the program (PyInstaller and its like): package metadata may name files that are not there. */
  frozen?: boolean;
  /** Folders in the bundle that the launcher puts in front of LD_LIBRARY_PATH. */
  launcherLibraryFolders?: readonly string[];
}
