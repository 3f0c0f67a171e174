import type { Finding, ProcessResult } from '@waybill/core';

/** What the installer found unmet. */
export interface UnmetRequirements {
  /** Requirements of which nothing is installed, as the installer spells them. */
  absent: readonly string[];
  /** Sentences about everything else: another version, another Python, another platform. */
  broken: readonly string[];
}

/** `main 1.0 requires other, which is not installed.` (pip), ``The package `main` requires `other`, but it's not installed`` (uv). */
const ABSENT = [
  /^\S+ \S+ requires (?<what>.+), which is not installed\.$/,
  /^The package `[^`]+` requires `(?<what>[^`]+)`, but it's not installed$/,
];
/** Lines that begin so are counts and headings of uv and pip. */
const HEADINGS = /^(Using Python |Checked \d|Found \d|All installed packages |No broken requirements|WARNING|warning)/;

/** Reads what `uv pip check` or `pip check` printed. */
export function readUnmet({ stdout, stderr }: ProcessResult): UnmetRequirements {
  const lines = `${stdout}\n${stderr}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !HEADINGS.test(line));
  const absentIn = (line: string): string | undefined => ABSENT.map((form) => form.exec(line)?.groups?.what).find((what) => what !== undefined);
  return {
    absent: [...new Set(lines.flatMap((line) => absentIn(line) ?? []))],
    broken: lines.filter((line) => absentIn(line) === undefined),
  };
}

/** Findings of `pip check`. Where dependencies were left out, that they are absent is no finding. */
export function judgeRequirements(result: ProcessResult, unmet: UnmetRequirements, bare: boolean): Finding[] {
  if (result.exitCode === 0) return [];
  const absent = bare ? [] : unmet.absent.map((requirement) => `\`${requirement}\` is not installed`);
  const silent = unmet.absent.length + unmet.broken.length === 0 ? ['`pip check` failed and did not say why'] : [];
  return [...absent, ...unmet.broken, ...silent].map((message) => ({
    check: 'install',
    level: 'error',
    message: `\`pip check\`: ${message}`,
    expected: 'every requirement of what is installed is met',
    fix: 'correct the dependencies of the project, or bring the lock file or the wheelhouse up to date with them',
  }));
}
