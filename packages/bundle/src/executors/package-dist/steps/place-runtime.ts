import { extractArchive, type ResolvedTool } from '@waybill/core';
import type { StageContext } from '@waybill/plugin-kit';
import type { LeakToken } from '@waybill/relocation';
import { mkdir } from 'node:fs/promises';
import { startRuntime, type RuntimeFacts, type RuntimeInPlace, type StartedRuntime } from '../../../runtime';
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

type RuntimeOfTarget = Extract<PackagePlan['facts']['runtime'], { from: 'target' }>;

/** The runtime as another target prepared it, unpacked. */
export async function unpackRuntime({ root }: Pick<PlaceRuntimeRequest, 'root'>, runtime: RuntimeOfTarget): Promise<RuntimeInPlace> {
  await mkdir(root, { recursive: true });
  await extractArchive({ archive: runtime.artifact.file, destination: root, sha256: runtime.artifact.sha256 });
  return runtime.prepared;
}

/** The runtime of this machine, prepared by the same code with the same requests as by a target of its own: the bytes are the same. */
export async function placeRuntime(request: PlaceRuntimeRequest, facts: RuntimeFacts): Promise<StartedRuntime> {
  const { context, plan, root } = request;
  const { platform, binary } = plan.facts;
  await mkdir(root, { recursive: true });
  const { prune, strip, pyc, vendorLibraries } = context.options;
  return startRuntime({
    runtime: facts,
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
