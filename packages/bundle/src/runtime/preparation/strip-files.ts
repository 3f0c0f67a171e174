import { chmod, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mapConcurrently, type ResolvedTool } from '@waybill/core';
import { bundleErrors } from '../../errors/bundle-errors';
import { timeoutOf } from '../runtime-ports';
import type { RuntimePorts } from '../runtime-facts';
import { inBatches, type NativeFile } from './elf-index';
import { hasDebugData } from './debug-sections';

const BATCH = 128;
const CONCURRENCY = 4;

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

/** Keeps debug data by build id. Files without a build id cannot be found again by a debugger and are passed over. */
export async function keepDebugData(
  root: string,
  natives: readonly NativeFile[],
  symbolsRoot: string,
  tool: ResolvedTool,
  ports: RuntimePorts,
): Promise<DebugFile[]> {
  const worthy = natives.filter((native) => native.elf.buildId !== undefined && hasDebugData(join(root, native.path)));
  const kept = await mapConcurrently(worthy, CONCURRENCY, async (native) => {
    const buildId = native.elf.buildId ?? '';
    const path = placeOf(buildId);
    const output = join(symbolsRoot, path);
    await mkdir(dirname(output), { recursive: true });
    await runStrip(tool, ['--only-keep-debug', '-o', output, join(root, native.path)], root, ports);
    await chmod(output, 0o644);
    return { buildId, path, of: native.path };
  });
  return kept.sort((left, right) => (left.of < right.of ? -1 : 1));
}

/** Strips all files in few calls. Symbols that the loader needs stay. */
export async function stripFiles(root: string, natives: readonly NativeFile[], tool: ResolvedTool, ports: RuntimePorts): Promise<void> {
  for (const batch of inBatches(natives, BATCH)) {
    await runStrip(tool, ['--strip-unneeded', ...batch.map((native) => join(root, native.path))], root, ports);
  }
}
