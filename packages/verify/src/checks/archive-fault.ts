import type { Finding } from '@waybill/core';

/** What is wrong with an archive, or with the manifest beside it; `path` is the file's. */
export const archiveFault = (path: string, message: string, expected?: string, actual?: string): Finding => ({
  check: 'archive',
  level: 'error',
  path,
  message,
  ...(expected !== undefined && { expected }),
  ...(actual !== undefined && { actual }),
});
