import type { Finding } from '@waybill/core';
import type { AppTrace } from '../trace/read-trace';
import { endOf } from './judge-answer';
import { fault, skipped, warning, type Probe, type ProbeContext } from './probe';

const SHOWN = 3;
/** PEP 552: such byte code is used whatever the source is, so who reads the source is the program itself (`inspect`, `linecache`). */
const UNCHECKED_HASH = 0b01;

/** Check 22: how long a start takes, and whether the byte code was used: Python opens a source file to read it only when its pyc is not good. */
export const probeStartUp: Probe = {
  check: 'start-up',
  async run(context) {
    const traced = await context.traced();
    const measured = await measure(context);
    if (measured === undefined) return skipped('the bundle does not start (see `moved-copy`)');
    const { milliseconds, kilobytes } = measured;
    const best = Math.min(...milliseconds);
    const findings = judgeBudget(best, context.request.startBudgetMs);
    const sources = typeof traced === 'string' ? [] : sourcesRead(traced.trace, traced.run.place);
    findings.push(...(await judgeSources(sources, context)));
    return {
      findings,
      evidence: {
        milliseconds,
        bestMs: best,
        besideOtherRuns: context.request.startBudgetMs === undefined,
        residentKilobytes: kilobytes ?? 'not measured',
        budgetMs: context.request.startBudgetMs ?? null,
        sourcesRead: typeof traced === 'string' ? traced : sources.length,
      },
    };
  },
};

/**
 * By the bundle's own Python, without the time that the sandbox takes; else from outside. Where the time decides, it is taken when other runs
 * have ended.
 */
async function measure(context: ProbeContext): Promise<{ milliseconds: readonly number[]; kilobytes?: number } | undefined> {
  if (context.request.startBudgetMs !== undefined) await context.writableRuns();
  const measured = await context.measure();
  if (typeof measured !== 'string') return measured.codes.every((code) => code === 0) ? measured : undefined;
  const runs = [await context.start(), await context.start()];
  return runs.some((run) => endOf(run) !== undefined) ? undefined : { milliseconds: runs.map(({ durationMs }) => Math.round(durationMs)) };
}

function judgeBudget(best: number, budget: number | undefined): Finding[] {
  if (budget === undefined || best <= budget) return [];
  return [
    fault('start-up', `the bundle takes ${best} ms to start`, {
      expected: `at most ${budget} ms`,
      actual: `${best} ms`,
      fix: 'import less at the start, ship byte code, or raise `startBudgetMs`',
    }),
  ];
}

/** Source files of modules whose content was read although there could have been byte code. */
export function sourcesRead(trace: AppTrace, place: string): string[] {
  const read = trace.calls.filter(({ path, opens, error }) => opens && error === undefined && path.startsWith(`${place}/`) && path.endsWith('.py'));
  return [...new Set(read.map(({ path }) => path.slice(place.length + 1)))];
}

async function judgeSources(sources: readonly string[], { facts }: ProbeContext): Promise<Finding[]> {
  if (sources.length === 0) return [];
  const compiled = (await facts()).entries.filter(({ content }) => content === 'pyc');
  const pycs = new Set(compiled.map(({ path }) => path));
  const unchecked = new Set(compiled.filter(({ pyc }) => pyc?.flags === UNCHECKED_HASH).map(({ path }) => path));
  const stale = sources.filter((source) => {
    const pyc = pycOf(source, pycs);
    return pyc !== undefined && !unchecked.has(pyc);
  });
  const uncompiled = sources.filter((source) => pycOf(source, pycs) === undefined && /\/(lib\/python3\.\d+|site-packages|vendor)\//.test(source));
  const show = (paths: readonly string[]): string => `${paths.slice(0, SHOWN).join(', ')}${paths.length > SHOWN ? ', …' : ''}`;
  const findings =
    stale.length > 0
      ? [
          fault('start-up', `${stale.length} modules are compiled again at every start: their byte code is stale`, {
            path: stale[0]!,
            expected: 'byte code that is used',
            actual: `source read: ${show(stale)}`,
            fix: 'compile with `--invalidation-mode unchecked-hash` (`pyc: unchecked-hash`)',
          }),
        ]
      : [];
  if (uncompiled.length > 0)
    findings.push(
      warning('start-up', `${uncompiled.length} modules have no byte code and are compiled at every start`, {
        path: uncompiled[0]!,
        expected: 'byte code beside each module',
        actual: `source read: ${show(uncompiled)}`,
        fix: 'set `pyc: unchecked-hash`',
      }),
    );
  return findings;
}

function pycOf(source: string, pycs: ReadonlySet<string>): string | undefined {
  const [, folder = '', stem = ''] = /^(.*\/)?([^/]+)\.py$/.exec(source) ?? [];
  const prefix = `${folder}__pycache__/${stem}.`;
  return [...pycs].find((path) => path.startsWith(prefix) && /^cpython-\d+\.pyc$/.test(path.slice(prefix.length)));
}
