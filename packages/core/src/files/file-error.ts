import { WaybillError } from '../errors/waybill-error';
import { coreErrors } from '../errors/core-errors';

/** What was tried, as the messages say it; the first group only reads. */
export type FileAction = 'read' | 'list' | 'write' | 'make' | 'copy' | 'remove' | 'move' | 'lock';

const READING: ReadonlySet<FileAction> = new Set(['read', 'list']);

const isSystemError = (cause: unknown): cause is NodeJS.ErrnoException =>
  typeof (cause as NodeJS.ErrnoException | null)?.code === 'string' && !(cause instanceof WaybillError);

/** The code that Node or the system gave an error: `ENOENT`; empty when it is none of theirs. */
export const systemCodeOf = (cause: unknown): string => (isSystemError(cause) ? (cause.code ?? '') : '');

/** The one place where errors of `node:fs` become coded ones. What is coded already, or no error of the system, is given back as it is. */
export function toFileError(cause: unknown, action: FileAction, path: string): unknown {
  if (!isSystemError(cause) || !/^E[A-Z0-9]+$/.test(cause.code ?? '')) return cause;
  const options = { cause };
  const place = { path, action };
  switch (cause.code) {
    case 'ENOENT':
      return coreErrors.error('FILE_MISSING', place, options);
    case 'ENOSPC':
    case 'EDQUOT':
      return coreErrors.error('FILE_DISK_FULL', { ...place, quota: cause.code === 'EDQUOT' }, options);
    case 'EROFS':
      return coreErrors.error('FILE_NOT_WRITABLE', { ...place, readOnly: true }, options);
    case 'EACCES':
    case 'EPERM':
      return READING.has(action)
        ? coreErrors.error('FILE_NOT_READABLE', place, options)
        : coreErrors.error('FILE_NOT_WRITABLE', { ...place, readOnly: false }, options);
    case 'ENOTDIR':
    case 'EEXIST':
      return coreErrors.error('FILE_KIND', { ...place, expected: 'folder', actual: 'something else stands where a folder must be' }, options);
    case 'EISDIR':
      return coreErrors.error('FILE_KIND', { ...place, expected: 'file', actual: 'a folder' }, options);
    case 'ENAMETOOLONG':
      return coreErrors.error('FILE_NAME', { path, reason: 'it is longer than the system allows' }, options);
    default:
      return coreErrors.error('FILE_FAILED', { ...place, systemCode: cause.code ?? '', reason: cause.message }, options);
  }
}

/** Does something with a file; what the system refuses becomes a coded error that names the path. */
export async function withFileErrors<T>(action: FileAction, path: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw toFileError(cause, action, path);
  }
}
