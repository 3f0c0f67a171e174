import type { ProcessRequest, ProcessResult, Processes } from '@waybill/core';

/** What a made-up program answers; what is left out is a good end without output. */
export type FakeAnswer = Partial<ProcessResult>;

export interface FakeProcesses extends Processes {
  /** Every request, in order. */
  readonly requests: readonly ProcessRequest[];
  /** Each as one line: the program's base name and its arguments. */
  readonly commands: readonly string[];
}

/**
 * Processes that start nothing. `answer` plays the programs (it may write files, as they would); where it gives `undefined` the program
 * does not exist: `PROCESS_START`, as from the real port.
 */
export function fakeProcesses(
  answer: (request: ProcessRequest) => FakeAnswer | undefined | Promise<FakeAnswer | undefined> = () => undefined,
): FakeProcesses {
  const requests: ProcessRequest[] = [];
  return {
    requests,
    get commands() {
      return requests.map(({ file, args }) => [file.split('/').at(-1), ...args].join(' '));
    },
    async run(request) {
      requests.push(request);
      const given = await answer(request);
      if (!given) throw notThere(request.file);
      return { exitCode: 0, signal: null, timedOut: false, stdout: '', stderr: '', durationMs: 1, ...given };
    },
  };
}

function notThere(file: string): Error {
  return Object.assign(new Error(`\`${file}\` could not be started`), {
    name: 'WaybillError',
    code: 'PROCESS_START',
    fix: `install \`${file}\``,
    details: [],
  });
}
