import { basename, dirname } from 'node:path';
import { isSystemLibrary, resolveNeeded, type BundleEntry, type BundleFacts } from '@waybill/relocation';
import type { ElfFacts } from '@waybill/binary';
import { bundleErrors } from '../errors/bundle-errors';

/** Folders of the bundle that are on the search path of its executables. */
const SEARCHED = ['python/runtime/lib', 'lib'];

export interface LibraryNeed {
  /** File of the bundle. */
  path: string;
  elf: ElfFacts;
  sonames: readonly string[];
}

export interface Needs {
  needs: readonly LibraryNeed[];
  /** A library of that name is where every file of the bundle finds it. */
  provided: (soname: string) => boolean;
  /** Where else in the bundle a library of that name is (brought by a wheel for itself). */
  elsewhere: (soname: string) => string | undefined;
}

type NativeEntry = BundleEntry & { elf: ElfFacts };

const isNative = (entry: BundleEntry): entry is NativeEntry => entry.elf?.dynamic === true;
const namesOf = (entry: NativeEntry): string[] => [...new Set([basename(entry.path), ...(entry.elf.soname ? [entry.elf.soname] : [])])];

function indexByName(natives: readonly NativeEntry[], chosen: (entry: NativeEntry) => boolean): Map<string, string> {
  return new Map(natives.filter(chosen).flatMap((entry) => namesOf(entry).map((name) => [name, entry.path] as [string, string])));
}

/** Throws `BUNDLE_LIBRARY_GLIBC` when the tree holds a part of glibc. */
export function refuseGlibc(facts: BundleFacts): void {
  for (const entry of facts.entries.filter(isNative)) {
    if (entry.elf.soname && isSystemLibrary(facts.platform, entry.elf.soname)) throw bundleErrors.error('BUNDLE_LIBRARY_GLIBC', { path: entry.path });
  }
}

/** What the native files of a tree need beyond the system and the tree itself, sorted by path. */
export function collectNeeds(facts: BundleFacts): Needs {
  const natives = facts.entries.filter(isNative);
  const searched = indexByName(natives, (entry) => SEARCHED.includes(dirname(entry.path)));
  const anywhere = indexByName(natives, (entry) => !SEARCHED.includes(dirname(entry.path)));
  const needs = natives.flatMap((entry) => {
    const open = resolveNeeded(facts, entry.path)
      .filter(({ status }) => status === 'missing' || status === 'outside')
      .map(({ needed }) => needed);
    const sonames = [...new Set(open.map((name) => basename(name)))].filter((name) => !searched.has(name) && !isSystemLibrary(facts.platform, name));
    return sonames.length > 0 ? [{ path: entry.path, elf: entry.elf, sonames: sonames.sort() }] : [];
  });
  return { needs, provided: (soname) => searched.has(soname), elsewhere: (soname) => anywhere.get(soname) };
}
