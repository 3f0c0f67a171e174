import type { Artifact, ArtifactRecord, Json } from '@waybill/artifacts';
import type { Finding, Outcome, Processes, ResolvedTool, Secret, ToolDescriptor, LibraryTools } from '@waybill/core';
import type { z } from 'zod';
import type { NxRelease } from './nx-context';
import type { TagForm } from './version/release-tags';

/** An artifact of a target that this one depends on. Its digest was verified before `gather` was called. */
export interface UpstreamArtifact extends Artifact {
  /** Absolute path of the file or folder. In a dry run it may not exist yet. */
  file: string;
  project: string;
  target: string;
  stage: string;
  /** The record it stands in. */
  record: ArtifactRecord;
}

/** The record of a target that this one depends on, artifacts or none (a smoke has facts only). */
export interface UpstreamRecord {
  project: string;
  target: string;
  /** Absolute path of the folder that the record stands in. */
  folder: string;
  record: ArtifactRecord;
  /** Made by a dry target of this run: no digests, no facts, no files yet. */
  planned: boolean;
  /** A run of the target in this workspace wrote this very record; else it came from a cache or another machine. */
  madeHere: boolean;
}

/** What an artifact will be, before its bytes are there. */
export type PlannedArtifact = Pick<Artifact, 'name' | 'path' | 'kind' | 'platform' | 'ships'>;

/** Steps, lines and warnings of a run: one line a step on the terminal, seconds of each in report.json. */
export interface Progress {
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** A line for people, redacted. */
  line(text: string): void;
  warn(text: string): void;
  /** Findings of a step that is done: when a later one throws, they are told and reported with its error. Otherwise the result has all findings. */
  found(findings: readonly Finding[]): void;
}

/** The world as an executor sees it. Everything that has an effect or a fault of its own is here; tests give fakes. */
export interface StagePorts {
  processes: Processes;
  tools: LibraryTools;
  progress: Progress;
  /** From now on the value is told as little as those of the variables that `secrets` names: for what was made of one, a key that was decrypted. */
  conceal(secret: Secret): void;
  /** The caller's environment; only what is named in options may be taken from it. */
  environment: Readonly<Record<string, string | undefined>>;
}

export interface StageContext<Options> extends StagePorts {
  options: Options;
  /** Absolute. */
  workspaceRoot: string;
  projectName: string;
  /** Relative to the workspace. */
  projectRoot: string;
  targetName: string;
  /** All targets of the project, with what runs them and their options as written: which chains there are, whether this target depends on them or not. */
  projectTargets: readonly { target: string; executor: string; options?: unknown }[];
  /** Projects that this one depends on, directly or through others, whether or not this target depends on theirs. Roots are relative to the workspace. */
  dependencies: readonly { project: string; root: string; targets: readonly string[] }[];
  /** Projects in folders of this one, relative to the workspace. Nx gives their files to them, so that they are no inputs unless the target names them. */
  projectsInside: readonly { project: string; root: string }[];
  /** Of a file in a project inside of this one: do the target's inputs name it? */
  isInput(pathInWorkspace: string): boolean;
  stage: string;
  /** Base name of artifacts: the option `name`, else the project's. */
  name: string;
  /** PEP 440 form, checked for file names. */
  version: string;
  sourceDateEpoch: number;
  /** Of the project's release tags, the surest first. */
  tagForms: readonly TagForm[];
  /** `release` of nx.json. */
  nxRelease: NxRelease;
  /** Clean, fixed environment for tools (PATH, HOME, TZ=UTC, LC_ALL=C.UTF-8, …, plus `passEnv`). */
  toolEnvironment: Readonly<Record<string, string>>;
  /** Artifacts of the targets before this one, superseded ones left out, verified (in a dry run planned ones, whose files are not there yet). */
  upstream: readonly UpstreamArtifact[];
  /** Their records, each behind those of the targets that it depends on. */
  upstreamRecords: readonly UpstreamRecord[];
  /** What makes Nx take results from another machine's cache: a variable or a line of nx.json. Absent: nothing does. */
  remoteCache?: string;
  /** The plan is printed and nothing is done: `gather` may find that files of planned artifacts are not there yet. */
  dryRun: boolean;
  /**
   * For files that only gathering finds to count (a readme above the project): each must be covered by the target's inputs, as those that options
   * name. `option` says what names the file. Throws `GRAPH_INPUT_UNDECLARED`.
   */
  checkInputs(files: readonly { option: string; path: string }[]): Promise<void>;
  /**
   * For tools that only gathering finds: the fingerprint among the target's inputs must see the very same. Throws `GRAPH_TOOL_FINGERPRINT`.
   */
  checkTools(tools: readonly ResolvedTool[]): Promise<void>;
  /** Has a folder outside of `dist` removed when a signal ends the run; the call that comes back says that it is gone. */
  removeOnEnd(folder: string): () => void;
  /** Tools that `tools` asked for, by id. */
  resolvedTools: Readonly<Record<string, ResolvedTool>>;
  timeoutMs: number;
}

