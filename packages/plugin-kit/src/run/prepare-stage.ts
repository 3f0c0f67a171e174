import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkFileName, nameOfProject, type StageRow } from '@waybill/artifacts';
import { cleanEnvironment, type Processes, type ResolvedTool, type Secret, type Tools } from '@waybill/core';
import type { z } from 'zod';
import { dryRunFolder } from '../dry-run/dry-run';
import { checkFingerprint } from '../fingerprint/check-fingerprint';
import { allDependencies, type TargetId } from '../graph/expand-depends-on';
import { checkHost } from '../graph/check-host';
import { resolveUpstream, type UpstreamTarget } from '../graph/resolve-upstream';
import { checkCacheSettings } from '../inputs/check-cache-settings';
import { checkHashedVariables } from '../inputs/check-hashed-variables';
import { checkOptionFiles } from '../inputs/check-option-files';
import { commitPathspecs } from '../inputs/commit-pathspecs';
import { locateOptionFiles } from '../inputs/locate-option-files';
import { insideInputs, projectsInside } from '../inputs/projects-inside';
import type { NxContext } from '../nx-context';
import type { CommonOptions } from '../options/common-options';
import type { StageContext, StageDefinition, StagePlan } from '../stage-definition';
import { findRemoteCache } from '../upstream/remote-cache';
import { readUpstream } from '../upstream/read-upstream';
import { readVersion, UNVERSIONED } from '../version/read-version';
import { tagForms, tagPatternOf, type TagForm } from '../version/release-tags';
import type { Git } from '../version/run-git';
import { sourceDateEpoch } from '../version/source-date';
import type { RecordedProgress } from './progress';
import type { StageHost } from './stage-host';

/** A run of one target, from its start. */
export interface StageRun {
  id: TargetId;
  /** Relative to the workspace. */
  projectRoot: string;
  row: StageRow;
  nx: NxContext;
  host: StageHost;
  progress: RecordedProgress;
  processes: Processes;
  conceal(secret: Secret): void;
  /** Folders that are removed when a signal ends the run. */
  staged: Set<string>;
}

export interface Prepared<Options> {
  context: StageContext<Options>;
  /** Targets of other makers before this one: they run for real in a dry run too. */
  foreign: readonly UpstreamTarget[];
  plannedFolder?: string;
}

/** Everything that is asked and checked before a stage may look at the world: version, date, records, inputs, tools. */
export async function prepareStage<Schema extends z.ZodType, Facts, Plan extends StagePlan>(
  run: StageRun,
  definition: StageDefinition<Schema, Facts, Plan>,
  options: z.output<Schema>,
): Promise<Prepared<z.output<Schema>>> {
  const { id, projectRoot, row, nx, host, progress, processes } = run;
  const common = options as CommonOptions;
  const plannedFolder = checkSettings(run, common);
  const git: Git = { processes, workspaceRoot: nx.root, environment: cleanEnvironment(host.variables, []) };
  const name = checkFileName(common.name ?? nameOfProject(id.project), common.name === undefined ? 'project name' : 'option `name`');
  definition.checkProject?.({ workspaceRoot: nx.root, projectRoot });
  const version = await versionOf(run, git, common, definition.needsVersion === false ? { otherwise: UNVERSIONED } : {});
  const epoch = await epochOf(run, git, common);
  await checkInputs(run, git, definition.optionFiles?.(options, (path) => textOf(nx.root, path)) ?? []);
  const upstream = resolveUpstream(nx.projectGraph, id);
  const readRecords = (): ReturnType<typeof readUpstream> => readUpstream({ workspaceRoot: nx.root, upstream, by: id, plannedFolder });
  const { records, artifacts } = upstream.targets.length === 0 ? await readRecords() : await progress.step('verify records', readRecords);
  const tools = host.createTools(processes);
  const resolvedTools = await resolveTools(run, tools, definition.tools?.(options) ?? []);
  return {
    context: {
      options,
      processes,
      tools,
      progress,
      environment: host.variables,
      workspaceRoot: nx.root,
      projectName: id.project,
      projectRoot,
      targetName: id.target,
      ...placeInGraph(run, common),
      stage: row.stage,
      name,
      version,
      sourceDateEpoch: epoch,
      timeoutMs: common.timeoutMs,
      toolEnvironment: cleanEnvironment(host.variables, common.passEnv, { SOURCE_DATE_EPOCH: String(epoch) }),
      upstream: artifacts,
      upstreamRecords: records,
      checkInputs: (files) => checkInputs(run, git, files),
      resolvedTools,
      dryRun: plannedFolder !== undefined,
      ...laterOf(run),
    },
    foreign: upstream.targets.filter(({ ours }) => !ours),
    ...(plannedFolder !== undefined && { plannedFolder }),
  };
}

