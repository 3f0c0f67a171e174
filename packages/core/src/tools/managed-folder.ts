import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where tools are that Waybill provisions itself: `WAYBILL_TOOLS_DIR`, else `${XDG_CACHE_HOME:-~/.cache}/waybill/tools`. Loads nothing of core. */
export function managedFolderOf(variables: Readonly<Record<string, string | undefined>>): string {
  const named = variables['WAYBILL_TOOLS_DIR'];
  if (named) return resolve(named);
  return join(variables['XDG_CACHE_HOME'] || join(variables['HOME'] || homedir(), '.cache'), 'waybill', 'tools');
}
