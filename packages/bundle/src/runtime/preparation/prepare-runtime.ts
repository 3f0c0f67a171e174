import { basename } from 'node:path';
import { bothToTheEnd } from '@waybill/core';
import type { PreparedRuntime, PrepareRuntimeRequest, RuntimeInPlace } from '../runtime-facts';
import { copyRuntime } from './copy-runtime';
import { step } from '../runtime-ports';
import { HOME, listWritten, newWork, shown, timed, topmost, type Work } from './preparation-work';
import {
  carryHostLibraries,
  compileLibrary,
  describeCarried,
  keepDebugData,
  neutralise,
  patchNatives,
  placeTexts,
  stripNatives,
  tryRuntime,
} from './preparation-steps';

type Step = readonly [name: string, run: (work: Work) => Promise<void>];

/** The steps in their order: strip comes before patchelf (facts §4), paths are overwritten after it (trap T31). */
const STEPS: readonly Step[] = [
  ['copy runtime', copyRuntime],
  ['make texts relocatable', placeTexts],
  ['carry host libraries', carryHostLibraries],
  ['strip', stripNatives],
  ['set search paths', patchNatives],
  ['neutralise build paths', neutralise],
];
/** What goes on while the runtime, whose files are what they will be, compiles its library. */
const BESIDE_COMPILING: readonly Step[] = [
  ['keep debug data', keepDebugData],
  ['describe what is carried', describeCarried],
];

function resultOf(work: Work): RuntimeInPlace {
  const { runtime, request } = work;
  return {
    facts: {
      version: runtime.version,
      series: runtime.series,
      provider: runtime.provider,
      source: runtime.source,
      ...(runtime.sha256 && { sha256: runtime.sha256 }),
      ...(runtime.buildId && { buildId: runtime.buildId }),
      architecture: runtime.architecture,
      staticInterpreter: runtime.staticInterpreter,
      ...(work.libpython && { soname: basename(work.libpython) }),
      abiFlags: runtime.abiFlags,
      compiled: request.pyc === 'unchecked-hash' && runtime.runsHere,
    },
    home: HOME,
    python: work.python,
    ...(work.libpython && { libpython: work.libpython }),
    stdlib: work.stdlib,
    sitePackages: `${HOME}/lib/${basename(runtime.stdlib)}/site-packages`,
    pruned: topmost(work.pruned),
    carried: work.carried,
    symbols: work.symbols,
    findings: work.findings,
    stepMs: work.stepMs,
  };
}

/** A runtime whose files, but for byte code, are in their place for good. */
export interface StartedRuntime {
  /** Compiles the library, keeps debug data, names what is carried, and tries the runtime. Once. */
  finish(): Promise<RuntimeInPlace>;
}

/**
 * Writes a relocatable runtime into `python/runtime`, what it needs of the host into `lib`, licence texts into
 * `share/waybill/licences`. The same request gives the same bytes wherever the output stands. On failure the caller's staging
 * folder is left as it is: discard it. What is left to `finish` changes no native file, so that these can be used meanwhile.
 */
export async function startRuntime(request: PrepareRuntimeRequest): Promise<StartedRuntime> {
  const work = newWork(request);
  for (const [name, run] of STEPS) await shown(work, name, run);
  return { finish: () => finish(work) };
}

async function finish(work: Work): Promise<RuntimeInPlace> {
  await bothToTheEnd(timed(work, 'compile', compileLibrary), besideCompiling(work));
  await timed(work, 'try', tryRuntime);
  return resultOf(work);
}

async function besideCompiling(work: Work): Promise<void> {
  for (const [name, run] of BESIDE_COMPILING) await timed(work, name, run);
}

/** The same to its end. */
export async function prepareRuntime(request: PrepareRuntimeRequest): Promise<PreparedRuntime> {
  const started = await startRuntime(request);
  const runtime = await step(request.ports, 'compile', () => started.finish());
  return { ...runtime, files: await listWritten(request.outputRoot) };
}
