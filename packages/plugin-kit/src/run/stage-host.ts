import type { HostProcess } from '@waybill/artifacts';
import type { Processes, LibraryTools } from '@waybill/core';

/** The machine as a run of an executor sees it; the harness gives a made-up one. */
export interface StageHost {
  /** The caller's environment. */
  variables: Readonly<Record<string, string | undefined>>;
  homeFolder: string;
  /** System and processor. */
  machine: Pick<HostProcess, 'platform' | 'arch'>;
  write(line: string): void;
  nowMs(): number;
  createProcesses(redact: (text: string) => string): Processes;
  createTools(processes: Processes): LibraryTools;
  /** Versions of tools as the fingerprint sees them. */
  probeTools(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Calls back, once, when the user or the system ends the process; returns what takes that back. */
  onEnd(callback: (signal: NodeJS.Signals) => void): () => void;
  exit(code: number): void;
}
