import type { WaybillError } from '@waybill/core';
import { pluginKitErrors } from '../errors/plugin-kit-errors';

/** System errors that are the machine's answer, not a fault of ours. Source: errno(3). */
const SYSTEM_ERRORS: Readonly<Record<string, { reason: string; fix: string }>> = {
  ENOSPC: { reason: 'the disk is full', fix: 'free some space and run the target again' },
  EDQUOT: { reason: 'the disk quota is used up', fix: 'free some space and run the target again' },
  EROFS: { reason: 'the file system is read-only', fix: 'run the target in a workspace that can be written' },
  EACCES: { reason: 'access is denied', fix: 'give the user who runs the target access to the path, and run it again' },
  EPERM: { reason: 'the operation is not permitted', fix: 'give the user who runs the target access to the path, and run it again' },
  EMFILE: { reason: 'too many files are open', fix: 'raise the limit (`ulimit -n 4096`) and run the target again' },
  EEXIST: { reason: 'something else is in its place', fix: 'move what stands there out of the way, and run the target again' },
  ENOTDIR: { reason: 'a file stands where a folder should be', fix: 'move the file out of the way, and run the target again' },
  ENAMETOOLONG: { reason: 'the path is too long for the file system', fix: 'move the workspace to a shorter path' },
};

/** Two copies of core in one process have two classes of the same name. */
export function isWaybillError(error: unknown): error is WaybillError {
  return error instanceof Error && error.name === 'WaybillError' && typeof (error as { code?: unknown }).code === 'string';
}

/** Every failure as a coded error: ours as it is, the system's refusals as `FILE_SYSTEM`, anything else as `PROCESS_INTERNAL`. */
export function asWaybillError(error: unknown, target: string): WaybillError {
  if (isWaybillError(error)) return error;
  const { code, path, syscall } = (typeof error === 'object' && error !== null ? error : {}) as NodeJS.ErrnoException;
  const known = code === undefined ? undefined : SYSTEM_ERRORS[code];
  if (known) return pluginKitErrors.error('FILE_SYSTEM', { ...known, path: path ?? '', call: syscall ?? code! }, { cause: error });
  const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0] || 'no reason was given';
  return pluginKitErrors.error('PROCESS_INTERNAL', { target, reason }, { cause: error });
}

/** `CODE message`, details indented, `fix:`; the stack only when asked for. */
export function errorLines(error: WaybillError, verbose: boolean): readonly string[] {
  const details = error.details.flatMap((detail) => detail.split('\n')).map((line) => `  ${line}`);
  return [`${error.code} ${error.message}`, ...details, `fix: ${error.fix}`, ...(verbose ? stackLines(error) : [])];
}

function stackLines(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  return [...(error.stack ?? error.message).split('\n'), ...(error.cause ? ['caused by', ...stackLines(error.cause)] : [])];
}
