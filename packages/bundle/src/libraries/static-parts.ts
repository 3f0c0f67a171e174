import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import type { CarriedLibrary } from '@waybill/artifacts';
import type { Finding } from '@waybill/core';
import { textRanges } from '../runtime/preparation/debug-sections';
import type { NativeFile } from '../runtime/preparation/elf-index';
import { isStrongCopyleft } from './library-licences';
import type { VendorLibrariesOptions } from './vendor-types';

/** A library that is linked into a runtime's own files, recognised by text that its code carries. */
interface StaticPart {
  name: string;
  licence: (version: string) => string;
  /** Plain text to look for first. */
  marker: string;
  /** At the marker: the version is its first group. */
  pattern: RegExp;
  /** When the file needs such a library, the text is a caller's, not the library's. */
  dynamic: RegExp;
}

/** Oracle changed the licence with 6.0.20; python-build-standalone stays at the last one before it for that reason. */
const isSleepycat = (version: string): boolean => {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return major < 6 || (major === 6 && minor === 0 && patch < 20);
};

const always = (licence: string) => (): string => licence;

/** Kept by hand from the build recipes of python-build-standalone, Debian and CPython's own `Modules/`. */
const STATIC_PARTS: readonly StaticPart[] = [
  {
    name: 'openssl',
    licence: (version) => (version.startsWith('1.') ? 'OpenSSL' : 'Apache-2.0'),
    marker: 'OpenSSL ',
    pattern: /^OpenSSL (\d+\.\d+\.\d+[a-z]*) +\d{1,2} [A-Z][a-z]{2} \d{4}/,
    dynamic: /^lib(ssl|crypto)\./,
  },
  { name: 'sqlite', licence: always('blessing'), marker: 'SQLite format 3', pattern: /^SQLite format 3()/, dynamic: /^libsqlite3\./ },
  { name: 'zlib', licence: always('Zlib'), marker: ' deflate ', pattern: /^ deflate (\d+\.\d+(?:\.\d+)*) Copyright/, dynamic: /^libz\./ },
  {
    name: 'bzip2',
    licence: always('bzip2-1.0.6'),
    marker: 'bzip2/libbzip2: internal error',
    pattern: /^bzip2\/libbzip2: internal error()/,
    dynamic: /^libbz2\./,
  },
  { name: 'xz', licence: always('0BSD'), marker: 'lzma_alone_decoder_init', pattern: /^lzma_alone_decoder_init()/, dynamic: /^liblzma\./ },
  { name: 'ncurses', licence: always('X11'), marker: 'ncurses ', pattern: /^ncurses (\d+\.\d+\.\d{8})/, dynamic: /^lib(ncurses|tinfo)w?\./ },
  { name: 'libedit', licence: always('BSD-3-Clause'), marker: 'ed-search-next-history', pattern: /^ed-search-next-history()/, dynamic: /^libedit\./ },
  {
    name: 'readline',
    licence: always('GPL-3.0-or-later'),
    marker: 'vi-unix-word-rubout',
    pattern: /^vi-unix-word-rubout()/,
    dynamic: /^libreadline\./,
  },
  {
    name: 'berkeley-db',
    licence: (version) => (isSleepycat(version) ? 'Sleepycat' : 'AGPL-3.0-only'),
    marker: 'Berkeley DB ',
    pattern: /^Berkeley DB (\d+\.\d+\.\d+): \(/,
    dynamic: /^libdb/,
  },
  { name: 'expat', licence: always('MIT'), marker: 'expat_', pattern: /^expat_(\d+\.\d+\.\d+)/, dynamic: /^libexpat\./ },
  {
    name: 'mpdecimal',
    licence: always('BSD-2-Clause'),
    marker: 'libmpdec: internal error in',
    pattern: /^libmpdec: internal error in()/,
    dynamic: /^libmpdec/,
  },
  { name: 'libffi', licence: always('MIT'), marker: 'ffi_prep_cif_core', pattern: /^ffi_prep_cif_core()/, dynamic: /^libffi\./ },
  { name: 'libuuid', licence: always('BSD-3-Clause'), marker: '__uuid_generate_time', pattern: /^__uuid_generate_time()/, dynamic: /^libuuid\./ },
  { name: 'tcl', licence: always('TCL'), marker: 'tcl_patchLevel', pattern: /^tcl_patchLevel()/, dynamic: /^libtcl/ },
  { name: 'tk', licence: always('TCL'), marker: 'tk_patchLevel', pattern: /^tk_patchLevel()/, dynamic: /^lib(tcl\d*)?tk/ },
];

const CHUNK_BYTES = 8 * 1024 * 1024;
const WINDOW_BYTES = 96;

/** First version found at a marker, `''` when the part is there and tells none, `undefined` when it is not there. */
function versionIn(bytes: Buffer, part: StaticPart): string | undefined {
  for (let at = bytes.indexOf(part.marker); at >= 0; at = bytes.indexOf(part.marker, at + 1)) {
    const match = part.pattern.exec(bytes.toString('latin1', at, at + WINDOW_BYTES));
    if (match) return match[1] ?? '';
  }
  return undefined;
}

/** Reads what can hold texts in pieces that overlap, so that memory stays small for libpythons of 100 MB. */
function partsOf(file: string, parts: readonly StaticPart[], buffer: Buffer): Map<string, string> {
  const found = new Map<string, string>();
  const descriptor = openSync(file, 'r');
  try {
    for (const range of textRanges(descriptor, fstatSync(descriptor).size)) {
      for (let position = 0; position < range.size; position += CHUNK_BYTES) {
        const wanted = Math.min(buffer.length, range.size - position);
        const bytes = buffer.subarray(0, readSync(descriptor, buffer, 0, wanted, range.offset + position));
        for (const part of parts) {
          const version = found.has(part.name) ? undefined : versionIn(bytes, part);
          if (version !== undefined) found.set(part.name, version);
        }
      }
    }
    return found;
  } finally {
    closeSync(descriptor);
  }
}

/** Licence texts among the runtime's that are a part's, by name (`LICENSE.openssl-3.txt`). */
const textsOf = (name: string, placed: readonly string[]): string[] =>
  placed.filter((path) => basename(path).toLowerCase().includes(name.toLowerCase()));

/**
 * Libraries inside the runtime's own native files. `sourceOf` gives the file (absolute) that a native was copied from: stripping takes
 * away what some are known by. `placedLicences` are the licence texts that the bundle has of the runtime; a part
 * without a text of its own is covered by the runtime's.
 */
export function findStaticParts(
  natives: readonly NativeFile[],
  sourceOf: (path: string) => string,
  placedLicences: readonly string[],
): CarriedLibrary[] {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES + WINDOW_BYTES);
  const parts = natives.flatMap(({ path, elf }) => {
    const possible = STATIC_PARTS.filter((part) => !elf.needed.some((needed) => part.dynamic.test(basename(needed))));
    return [...partsOf(sourceOf(path), possible, buffer)].map(([name, version]) => ({ path, name, version }));
  });
  return parts.map(({ path, name, version }) => {
    const licence = STATIC_PARTS.find((part) => part.name === name)?.licence(version) ?? 'NOASSERTION';
    const own = textsOf(name, placedLicences);
    return { path, name, version: version || 'unknown', licence, licenceFiles: own.length > 0 ? own : [...placedLicences].slice(0, 1) };
  });
}

/** Copyleft inside a runtime cannot be left out: it is said, until `vendorLibraries.allow` names the part or its licence. */
export function judgeStaticParts(parts: readonly CarriedLibrary[], options: VendorLibrariesOptions): Finding[] {
  const strong = parts.filter(({ name, licence }) => isStrongCopyleft(licence) && !options.allow.includes(name) && !options.allow.includes(licence));
  return strong.map(({ path, name, licence }) => ({
    check: 'licences',
    level: 'warning',
    path,
    message: `the runtime has ${name} in it, whose licence is ${licence}`,
    fix: `choose a runtime without it, or add \`"${name}"\` to \`vendorLibraries.allow\` when you may ship it`,
  }));
}
