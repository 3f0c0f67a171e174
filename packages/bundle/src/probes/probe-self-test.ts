import { runStaticChecks, type RelocationPolicy } from '@waybill/relocation';
import type { Finding } from '@waybill/core';
import { judgeOpened, filesOf } from './probe-identity';
import { judgeRun } from './judge-answer';
import { judgeTrace } from '../trace/judge-trace';
import { PLANTED_TOKEN, plantFaults } from './plant-faults';
import { fault, type Probe, type ProbeContext } from './probe';

/** Check 23: faults planted into a copy of the facts, and into the run, must each be caught; a proof that misses one proves nothing. */
export const selfTest = (checks: typeof runStaticChecks): Probe => ({
  check: 'self-test',
  async run(context) {
    const facts = await context.facts();
    const { facts: faulty, planted } = plantFaults(facts);
    const policy: RelocationPolicy = {
      ...context.policy,
      leakTokens: [...context.policy.leakTokens, PLANTED_TOKEN],
      glibc: context.policy.glibc ?? '9.98',
      allow: [],
    };
    const results = checks(faulty, policy);
    const caught = (check: string, path: string): boolean =>
      results.some((result) => result.check === check && result.findings.some((found) => found.level === 'error' && found.path === path));
    const missed = planted.filter(({ check, path }) => !caught(check, path)).map(({ name, check, path }) => ({ name, check, path }));
    const running = await plantRuns(context);
    const findings = [...missed, ...running.missed].map(({ name, check, path }): Finding =>
      fault('self-test', `the check \`${check}\` does not catch a planted fault: ${name}`, {
        path,
        expected: 'an error',
        actual: 'none',
        fix: 'this is a fault of Waybill: report it with `report.json`',
      }),
    );
    return {
      findings,
      evidence: { planted: planted.length + running.planted, caught: planted.length + running.planted - missed.length - running.missed.length },
    };
  },
});

export const probeSelfTest = selfTest(runStaticChecks);

interface Missed {
  name: string;
  check: string;
  path: string;
}

/** Faults of running bundles: an app that prints a fixed answer, and one that asks for a hidden file. */
async function plantRuns(context: ProbeContext): Promise<{ planted: number; missed: Missed[] }> {
  const missed: Missed[] = [];
  const silent = judgeRun(
    'moved-copy',
    { exitCode: 0, signal: null, timedOut: false, stdout: '', stderr: '', durationMs: 1, place: '/opt/app', aliases: [], argv: [] },
    { ...context, request: { ...context.request, commandIsDefault: true } },
    'a planted fault',
  );
  if (silent.length === 0) missed.push({ name: 'an app that says nothing', check: 'moved-copy', path: context.launcher });
  const traced = await context.traced();
  if (typeof traced === 'string') return { planted: 1, missed };
  const { trace, run } = traced;
  const entries = new Map((await context.facts()).entries.map((entry) => [entry.path, entry]));
  const fixed = judgeOpened({ files: ['/bin/sh'], place: run.place, evidence: 'strace' }, context, entries);
  if (fixed.length === 0) missed.push({ name: 'a launcher that prints a fixed answer', check: 'identity', path: context.launcher });
  const libpython = filesOf(trace).map((path) => (/\/libpython[^/]*\.so/.test(path) ? `/usr/lib/${path.split('/').at(-1)}` : path));
  if (
    libpython.some((path) => path.startsWith('/usr/lib/libpython')) &&
    judgeOpened({ files: libpython, place: run.place, evidence: 'strace' }, context, entries).length === 0
  ) {
    missed.push({ name: 'the libpython of the machine', check: 'identity', path: context.launcher });
  }
  const place = context.hidden[0]?.path ?? '/opt/build/machine';
  const call = { call: 'openat', path: `${place}/lib/planted`, error: 'ENOENT', opens: true, writes: false };
  const asked = judgeTrace(
    { ...trace, calls: [...trace.calls, call] },
    { place: run.place, platform: context.request.platform, hidden: [{ path: place, kind: 'folder', why: 'prefix' }] },
  );
  if (!asked.findings.some(({ level }) => level === 'error'))
    missed.push({ name: 'a look for a file of the building machine', check: 'file-trace', path: context.launcher });
  return { planted: 4, missed };
}