/** What carrying out a plan gave. Artifact sizes and digests are those of files in `outputDir`. */
export interface StageResult {
  outcome: Outcome;
  /** In one word or sentence, beside the findings in report.json (`relocatable`). */
  verdict?: string;
  artifacts: readonly Artifact[];
  /** Facts of the stage for the record. No time, host, user, absolute path. */
  facts: ArtifactRecord['facts'];
  findings: readonly Finding[];
  /** Anything else worth keeping in report.json (times, decisions, evidence). */
  report?: { readonly [key: string]: Json | undefined };
  /** Last lines on the terminal. */
  summary: readonly string[];
}

/** A plan is a value that can be printed. */
export interface StagePlan {
  /** Artifacts that the real run will make. */
  artifacts: readonly PlannedArtifact[];
  /** The plan as lines for people; no absolute path outside the workspace unless it is a tool's. */
  lines: readonly string[];
  /** What of it counts in the plan of a whole run, beside artifacts and tools: places, keys and credentials by name, what is built with. */
  overview?: readonly string[];
  /** Set when the plan foresees that nothing is to be done, with the reason: then `skipped` lets the graph go on. */
  skip?: string;
}

/** Options on the command line of a target, as they were written: names and values are not checked. */
export interface AskedOptions {
  /** `project:target`. */
  of: string;
  options: Readonly<Record<string, unknown>>;
}

export interface StageDefinition<Schema extends z.ZodType, Facts, Plan extends StagePlan> {
  /** A row of the stage table. */
  stage: string;
  options: Schema;
  /**
   * Options as given, and what is taken from other targets of the project instead of being said twice. `asked`: what the command line gave to targets of
   * this run that wait for this one; Nx itself tells it to the targets that were named alone.
   */
  inherit?(given: unknown, projectTargets: StageContext<unknown>['projectTargets'], asked: readonly AskedOptions[]): unknown;
  /** What comes out is part of no release: a project without a version will do, and is `unversioned`. */
  needsVersion?: false;
  /** Before anything else is read, its version too: throws for a project that the stage can do nothing with. `projectRoot` is relative to the workspace. */
  checkProject?(project: { workspaceRoot: string; projectRoot: string }): void;
  /**
   * Throws for options that can never work, whatever the targets before made: before their records are asked for, so that a slip is told as one. Looks at
   * nothing but them and the caller's environment.
   */
  checkOptions?(options: z.output<Schema>, environment: StagePorts['environment']): void;
  /**
   * Names of variables whose values are secrets, whatever they are called: they are hidden wherever they would be shown. A stage that reads the options of
   * another target of the project finds them in `projectTargets`.
   */
  secrets?(options: z.output<Schema>, projectTargets: StageContext<unknown>['projectTargets']): readonly string[];
  /** Tools the run needs, in order; the first missing one ends the run. */
  tools?(options: z.output<Schema>): readonly { descriptor: ToolDescriptor; explicitPath?: string }[];
  /**
   * Files that options name, and files that those name, relative to the workspace: each must be covered by the target's inputs
   * (`GRAPH_INPUT_UNDECLARED`). `read` gives the text of a file, `undefined` when there is none.
   */
  optionFiles?(options: z.output<Schema>, read: (pathInWorkspace: string) => string | undefined): readonly { option: string; path: string }[];
  /** A failed run leaves the artifacts and the record of the run before as they are; only report.json tells of it. By default they go. */
  keepsPrevious?: boolean;
  /** Reads; no effect outside temporary folders of its own. */
  gather(context: StageContext<z.output<Schema>>): Promise<Facts>;
  /** Pure. */
  plan(context: StageContext<z.output<Schema>>, facts: Facts): Plan;
  /** Effects. `outputDir` is an empty staging folder beside the target's place; it becomes visible only when this returns. */
  apply(context: StageContext<z.output<Schema>>, plan: Plan, outputDir: string): Promise<StageResult>;
}
