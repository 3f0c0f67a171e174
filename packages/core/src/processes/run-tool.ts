import { coreErrors } from '../errors/core-errors';
import type { ResolvedTool } from '../tools/tool-descriptor';
import { commandLine } from './command-line';
import type { Processes, ProcessRequest, ProcessResult } from './process-port';

const SHOWN_CHARACTERS = 32 * 1024;
const SHOWN_ARGUMENTS = 40;

export interface RunToolOptions extends Omit<ProcessRequest, 'file' | 'args'> {
  /** Paths below it are shown relative to it in errors (default: `cwd`). */
  workspaceRoot?: string;
}

/** Runs a tool that must succeed: else `PROCESS_FAILED` or `PROCESS_TIMEOUT`, with the command and, last, what the tool itself said. */
export async function runTool(
  processes: Processes,
  tool: Pick<ResolvedTool, 'id' | 'path' | 'prefixArgs'>,
  args: readonly string[],
  { workspaceRoot, ...options }: RunToolOptions,
): Promise<ProcessResult> {
  const all = [...tool.prefixArgs, ...args];
  const result = await processes.run({ ...options, file: tool.path, args: all });
  if (result.exitCode === 0 && !result.timedOut) return result;
  const redact = processes.redact ?? ((text: string) => text);
  const about = { tool: tool.id, command: shownCommand(tool.path, all.map(redact), workspaceRoot ?? options.cwd), output: shownOutput(result) };
  if (result.timedOut) throw coreErrors.error('PROCESS_TIMEOUT', { ...about, timeoutMs: options.timeoutMs });
  throw coreErrors.error('PROCESS_FAILED', { ...about, exitCode: result.exitCode, signal: result.signal });
}

function shownCommand(file: string, args: readonly string[], root: string | undefined): string {
  const more = args.length - SHOWN_ARGUMENTS;
  return commandLine(file, args.slice(0, SHOWN_ARGUMENTS), root) + (more > 0 ? ` … and ${more} more arguments` : '');
}

/** Both streams of what has ended, errors last; of much output its end, at most 32 Ki characters. */
export function shownOutput({ stdout, stderr }: Pick<ProcessResult, 'stdout' | 'stderr'>): string {
  const text = [stdout, stderr]
    .map((stream) => stream.trimEnd())
    .filter((stream) => stream !== '')
    .join('\n');
  return text.length <= SHOWN_CHARACTERS
    ? text
    : `… ${text.length - SHOWN_CHARACTERS} characters before this are left out\n${text.slice(-SHOWN_CHARACTERS)}`;
}
