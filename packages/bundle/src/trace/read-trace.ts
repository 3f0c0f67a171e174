import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseStrace, type FileCall } from './parse-strace';

/** What a run of the bundle asked of the file system, all its processes together. */
export interface AppTrace {
  calls: readonly FileCall[];
  /** Programs that were started, by their paths. */
  programs: readonly string[];
  processes: number;
}

export interface TraceSource {
  /** Prefix that was given to strace. */
  prefix: string;
  /** The path that was started inside: what came before in that process is ours. */
  started: string;
  /** Folder of the sandbox's root outside. */
  root?: string;
  cwd: string;
}

/** Reads what strace wrote; the processes that built the sandbox are left out. */
export async function readTrace({ prefix, started, root, cwd }: TraceSource): Promise<AppTrace> {
  const folder = dirname(prefix);
  const names = (await readdir(folder)).filter((name) => name.startsWith(`${basename(prefix)}.`));
  const traces = await Promise.all(names.map(async (name) => parseStrace(await readFile(join(folder, name), 'utf8'), root, cwd)));
  const own = traces.map(({ calls }) => callsOfBundle(calls, started)).filter((calls) => calls.length > 0);
  const calls = own.flat();
  const programs = calls.filter(({ call, error }) => call.startsWith('execve') && error === undefined).map(({ path }) => path);
  return { calls, programs: [...new Set(programs)], processes: own.length };
}

/** A process that became the bundle's counts from there; one that became something else before is the sandbox's; any other is a child. */
function callsOfBundle(calls: readonly FileCall[], started: string): readonly FileCall[] {
  const isStart = ({ call, path, error }: FileCall): boolean => call.startsWith('execve') && error === undefined && path === started;
  const start = calls.findIndex(isStart);
  if (start !== -1) return calls.slice(start);
  if (calls.some(({ path }) => SANDBOX_SCRIPT.test(path))) return [];
  const first = calls.find(({ call, error }) => call.startsWith('execve') && error === undefined);
  return first !== undefined && SANDBOX_PROGRAMS.has(basename(first.path)) ? [] : calls;
}

const SANDBOX_SCRIPT = /\/isolation\/(enter-root|with-streams)\.sh$/;
const SANDBOX_PROGRAMS = new Set(['unshare', 'mount', 'bwrap']);
