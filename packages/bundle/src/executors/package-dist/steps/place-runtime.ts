import { extractArchive, type ResolvedTool } from '@waybill/core';
import type { StageContext } from '@waybill/plugin-kit';
import type { LeakToken } from '@waybill/relocation';
import { mkdir } from 'node:fs/promises';
import { prepareRuntime, type PreparedRuntime } from '../../../runtime';
import type { PackageDistOptions } from '../options';
import type { PackagePlan } from '../plan';
import { runtimePorts } from '../runtime-ports';

export interface PlaceRuntimeRequest {
  context: StageContext<PackageDistOptions>;
  plan: PackagePlan;
  /** Absolute; empty when the runtime comes from another target. */
  root: string;
  symbolsRoot: string;
  leakTokens: readonly LeakToken[];
  patchelf: ResolvedTool;
  stripTool?: ResolvedTool;
}

/** The runtime in its place: unpacked as another target prepared it, or prepared here by the same code with the same requests: the bytes are the same. */
export async function placeRuntime(request: PlaceRuntimeRequest): Promise<PreparedRuntime> {
  const { context, plan, root } = request;
  const { runtime, platform, binary } = plan.facts;
  await mkdir(root, { recursive: true });
  if (runtime.from === 'target') {
    await extractArchive({ archive: runtime.artifact.file, destination: root, sha256: runtime.artifact.sha256 });
    return runtime.prepared;
  }
  const { prune, strip, pyc, vendorLibraries } = context.options;
  return prepareRuntime({
    runtime: runtime.facts,
    outputRoot: root,
    workspaceRoot: context.workspaceRoot,
    platform,
    embedded: binary !== undefined,
    prune,
    strip,
    pyc,
    vendorLibraries,
    symbolsRoot: request.symbolsRoot,
    leakTokens: request.leakTokens.filter(({ id }) => id === 'workspace'),
    patchelf: request.patchelf,
    ...(request.stripTool === undefined ? {} : { stripTool: request.stripTool }),
    ports: runtimePorts(context),
  });
}
