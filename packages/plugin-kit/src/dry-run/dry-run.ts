import { existsSync, statSync } from 'node:fs';
import { basename, isAbsolute } from 'node:path';
import { pluginKitErrors } from '../errors/plugin-kit-errors';

/** How the run's temporary folder is named. Its absolute path is the value of WAYBILL_DRY_RUN, which no other run has. */
export const DRY_RUN_FOLDER_PREFIX = 'waybill-dry-run-';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Folder for the planned records of this dry run, or `undefined` when the run is real. Dry without a folder that the plugin entry made for
 * this very run is `GRAPH_DRY_RUN_UNHOOKED`: a target before this one may have run for real, and Nx may keep a dry result.
 */
export function dryRunFolder(environment: Environment, dryRunOption: boolean, target: string): string | undefined {
  if (!dryRunOption && !asksForDryRun(environment)) return undefined;
  const folder = environment['WAYBILL_DRY_RUN'];
  // NX_DRY_RUN is what makes the whole chain dry: the option of one target alone does not.
  if (!folder || !asksForDryRun(environment) || !isRunFolder(folder)) {
    throw pluginKitErrors.error('GRAPH_DRY_RUN_UNHOOKED', { target });
  }
  return folder;
}

/** Any value that does not say no: Nx sets `true`, and a person who sets `1` does not want to publish. */
export const asksForDryRun = (environment: Environment): boolean => !/^(false|0|no|off)?$/i.test(environment['NX_DRY_RUN'] ?? '');

/** A stale value names a folder that is gone; another user's folder is none of this run. */
function isRunFolder(path: string): boolean {
  if (!isAbsolute(path) || !basename(path).startsWith(DRY_RUN_FOLDER_PREFIX)) return false;
  if (!existsSync(`${path}/.`)) return false;
  return process.getuid === undefined || statSync(path).uid === process.getuid();
}
