import { chmodSync, constants, copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mapConcurrently, type ResolvedTool } from '@waybill/core';
import { bundleErrors } from '../../errors/bundle-errors';
import { timeoutOf } from '../runtime-ports';
import type { RuntimePorts } from '../runtime-facts';
import { inBatches, type NativeFile } from './elf-index';
import { hasDebugData } from './debug-sections';

const BATCH = 128;
const CONCURRENCY = 2;

export interface DebugFile {
  buildId: string;
  /** Relative to the symbols folder: `.build-id/49/daf8….debug`, where debuggers look. */
  path: string;
  /** The file in the bundle that it belongs to. */
  of: string;
}

const placeOf = (buildId: string): string => `.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`;

/** Runs strip; what it says on a refusal is the error's last line (`BUNDLE_STRIP`). */
async function runStrip(tool: ResolvedTool, args: readonly string[], root: string, ports: RuntimePorts): Promise<void> {
  const result = await ports.processes.run({
    file: tool.path,
    args: [...tool.prefixArgs, ...args],
    env: ports.environment,
    timeoutMs: timeoutOf(ports),
  });
  if (result.exitCode !== 0) throw bundleErrors.error('BUNDLE_STRIP', { output: (result.stderr || result.stdout).trim().replaceAll(`${root}/`, '') });
}

/**
 * Sets aside a copy, by build id, of every file that has debug data, before it is stripped. Files without a build id cannot be found again
 * by a debugger and are passed over.
 */
export function setDebugDataAside(root: string, natives: readonly NativeFile[], symbolsRoot: string): DebugFile[] {
  const worthy = natives.filter((native) => native.elf.buildId !== undefined && hasDebugData(join(root, native.path)));
  const files = worthy.map(({ path, elf }) => ({ buildId: elf.buildId!, path: placeOf(elf.buildId!), of: path }));
  for (const { path, of } of files) {
    const output = join(symbolsRoot, path);
    if (existsSync(output)) continue;
    mkdirSync(dirname(output), { recursive: true });
    copyFileSync(join(root, of), output, constants.COPYFILE_FICLONE);
    chmodSync(output, 0o644);
  }
  return files.sort((left, right) => (left.of < right.of ? -1 : 1));
}

/** Leaves nothing but debug data of the copies that were set aside. */
export async function reduceToDebugData(symbolsRoot: string, files: readonly DebugFile[], tool: ResolvedTool, ports: RuntimePorts): Promise<void> {
  const paths = [...new Set(files.map(({ path }) => path))];
  await stripAll('--only-keep-debug', symbolsRoot, paths, tool, ports);
}

/** Strips files. Symbols that the loader needs stay. */
export async function stripFiles(root: string, natives: readonly NativeFile[], tool: ResolvedTool, ports: RuntimePorts): Promise<void> {
  await stripAll(
    '--strip-unneeded',
    root,
    natives.map(({ path }) => path),
    tool,
    ports,
  );
}

/** All files in few calls, each changed where it lies; what comes of one does not depend on the others. */
async function stripAll(operation: string, root: string, paths: readonly string[], tool: ResolvedTool, ports: RuntimePorts): Promise<void> {
  const batches = inBatches(paths, Math.min(BATCH, Math.ceil(paths.length / CONCURRENCY)));
  await mapConcurrently(batches, CONCURRENCY, (batch) => runStrip(tool, [operation, ...batch.map((path) => join(root, path))], root, ports));
}
