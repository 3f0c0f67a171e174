import { join } from 'node:path';
import { hashBytes, withFileLock } from '@waybill/core';
import type { Progress } from '@waybill/plugin-kit';
import type { Destination } from '@waybill/publishing';
import { WAYBILL_FOLDER, makeFolder } from './ledger-files';

interface Around {
  workspaceRoot: string;
  timeoutMs: number;
  progress: Progress;
}

/**
 * One writer at a time for each place, also of another project that shares a release there: two correct publishers side by side make two drafts.
 * Locks are taken in one order by all.
 */
export async function withReleaseLocks<T>(around: Around, destinations: readonly Destination[], work: () => Promise<T>): Promise<T> {
  const folder = join(around.workspaceRoot, WAYBILL_FOLDER, 'locks');
  await makeFolder(around.workspaceRoot, folder);
  const names = destinations.map(({ identity }) => hashBytes(identity)).sort();
  const onWait = (holder: string): void => around.progress.line(`waiting for ${holder}, which publishes to the same place`);
  const options = { timeoutMs: around.timeoutMs, onWait };
  return names.reduceRight<() => Promise<T>>((next, name) => () => withFileLock(join(folder, `${name}.lock`), options, next), work)();
}