/** The target's settings before anything is read; gives the folder of planned records of a dry run. */
function checkSettings({ id, row, nx, host }: StageRun, options: CommonOptions): string | undefined {
  checkHost(nx, id, row, options, host.machine);
  const plannedFolder = dryRunFolder(host.variables, options.dryRun, `${id.project}:${id.target}`);
  checkCacheSettings(nx, id, row);
  checkHashedVariables(nx, id, options, host.variables);
  return plannedFolder;
}

/** Of what is made from sources and kept, a file that says the version must be an input. */
function versionOf(run: StageRun, git: Git, options: CommonOptions, more: { otherwise?: string }): Promise<string> {
  const { id, projectRoot, host, row } = run;
  const isKept = row.reads === 'sources' && row.cache;
  const checkInput = (path: string): Promise<void> => checkInputs(run, git, isKept ? [{ option: 'version', path }] : []);
  const request = { projectRoot, projectName: id.project, options, tagForms: formsOf(run, options), variables: host.variables, git };
  return readVersion({ ...request, checkInput, ...more });
}

const formsOf = ({ id, nx }: StageRun, { name }: CommonOptions): readonly TagForm[] =>
  tagForms([id.project, name ?? nameOfProject(id.project)], tagPatternOf(nx.nxJsonConfiguration?.release ?? {}, id.project, nx.projectGraph));

function epochOf({ id, projectRoot, nx, host }: StageRun, git: Git, { sourceDate }: CommonOptions): Promise<number> {
  return sourceDateEpoch({ projectRoot, projectName: id.project, sourceDate, variables: host.variables, git, inputs: commitPathspecs(nx, id) });
}

async function checkInputs({ nx, id }: StageRun, git: Git, files: Parameters<typeof locateOptionFiles>[1]): Promise<void> {
  if (files.length > 0) checkOptionFiles(nx, id, await locateOptionFiles(git, files));
}

/** What a stage may ask for while it works. */
function laterOf(run: StageRun): Pick<StageContext<unknown>, 'checkTools' | 'conceal' | 'removeOnEnd' | 'remoteCache'> {
  return {
    ...remoteCacheOf(run),
    checkTools: (found) => checkTools(run, found),
    conceal: run.conceal,
    removeOnEnd: (folder) => {
      run.staged.add(folder);
      return () => void run.staged.delete(folder);
    },
  };
}

function textOf(workspaceRoot: string, path: string): string | undefined {
  const file = resolve(workspaceRoot, path);
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, 'utf8') : undefined;
}

function remoteCacheOf({ nx, host }: StageRun): { remoteCache?: string } {
  const remoteCache = findRemoteCache(nx.nxJsonConfiguration, host.variables);
  return remoteCache === undefined ? {} : { remoteCache };
}

export const targetsOf = ({ projectGraph }: NxContext, project: string): StageContext<unknown>['projectTargets'] =>
  Object.entries(projectGraph.nodes[project]?.data.targets ?? {}).map(([target, { executor = '', options }]) => ({ target, executor, options }));

type Place = 'projectTargets' | 'dependencies' | 'projectsInside' | 'isInput' | 'tagForms' | 'nxRelease';

function placeInGraph(run: StageRun, options: CommonOptions): Pick<StageContext<unknown>, Place> {
  const { nx, id } = run;
  const { projectGraph } = nx;
  return {
    tagForms: formsOf(run, options),
    nxRelease: nx.nxJsonConfiguration?.release ?? {},
    projectTargets: targetsOf(nx, id.project),
    projectsInside: projectsInside(projectGraph, id.project),
    isInput: insideInputs(nx, id),
    dependencies: allDependencies(projectGraph, id.project).map((name) => {
      const { data } = projectGraph.nodes[name]!;
      return { project: name, root: data.root, targets: Object.keys(data.targets ?? {}) };
    }),
  };
}

type ToolRequest = NonNullable<ReturnType<NonNullable<StageDefinition<z.ZodType, unknown, StagePlan>['tools']>>>[number];

async function resolveTools(run: StageRun, tools: Tools, requests: readonly ToolRequest[]): Promise<Readonly<Record<string, ResolvedTool>>> {
  if (requests.length === 0) return {};
  const resolved: ResolvedTool[] = [];
  for (const { descriptor, explicitPath } of requests) resolved.push(await tools.resolve(descriptor, explicitPath));
  await checkTools(run, resolved);
  return Object.fromEntries(resolved.map((tool) => [tool.id, tool]));
}

/** Only tools that are not of this Waybill are asked again: each costs a process. */
async function checkTools({ nx, id, host }: StageRun, tools: readonly ResolvedTool[]): Promise<void> {
  const own = tools.filter(({ source }) => source !== 'managed').map((tool) => tool.id);
  const seen = own.length === 0 ? new Map<string, string>() : await host.probeTools(own);
  checkFingerprint(nx, id, tools, seen, (path) => existsSync(join(nx.root, path)));
}
