import { join } from 'node:path';
import type { ElfFacts } from '@waybill/binary';
import { bundleErrors } from '../../errors/bundle-errors';
import { hasElfMagic, readElfFile } from '../read-elf-file';

/** A native file of the bundle that a dynamic loader loads. */
export interface NativeFile {
  /** In the bundle. */
  path: string;
  elf: ElfFacts;
}

/** The loadable ELF files among some paths: executables and shared libraries with a PT_DYNAMIC; object files are not (trap T5). */
export function readNativeFiles(root: string, paths: readonly string[]): NativeFile[] {
  return paths.flatMap((path) => {
    const file = join(root, path);
    if (!hasElfMagic(file)) return [];
    const elf = readElfFile(file);
    const loadable = elf && elf.dynamic && (elf.type === 'shared' || elf.type === 'executable');
    return loadable ? [{ path, elf }] : [];
  });
}

/** What strip and patchelf must not change. */
const identityOf = (elf: ElfFacts): string =>
  JSON.stringify([
    elf.architecture,
    elf.type,
    elf.soname ?? null,
    elf.buildId ?? null,
    elf.interpreter ?? null,
    [...elf.needed].sort(),
    [...elf.versionDefinitions].sort(),
  ]);

/** Throws `BUNDLE_ELF_DAMAGED` when a file lost its identity or can no longer be read. */
export function checkUnharmed(root: string, before: readonly NativeFile[], tool: string): NativeFile[] {
  return before.map((native) => {
    const elf = readElfFile(join(root, native.path));
    const actual = elf ? identityOf(elf) : 'unreadable';
    const expected = identityOf(native.elf);
    if (!elf || actual !== expected) throw bundleErrors.error('BUNDLE_ELF_DAMAGED', { path: native.path, tool, expected, actual });
    return { path: native.path, elf };
  });
}

/** Lists of at most `size`, so that a command line stays short. */
export function inBatches<T>(items: readonly T[], size: number): T[][] {
  const batches: T[][] = [];
  for (let at = 0; at < items.length; at += size) batches.push(items.slice(at, at + size));
  return batches;
}
