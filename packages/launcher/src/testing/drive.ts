import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { TestPython } from './find-python';

/** What `drive.py` is asked for; bytes that are no UTF-8 are given as Buffers. */
export interface Scenario {
  argv: readonly (string | Buffer)[];
  /** Executed instead of `argv[0]`. */
  file?: string;
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** Given at once, then standard input is closed; absent: it stays open. */
  stdin?: string;
  terminal?: boolean;
  /** Signals that the caller has ignored, by name without `SIG`. */
  ignore?: readonly string[];
  steps?: readonly (readonly [string, ...(string | number)[]])[];
}

export interface Outcome {
  exit: number | null;
  signal: string | null;
  core: boolean;
  stdout: string;
  stderr: string;
  events: string[];
  survivors: number[];
}

const hex = (text: string | Buffer) => Buffer.from(text as string).toString('hex');

/** Plays a scenario and tells how it ended. Text is decoded as UTF-8. */
export function drive(python: TestPython, scenario: Scenario): Promise<Outcome> {
  const request = {
    ...scenario,
    argv: scenario.argv.map(hex),
    env: scenario.env ?? { PATH: '/usr/bin:/bin' },
    stdin: scenario.stdin === undefined ? null : hex(scenario.stdin),
  };
  const child = spawn(python.executable, ['-I', join(__dirname, 'drive.py')], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(JSON.stringify(request));
  return new Promise((resolve, reject) => {
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (errors += chunk));
    child.once('error', reject);
    child.once('close', () => {
      if (output === '') return reject(new Error(`the scenario could not be played: ${errors}`));
      const outcome: Outcome = JSON.parse(output);
      const decode = (text: string) => Buffer.from(text, 'latin1').toString('utf8');
      resolve({ ...outcome, stdout: decode(outcome.stdout), stderr: decode(outcome.stderr) });
    });
  });
}
