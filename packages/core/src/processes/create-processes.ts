import type { Processes } from './process-port';

export interface ProcessesOptions {
  /** Applied to everything that a program printed before anybody sees it. */
  redact?: (text: string) => string;
}

export function createProcesses(_options: ProcessesOptions = {}): Processes {
  throw new Error('not yet');
}
