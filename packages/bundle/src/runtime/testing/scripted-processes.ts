import type { ProcessRequest, ProcessResult, Processes } from '@waybill/core';

/** An answer of a program: what it prints and how it ends; `undefined` stands for one that cannot be started. */
export type Script = (request: ProcessRequest) => Partial<ProcessResult> | undefined;

/** A port that answers by script and keeps what it was asked. */
export function scriptedProcesses(script: Script): Processes & { asked: ProcessRequest[] } {
  const asked: ProcessRequest[] = [];
  return {
    asked,
    run: (request) => {
      asked.push(request);
      const answer = script(request);
      if (!answer) return Promise.reject(new Error(`${request.file} is not there`));
      return Promise.resolve({ exitCode: 0, signal: null, timedOut: false, stdout: '', stderr: '', durationMs: 1, ...answer });
    },
  };
}
