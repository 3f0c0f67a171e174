import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { commandLine, shownOutput, type Processes, type ProcessResult, type ResolvedTool } from '@waybill/core';
import { lackingIn } from '@waybill/distributions';
import { attemptsIn, closedVariables, type Network } from '../environment/network';
import { wrapCommand } from '../environment/wrap-command';
import { pythonErrors } from '../errors/python-errors';
import { explainFailure } from '../requirements/explain-failure';
import type { Workplace } from '../workplace/workplace-path';
import { readBuilds, type ReportedBuild } from './cibuildwheel';
import type { BuildCommand, BuildRequest } from './frontend';

/** The world of a build. */
export interface BuildRun {
  processes: Processes;
  environment: Readonly<Record<string, string>>;
  umask: string;
  network: Network;
  /** The folder that build requirements come from instead of an index, relative to the workspace. */
  wheelhouse?: string;
  places: Workplace;
  /** Milliseconds that are left of the target's time. */
  timeLeftMs(): number;
  system: string;
  /** Set when the backend's output is wanted whatever happens. */
  onOutput?: (text: string) => void;
}

/** Runs a command of the build under its conditions; the process group ends whole when the time is over. Never throws for an exit code. */
export async function runInBuild(
  run: BuildRun,
  { tool, args, cwd, env }: BuildCommand,
): Promise<{ result: ProcessResult; output: string; shown: string; attempts: number | undefined }> {
  const inner = [...tool.prefixArgs, ...args];
  const counters = join(run.places.scratch, 'network.txt');
  const wrapped = wrapCommand({ file: tool.path, args: inner }, { ...run, counters }, run.system);
  await rm(counters, { force: true });
  const timeoutMs = run.timeLeftMs();
  const result = await run.processes.run({ ...wrapped, cwd, env: { ...run.environment, ...env, ...closedVariables(run.network) }, timeoutMs });
  const output = shownOutput(result);
  if (output !== '') run.onOutput?.(output);
  const shown = commandLine(tool.path, inner, run.places.root);
  if (!result.timedOut) return { result, output, shown, attempts: await countAttempts(run.network, counters) };
  throw pythonErrors.error('WHEEL_TIMEOUT', { what: tool.id, timeoutMs, command: shown, output });
}

/** None where nothing is there to count them: proxies that lead nowhere do not. Undefined when a namespace should have and did not. */
async function countAttempts(network: Network, counters: string): Promise<number | undefined> {
  if (network === 'open' || network === 'proxy') return 0;
  return existsSync(counters) ? attemptsIn(await readFile(counters, 'utf8')) : undefined;
}

export interface FrontendRun extends BuildRun {
  backend: string;
  /** Of a build that failed and printed this: files that it lacks and the sources have. */
  lacking?(output: string): readonly string[];
}

/** Makes one sdist or the wheels of a request; gives the names of the files that came out, at least one. Throws `WHEEL_…`. */
export async function runFrontend(
  run: FrontendRun,
  request: BuildRequest,
  command: BuildCommand,
  many: boolean,
): Promise<{ names: string[]; output: string; builds: readonly ReportedBuild[]; attempts: number | undefined }> {
  const { what } = request;
  const { result, output, shown, attempts } = await runInBuild(run, command);
  const builds = many ? readBuilds(result.stdout) : [];
  if (result.exitCode !== 0) throw failureOf(run, what, { result, output, shown, tool: command.tool, builds, attempts });
  const names = (await readdir(request.output)).filter((name) => name !== '.gitignore').sort();
  const wanted = names.filter((name) => (what === 'sdist' ? name.endsWith('.tar.gz') : name.endsWith('.whl')));
  if (wanted.length === 0) throw pythonErrors.error('WHEEL_NOTHING_BUILT', { what, backend: run.backend, there: names, output });
  if (wanted.length !== names.length || (wanted.length > 1 && !many)) {
    throw pythonErrors.error('WHEEL_OUTPUT_SET', { what, backend: run.backend, files: names });
  }
  return { names: wanted.map((name) => join(request.output, name)), output, builds, attempts };
}

interface Failure {
  result: ProcessResult;
  output: string;
  shown: string;
  tool: ResolvedTool;
  builds: readonly ReportedBuild[];
  attempts: number | undefined;
}

function failureOf(run: FrontendRun, what: BuildRequest['what'], { result, output, shown, tool, builds, attempts }: Failure): Error {
  const about = { what, backend: run.backend, command: shown, output };
  const explained = explainFailure(run, tool.id, about);
  if (explained) return explained;
  const unresolved = run.network === 'open' && run.wheelhouse === undefined ? lackingIn(output, tool.id) : undefined;
  const ending = result.signal === null ? `exit code ${result.exitCode ?? 'unknown'}` : result.signal;
  return pythonErrors.error('WHEEL_BUILD_FAILED', {
    ...about,
    frontend: `${tool.id} ${tool.version}`,
    ending,
    missing: run.lacking?.(output) ?? [],
    ...(unresolved !== undefined && { unresolved }),
    builds,
    attempts,
  });
}
