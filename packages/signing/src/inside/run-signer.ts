import { runTool, WaybillError, type Processes, type ResolvedTool } from '@waybill/core';

/** How a tool that signs is run. It sees no variable that holds a secret. */
export interface ToolPorts {
  processes: Processes;
  tool: ResolvedTool;
  environment: Readonly<Record<string, string>>;
  timeoutMs: number;
}

/** What the tool answered; `said` is its output and how it ended. */
export type Answer = { ok: true } | { ok: false; said: string; error: WaybillError; timedOut: boolean };

/** One file with its timestamp, by one server. */
export const FILE_TIMEOUT_MS = 120_000;

export async function runSigner({ processes, tool, environment, timeoutMs }: ToolPorts, args: readonly string[]): Promise<Answer> {
  try {
    await runTool(processes, tool, args, { env: environment, timeoutMs });
    return { ok: true };
  } catch (error) {
    if (!(error instanceof WaybillError) || !['PROCESS_FAILED', 'PROCESS_TIMEOUT'].includes(error.code)) throw error;
    return { ok: false, said: [error.message, ...error.details.slice(1)].join('\n'), error, timedOut: error.code === 'PROCESS_TIMEOUT' };
  }
}
