import type { PrunedEntry } from '@waybill/artifacts';
import type { ProbeContext } from './probe';

/** The way back for a module that packaging left out. */
export const KEEP_IT = 'keep it (`prune.keep`), and let what it needs be carried (`vendorLibraries.allow`)';

/** What the manifest says of a module of the standard library that was left out. */
export function prunedEntry(module: string, { manifest, layout }: Pick<ProbeContext, 'manifest' | 'layout'>): PrunedEntry | undefined {
  const library = `${layout.pythonHome}/lib/python${layout.pythonSeries}`;
  const name = module.split('.')[0];
  const path = `${library}/${name}`;
  return manifest?.pruned.find(
    ({ path: pruned }) =>
      pruned === path || pruned === `${path}.py` || pruned.startsWith(`${path}/`) || pruned.startsWith(`${library}/lib-dynload/${name}.`),
  );
}
