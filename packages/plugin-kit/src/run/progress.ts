import type { Finding } from '@waybill/core';
import type { Progress } from '../stage-definition';

/** A step that ended, well or badly. */
export interface StepTime {
  name: string;
  seconds: number;
}

/** Progress that prints one line a step and keeps the seconds for the report. */
export interface RecordedProgress extends Progress {
  readonly steps: readonly StepTime[];
  readonly warnings: readonly string[];
  /** Of steps that are done, for a run that ends with an error. */
  readonly findings: readonly Finding[];
  /** The innermost step that has not ended. */
  current(): string | undefined;
}

export function createProgress(write: (line: string) => void, nowMs: () => number): RecordedProgress {
  const steps: StepTime[] = [];
  const warnings: string[] = [];
  const findings: Finding[] = [];
  const open: string[] = [];
  return {
    steps,
    warnings,
    findings,
    found: (more) => void findings.push(...more),
    current: () => open.at(-1),
    line: write,
    warn: (text) => {
      warnings.push(text);
      write(`warning: ${text}`);
    },
    async step(name, work) {
      const startMs = nowMs();
      open.push(name);
      try {
        return await work();
      } finally {
        open.splice(open.lastIndexOf(name), 1);
        const seconds = Math.round(nowMs() - startMs) / 1_000;
        steps.push({ name, seconds });
        write(`${name}: ${seconds.toFixed(2)} s`);
      }
    },
  };
}
