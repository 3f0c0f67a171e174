import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RECORD_FILE, REPORT_FILE, distFolder, parseRecord, type ArtifactRecord } from '@waybill/artifacts';
import { readTree, type LibraryTools, type Processes, type Tools } from '@waybill/core';
import type { z } from 'zod';
import { DRY_RUN_FOLDER_PREFIX } from '../dry-run/dry-run';
import type { NxContext } from '../nx-context';
import type { Report } from '../run/report';
import { runStage } from '../run/run-stage';
import type { StageHost } from '../run/stage-host';
import type { StageDefinition, StagePlan } from '../stage-definition';
import { readPlannedRecord } from '../upstream/planned-records';
import { buildWorkspace, type WorkspaceSpec } from './build-workspace';
import { fakeProcesses } from './fake-processes';
import { fakeTools } from './fake-tools';

export interface ExecutorRequest extends Omit<WorkspaceSpec, 'stage'> {
  options?: unknown;
  /** The caller's environment, whole. */
  environment?: Readonly<Record<string, string>>;
  /** Dry as the plugin entry makes it. */
  dryRun?: boolean;
  /** Default: nothing can be started. */
  processes?: Processes;
  /** Default: `toolVersions` on PATH. */
  tools?: Tools & Partial<LibraryTools>;
  toolVersions?: Readonly<Record<string, string>>;
  /** Runs in this workspace again, instead of a new one. */
  again?: ExecutorRun;
  host?: Partial<StageHost>;
}

export interface ExecutorRun {
  success: boolean;
  /** What the terminal shows, line by line. */
  lines: readonly string[];
  /** The same as one text. */
  output: string;
  workspaceRoot: string;
  /** Absolute path of the target's folder in dist. */
  folder: string;
  /** Paths in it, folders left out. */
  files: readonly string[];
  record?: ArtifactRecord;
  report?: Report;
  /** Of a dry run. */
  planned?: ArtifactRecord;
  context: NxContext;
  remove(): Promise<void>;
}

/** Runs a stage as Nx would, in a workspace of its own, with made-up programs and tools. Call `remove` at the end. */
export async function runExecutor<Schema extends z.ZodType, Facts, Plan extends StagePlan>(
  definition: StageDefinition<Schema, Facts, Plan>,
  request: ExecutorRequest = {},
): Promise<ExecutorRun> {
  const { context, remove } = request.again ?? (await buildWorkspace({ ...request, stage: definition.stage }));
  const dryFolder = request.dryRun ? await mkdtemp(join(tmpdir(), DRY_RUN_FOLDER_PREFIX)) : undefined;
  const lines: string[] = [];
  const variables = { PATH: '/fake/bin', ...request.environment, ...(dryFolder !== undefined && { NX_DRY_RUN: 'true', WAYBILL_DRY_RUN: dryFolder }) };
  try {
    const { success } = await runStage(definition, request.options ?? {}, context, fakeHost(request, variables, lines));
    const id = { project: context.projectName!, target: context.targetName! };
    const planned = dryFolder === undefined ? undefined : await readPlannedRecord(dryFolder, id);
    const result = await readResult(context);
    return { success, lines, output: lines.join('\n'), workspaceRoot: context.root, ...result, ...(planned && { planned }), context, remove };
  } finally {
    if (dryFolder !== undefined) await rm(dryFolder, { recursive: true, force: true });
  }
}

function fakeHost(request: ExecutorRequest, variables: StageHost['variables'], lines: string[]): StageHost {
  const versions = request.toolVersions ?? {};
  return {
    variables,
    homeFolder: '/home/nobody',
    machine: { platform: process.platform, arch: process.arch },
    write: (line) => void lines.push(line),
    nowMs: () => performance.now(),
    createProcesses: () => request.processes ?? fakeProcesses(),
    createTools: () => ({ ...fakeTools(versions), ...request.tools }),
    probeTools: async (ids) => new Map(ids.map((id) => [id, versions[id] ?? 'missing'])),
    onEnd: () => () => undefined,
    exit: (code) => {
      throw new Error(`the executor ended the process with ${code}`);
    },
    ...request.host,
  };
}

async function readResult(context: NxContext): Promise<Pick<ExecutorRun, 'folder' | 'files' | 'record' | 'report'>> {
  const folder = join(context.root, distFolder(context.projectGraph.nodes[context.projectName!]!.data.root, context.targetName!));
  const items = existsSync(folder) ? await readTree(folder) : [];
  const files = items.filter(({ kind }) => kind !== 'directory').map(({ path }) => path);
  const text = (name: string): Promise<string> | undefined => (files.includes(name) ? readFile(join(folder, name), 'utf8') : undefined);
  const [record, report] = [await text(RECORD_FILE), await text(REPORT_FILE)];
  return {
    folder,
    files,
    ...(record !== undefined && { record: parseRecord(record) }),
    ...(report !== undefined && { report: JSON.parse(report) as Report }),
  };
}
