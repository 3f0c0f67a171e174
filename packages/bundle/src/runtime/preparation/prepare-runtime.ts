import { basename } from 'node:path';
import type { PreparedRuntime, PrepareRuntimeRequest } from '../runtime-facts';
import { copyRuntime } from './copy-runtime';
import { HOME, listWritten, newWork, timed, topmost, type Work } from './preparation-work';
import { neutralise, patchNatives, placeTexts, proveAndCompile, stripNatives, vendorHostLibraries } from './preparation-steps';

/** The steps in their order: strip comes before patchelf (facts §4), paths are overwritten after it (trap T31), byte code is last. */
const STEPS: readonly [name: string, run: (work: Work) => Promise<void>][] = [
  ['copy runtime', copyRuntime],
  ['make texts relocatable', placeTexts],
  ['carry host libraries', vendorHostLibraries],
  ['strip', stripNatives],
  ['set search paths', patchNatives],
  ['neutralise build paths', neutralise],
  ['compile', proveAndCompile],
];

function resultOf(work: Work, files: readonly string[]): PreparedRuntime {
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
    files,
    findings: work.findings,
    stepMs: work.stepMs,
  };
}

/**
 * Writes a relocatable runtime into `python/runtime`, what it needs of the host into `lib`, licence texts into
 * `share/waybill/licences`. The same request gives the same bytes wherever the output stands. On failure the caller's staging
 * folder is left as it is: discard it.
 */
export async function prepareRuntime(request: PrepareRuntimeRequest): Promise<PreparedRuntime> {
  const work = newWork(request);
  for (const [name, run] of STEPS) await timed(work, name, run);
  return resultOf(work, await listWritten(work.root));
}
