import { basename } from 'node:path';
import { bothToTheEnd } from '@waybill/core';
import type { PreparedRuntime, PrepareRuntimeRequest, RuntimeInPlace } from '../runtime-facts';
import { copyRuntime } from './copy-runtime';
import { step } from '../runtime-ports';
import { HOME, listWritten, newWork, timed, topmost, type Work } from './preparation-work';
import {
  carryHostLibraries,
  compileLibrary,
  describeCarried,
  keepDebugData,
  neutraliseNatives,
  neutraliseTexts,
  patchNatives,
  placeTexts,
  runsWhereItIs,
  stripNatives,
  tryRuntime,
} from './preparation-steps';

type Step = readonly [name: string, run: (work: Work) => Promise<void>];

/** What decides which files there are, and what is in texts: no module of a library comes or goes after it. */
const PLACING: readonly Step[] = [
  ['copy runtime', copyRuntime],
  ['make texts relocatable', placeTexts],
  ['carry host libraries', carryHostLibraries],
  ['neutralise texts', neutraliseTexts],
];
/** The steps that change native files, in their order: strip comes before patchelf (facts §4), paths are overwritten after it (trap T31). */
const LINKING: readonly Step[] = [
  ['strip', stripNatives],
  ['set search paths', patchNatives],
  ['neutralise natives', neutraliseNatives],
];
/** What nothing waits for, and changes no native file of the tree. */
const DESCRIBING: readonly Step[] = [
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

/** A runtime whose modules are in their place for good. */
export interface StartedRuntime {
  /**
   * Compiles the library, links the native files, keeps debug data, names what is carried, and tries the runtime. `beside` goes on at the
   * same time once no native file of the runtime changes any more. Once.
   */
  finish<T>(beside: () => Promise<T>): Promise<[RuntimeInPlace, T]>;
}

/**
 * Writes a relocatable runtime into `python/runtime`, what it needs of the host into `lib`, licence texts into
 * `share/waybill/licences`. The same request gives the same bytes wherever the output stands. On failure the caller's staging
 * folder is left as it is: discard it.
 */
export async function startRuntime(request: PrepareRuntimeRequest): Promise<StartedRuntime> {
  const work = newWork(request);
  await runSteps(work, PLACING);
  return { finish: (beside) => finish(work, beside) };
}

/** Compiling takes longest, and keeps all cores busy when nothing else does: it begins as soon as something can run. */
async function finish<T>(work: Work, beside: () => Promise<T>): Promise<[RuntimeInPlace, T]> {
  const compile = (): Promise<void> => timed(work, 'compile', compileLibrary);
  const link = async (compileAfter: () => Promise<void>): Promise<T> => {
    await runSteps(work, LINKING);
    const [result] = await bothToTheEnd(bothToTheEnd(beside(), runSteps(work, DESCRIBING)), compileAfter());
    return result[0];
  };
  const [result] = runsWhereItIs(work.runtime)
    ? await bothToTheEnd(
        link(async () => undefined),
        compile(),
      )
    : [await link(compile)];
  await timed(work, 'try', tryRuntime);
  return [resultOf(work), result];
}

async function runSteps(work: Work, steps: readonly Step[]): Promise<void> {
  for (const [name, run] of steps) await timed(work, name, run);
}

/** The same to its end. */
export async function prepareRuntime(request: PrepareRuntimeRequest): Promise<PreparedRuntime> {
  const started = await step(request.ports, 'copy', () => startRuntime(request));
  const [runtime] = await step(request.ports, 'link and compile', () => started.finish(async () => undefined));
  return { ...runtime, files: await listWritten(request.outputRoot) };
}
