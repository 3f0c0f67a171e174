import { readElf, type ElfFacts } from '@waybill/binary';
import { findFiles, openByteSource } from '@waybill/core';
import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { bundleErrors } from '../../../errors/bundle-errors';
import type { BinaryFacts } from '../package-facts';

const GLOB = /[*?[\]{}!()]/;
const LIBPYTHON = /^libpython3(\.\d+)?[a-z]*\.so(\.\d+)*$/;

/** The one file that `binary` names: none and two are errors, the second names both. Relative to the workspace. */
export async function findBinary(pattern: string, workspaceRoot: string): Promise<string> {
  if (statSync(join(workspaceRoot, pattern), { throwIfNoEntry: false })?.isFile()) return pattern;
  const files = GLOB.test(pattern) ? await findFiles([pattern], { cwd: workspaceRoot }) : [];
  if (files.length === 0) throw bundleErrors.error('BUNDLE_BINARY_MISSING', { pattern });
  if (files.length > 1) throw bundleErrors.error('BUNDLE_BINARY_AMBIGUOUS', { pattern, files: [...files].sort() });
  return files[0]!;
}

/** A program without PT_INTERP that needs nothing loads nothing: static, position independent or not. */
const isStatic = (facts: ElfFacts): boolean =>
  !facts.dynamic || (facts.interpreter === undefined && facts.needed.length === 0 && facts.soname === undefined);

async function readProgram(path: string, file: string): Promise<{ facts: ElfFacts; size: number }> {
  const source = openByteSource(file);
  try {
    const start = Buffer.from(source.read(0, Math.min(128, source.size)));
    if (start.subarray(0, 2).toString('latin1') === '#!') {
      throw bundleErrors.error('BUNDLE_BINARY_SCRIPT', { file: path, firstLine: start.toString('latin1').split(/\r?\n/)[0]! });
    }
    const reading = readElf(source);
    if (!reading.ok) throw bundleErrors.error('BUNDLE_BINARY_FORMAT', { file: path, reason: reading.refusal.message });
    return { facts: reading.facts, size: source.size };
  } finally {
    source.close();
  }
}

/** Reads the program and refuses what cannot become the program of a bundle for `architecture`. */
export async function readBinary(path: string, workspaceRoot: string, architecture: string): Promise<BinaryFacts> {
  const file = join(workspaceRoot, path);
  const { facts, size } = await readProgram(path, file);
  if (facts.architecture !== architecture) {
    throw bundleErrors.error('BUNDLE_BINARY_ARCHITECTURE', { file: path, expected: architecture, actual: facts.architecture });
  }
  if (facts.type !== 'executable' && facts.type !== 'shared') {
    throw bundleErrors.error('BUNDLE_BINARY_FORMAT', { file: path, reason: `it is of type \`${facts.type}\`` });
  }
  if (isStatic(facts)) throw bundleErrors.error('BUNDLE_BINARY_STATIC', { file: path });
  if (facts.interpreter === undefined) throw bundleErrors.error('BUNDLE_BINARY_FORMAT', { file: path, reason: 'it is a library, not a program' });
  const { mode } = await stat(file);
  if ((mode & 0o111) === 0) throw bundleErrors.error('BUNDLE_BINARY_MODE', { file: path, mode: (mode & 0o777).toString(8).padStart(4, '0') });
  const libpython = facts.needed.map((name) => basename(name)).find((name) => LIBPYTHON.test(name));
  return {
    path,
    file,
    size,
    architecture: facts.architecture,
    needed: facts.needed,
    ...(libpython === undefined ? {} : { libpython }),
    ...(facts.buildId === undefined ? {} : { buildId: facts.buildId }),
  };
}

/**
 * The program's own DT_NEEDED decides which libpython it wants; "the one `libpython*.so*` in the runtime" would be wrong, there are
 * up to three. `libpython3.so`, the shim of the stable ABI, is matched by every runtime of 3.x that has it.
 */
export function checkLibpython(binary: BinaryFacts, sonames: readonly string[]): void {
  if (binary.libpython !== undefined && sonames.includes(binary.libpython)) return;
  throw bundleErrors.error('BUNDLE_BINARY_LIBPYTHON', {
    file: binary.path,
    expected: sonames[0] ?? 'a shared libpython',
    actual: binary.libpython === undefined ? [] : [binary.libpython],
  });
}
