import { knownLibrary, stemOf } from './library-licences';
import type { VendorLibrariesOptions } from './vendor-types';

/** The entry of `fromHost` that stands for what every desktop has. */
export const DESKTOP = 'desktop';

/**
 * Not of the desktop itself, and to be taken from it none the less: the drivers and toolkits of the user's machine are loaded into the same process, and they need the copy that they were
 * built with. An older libstdc++ keeps Mesa from loading its driver, an older GLib keeps GTK from loading at all. (AppImage's excludelist says the same of libstdc++ and libgcc_s.)
 */
const SHARED_WITH_THE_DESKTOP = new Set(['libstdc++', 'libgcc_s', 'libglib-2.0', 'libgobject-2.0', 'libgio-2.0', 'libgmodule-2.0', 'libgthread-2.0']);

/** Desktops come without Tcl/Tk, and its scripts would have to be found as well. */
const NOT_ON_DESKTOPS = new Set(['tcl', 'tk']);

export function isOfDesktop(soname: string): boolean {
  const known = knownLibrary(soname);
  return SHARED_WITH_THE_DESKTOP.has(stemOf(soname)) || (known?.desktop === true && !NOT_ON_DESKTOPS.has(known.name));
}

const fitsEntry = (entry: string, soname: string): boolean =>
  entry === DESKTOP ? isOfDesktop(soname) : entry === soname || entry === stemOf(soname);

/** Does the user want this library from the system that the bundle runs on. By SONAME alone; what is carried by name (`allow`) or never (`deny`) is decided before. */
export const isFromHost = (soname: string, { fromHost }: Pick<VendorLibrariesOptions, 'fromHost'>): boolean =>
  fromHost.some((entry) => fitsEntry(entry, soname));

/** Entries that stand for none of the libraries. */
export const idleEntries = ({ fromHost }: Pick<VendorLibrariesOptions, 'fromHost'>, sonames: readonly string[]): string[] =>
  fromHost.filter((entry) => !sonames.some((soname) => fitsEntry(entry, soname)));
