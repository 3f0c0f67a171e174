import type { Finding } from '@waybill/core';
import type { CheckOutcome } from '@waybill/relocation';
import { ASSETS_INSIDE } from '../isolation';
import { nonceFor } from '../ground/nonce';
import { baseEnvironment } from './conditions';
import { fault, skipped, type Probe, type ProbeContext } from './probe';
import { driverLines } from './read-driver';

interface CaseResult {
  case: string;
  ok: boolean;
  expected?: string;
  actual?: string;
}

const FIXES: Readonly<Record<string, string>> = {
  arguments: 'hand over arguments byte for byte (`exec "$program" "$@"`, or execve)',
  'no-arguments': 'hand over no argument when there is none',
  'exit-code': 'return the exit code of the program',
  'death-by-signal': 'die of the same signal as the program, or become it by `exec`',
  input: 'leave standard input to the program',
  'second-signal': 'kill the program when a second signal comes while it stops',
  orphan: 'bind the program to the launcher (PR_SET_PDEATHSIG), or become it by `exec`',
};

/** Check 20: the launcher with a stand-in for its program, driven by the bundle's own Python. */
export const probeLauncher: Probe = {
  check: 'launcher',
  async run(context) {
    const start = await judgeStart(context);
    if (start.length > 0) return { findings: start, evidence: {} };
    const obstacle = obstacleTo(context);
    if (obstacle !== undefined) return skipped(obstacle);
    return drive(context);
  },
};

/** execve starts ELF files and scripts with `#!`; shells start anything (T36). */
async function judgeStart({ facts, launcher }: ProbeContext): Promise<Finding[]> {
  const entry = (await facts()).entries.find(({ path }) => path === launcher);
  if (entry === undefined || entry.kind !== 'file' || entry.content === 'elf' || entry.content === 'script') return [];
  return [
    fault('launcher', 'the launcher starts from a shell alone: it is neither a native program nor a script with `#!`', {
      path: launcher,
      expected: 'ELF, or `#!` in its first line',
      actual: entry.content ?? 'unknown',
      fix: 'put `#!/bin/sh` in its first line',
    }),
  ];
}

function obstacleTo({ layout, launcher, sandboxes }: ProbeContext): string | undefined {
  const program = layout.program ?? layout.python;
  if (program === undefined || program === launcher) return 'the launcher is the program itself: there is nothing in between to test';
  if (layout.python === undefined) return 'the bundle has no interpreter that could drive the launcher';
  return sandboxes.host.profile === 'host' ? undefined : 'no profile with a shell';
}

async function drive(context: ProbeContext): Promise<CheckOutcome> {
  const { layout, launcher, manifest, sandboxes } = context;
  const nonce = nonceFor('launcher');
  const supervises = manifest?.kind === 'python-app' && manifest.launcher.kind === 'native';
  const [place, standIn] = await Promise.all([sandboxes.host.place('app'), sandboxes.host.place('stand-in')]);
  const run = await sandboxes.host.run({
    argv: [
      `${place}/${layout.python!}`,
      '-I',
      `${sandboxes.host.locate(ASSETS_INSIDE)}/drive-launcher.py`,
      nonce,
      `${standIn}/${launcher}`,
      supervises ? 'yes' : 'no',
    ],
    env: baseEnvironment(sandboxes.host),
    timeoutMs: context.request.runTimeoutMs,
  });
  const lines = driverLines(run.stdout, nonce);
  const cases = lines.filter(({ kind }) => kind === 'case') as unknown as CaseResult[];
  const findings = cases.filter(({ ok }) => !ok).map((result) => caseFinding(result, launcher));
  if (!lines.some(({ kind }) => kind === 'end')) {
    findings.push(
      fault('launcher', 'the launcher could not be tried to the end', {
        path: launcher,
        expected: 'every case',
        actual: run.stderr.trim().split('\n').at(-1) ?? `exit code ${run.exitCode}`,
        fix: 'start the interpreter of the bundle by hand with `-I`',
      }),
    );
  }
  return { findings, evidence: { cases: cases.map(({ case: name, ok }) => ({ case: name, ok })), supervises } };
}

const caseFinding = (result: CaseResult, launcher: string): Finding =>
  fault('launcher', `the launcher fails the case \`${result.case}\``, {
    path: launcher,
    expected: result.expected ?? '',
    actual: result.actual ?? '',
    fix: FIXES[result.case] ?? 'forward the signal to the program once, and wait for it',
  });
