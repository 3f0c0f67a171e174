import type { ResolvedTool } from '../tools/tool-descriptor';
import type { Processes, ProcessRequest, ProcessResult } from './process-port';

export interface RunToolOptions extends Omit<ProcessRequest, 'file' | 'args'> {
  /** Paths below it are shown relative to it in errors (default: `cwd`). */
  workspaceRoot?: string;
}

export async function runTool(_processes: Processes, _tool: ResolvedTool, _args: readonly string[], _options: RunToolOptions): Promise<ProcessResult> {
  throw new Error('not yet');
}
