import type { Processes } from './process-port';
import { ProcessGroups } from './process-groups';
import { runProcess } from './run-process';

export interface ProcessesOptions {
  /** Applied to everything that a program printed before anybody sees it. */
  redact?: (text: string) => string;
}

/** The machine's own programs. What still runs when this process ends is ended with it. */
export function createProcesses({ redact = (text) => text }: ProcessesOptions = {}): Processes {
  const groups = new ProcessGroups();
  return { run: (request) => runProcess(request, groups, redact), redact };
}
