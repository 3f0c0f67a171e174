import type { Processes } from '../processes/process-port';
import type { Tools } from './tool-descriptor';

export interface ToolsOptions {
  processes: Processes;
  /** The caller's whole environment. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Default: `WAYBILL_TOOLS_DIR`, then `${XDG_CACHE_HOME:-~/.cache}/waybill/tools`. */
  managedFolder?: string;
  /** Default: `WAYBILL_OFFLINE=1`. */
  offline?: boolean;
}

export function createTools(_options: ToolsOptions): Tools {
  throw new Error('not yet');
}
