import type { ErrorText } from './waybill-error';

/** A program's ending in words. */
const ending = (exitCode: number | null, signal: string | null): string =>
  signal === null ? `failed with exit code ${exitCode ?? 'unknown'}` : `was ended by ${signal}`;

const seconds = (timeoutMs: number): string => (timeoutMs < 1_000 ? `${timeoutMs} ms` : `${Math.round(timeoutMs / 100) / 10} s`);

/** Running foreign programs. Their own output stands last in the details. */
export const processErrorTexts = {
  PROCESS_FAILED: (a: { tool: string; exitCode: number | null; signal: string | null; command: string; output: string }): ErrorText => ({
    message: `\`${a.tool}\` ${ending(a.exitCode, a.signal)}`,
    fix: `correct what \`${a.tool}\` says; to see it alone, run the command by hand`,
    details: [`command \`${a.command}\``, ...(a.output === '' ? [`\`${a.tool}\` printed nothing`] : [a.output])],
  }),
  PROCESS_OUTPUT: (a: { file: string; maxOutputBytes: number }): ErrorText => ({
    message: `\`${a.file}\` printed more than ${a.maxOutputBytes} bytes and was ended`,
    fix: `run \`${a.file}\` by hand to see what it prints; a program that should print that much is our bug, please report it`,
  }),
  PROCESS_START: (a: { file: string; reason: string; fix: string }): ErrorText => ({
    message: `\`${a.file}\` could not be started: ${a.reason}`,
    fix: a.fix,
  }),
  PROCESS_TIMEOUT: (a: { tool: string; timeoutMs: number; command: string; output: string }): ErrorText => ({
    message: `\`${a.tool}\` did not end within ${seconds(a.timeoutMs)} and was ended, with all that it had started`,
    fix: 'run it again; if the work needs more time, give a higher `timeoutMs`',
    details: [`command \`${a.command}\``, ...(a.output === '' ? [`\`${a.tool}\` had printed nothing`] : [a.output])],
  }),
};
