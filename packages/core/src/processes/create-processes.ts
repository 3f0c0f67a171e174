import type { Processes } from './process-port';
import { ProcessGroups } from './process-groups';
import { runProcess } from './run-process';

/** One for all: each listens for the end of this process, and many runs at once must not be many listeners. */
const GROUPS = new ProcessGroups();

export interface ProcessesOptions {
  /** Applied to everything that a program printed before anybody sees it. */
  redact?: (text: string) => string;
}

/** The machine's own programs. What still runs when this process ends is ended with it. */
export function createProcesses({ redact = (text) => text }: ProcessesOptions = {}): Processes {
  return { run: (request) => runProcess(request, GROUPS, redact), redact };
}
