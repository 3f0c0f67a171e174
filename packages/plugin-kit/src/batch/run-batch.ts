import { availableParallelism } from 'node:os';
import { pluginKitErrors } from '../errors/plugin-kit-errors';
import type { NxContext } from '../nx-context';
import { errorLines } from '../run/describe-error';
import type { StageHost } from '../run/stage-host';
import { findEnvFiles } from './find-env-files';
import { hostOfOne, shareEnd } from './share-end';

/** The part of Nx's `TaskGraph` that counts here. */
export interface BatchGraph {
  tasks: Readonly<Record<string, { target: { project: string; target: string; configuration?: string } }>>;
  dependencies: Readonly<Record<string, readonly string[]>>;
}

/** Nx's `BatchExecutorTaskResult`. */
export interface BatchAnswer {
  task: string;
  result: { success: boolean; status?: 'skipped'; terminalOutput: string; startTime?: number; endTime?: number };
}

export interface BatchRequest {
  graph: BatchGraph;
  /** Of each task, as Nx merged them. */
  options: Readonly<Record<string, unknown>>;
  context: NxContext;
  host: StageHost;
  run(options: unknown, context: NxContext, host: StageHost): Promise<{ success: boolean }>;
}

/**
 * Runs the tasks that Nx gives one process (`--batch`), each as it would run alone: after those that it depends on, as many at a time as the variable
 * `NX_PARALLEL` or the machine says. What follows a failure is skipped.
 */
export async function* runBatch(request: BatchRequest): AsyncGenerator<BatchAnswer, void, undefined> {
  const { graph, host } = request;
  const atOnce = parallelOf(host.variables['NX_PARALLEL']);
  const end = shareEnd(host);
  const waiting = new Set(Object.keys(graph.tasks));
  const running = new Map<string, Promise<BatchAnswer>>();
  const ended = new Map<string, boolean>();
  const needs = (id: string): readonly string[] => (graph.dependencies[id] ?? []).filter((other) => other in graph.tasks);
  try {
    while (waiting.size + running.size > 0) {
      const skipped = [...waiting].find((id) => needs(id).some((other) => ended.get(other) === false));
      const next = [...waiting].find((id) => needs(id).every((other) => ended.get(other) === true));
      if (skipped === undefined && next !== undefined && running.size < atOnce) {
        waiting.delete(next);
        running.set(next, runOne(request, next, end.onEnd));
        continue;
      }
      const answer = skipped === undefined ? await Promise.race(running.values()) : skippedAnswer(skipped);
      waiting.delete(answer.task);
      running.delete(answer.task);
      ended.set(answer.task, answer.result.success);
      yield answer;
    }
  } finally {
    end.stop();
  }
}

/** As Nx reads it: a number, or a part of the processors (`50%`), but one at least. All of them when it is neither. */
function parallelOf(text = ''): number {
  const number = Number.parseInt(text, 10);
  if (Number.isNaN(number)) return availableParallelism();
  return Math.max(1, Math.floor(text.endsWith('%') ? (availableParallelism() * number) / 100 : number));
}

const skippedAnswer = (task: string): BatchAnswer => ({ task, result: { success: false, status: 'skipped', terminalOutput: '' } });

async function runOne({ graph, options, context, host, run }: BatchRequest, task: string, onEnd: StageHost['onEnd']): Promise<BatchAnswer> {
  const { project, target, configuration } = graph.tasks[task]!.target;
  const lines: string[] = [];
  const startTime = Date.now();
  const own: NxContext = {
    ...context,
    projectName: project,
    targetName: target,
    ...(configuration !== undefined && { configurationName: configuration }),
  };
  const place = { projectRoot: context.projectGraph.nodes[project]?.data.root ?? '', target, configuration };
  // As Nx reads it: then it loads no file for a task that runs alone either.
  const loadsNone = host.variables['NX_LOAD_DOT_ENV_FILES'] === 'false';
  const files = loadsNone ? [] : findEnvFiles(context.root, place);
  if (files.length > 0) lines.push(...errorLines(pluginKitErrors.error('GRAPH_BATCH_ENV', { target: task, files }), false));
  const { success } = files.length > 0 ? { success: false } : await run(options[task], own, hostOfOne(host, lines, onEnd));
  return { task, result: { success, terminalOutput: lines.map((line) => `${line}\n`).join(''), startTime, endTime: Date.now() } };
}
