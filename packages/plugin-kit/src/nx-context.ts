/** The part of Nx's `ExecutorContext` that Waybill reads. Structural, so that nothing of Nx is loaded or needed for types. */
export interface NxContext {
  /** Absolute path of the workspace. */
  root: string;
  projectName?: string;
  targetName?: string;
  configurationName?: string;
  target?: NxTarget;
  nxJsonConfiguration?: NxJson;
  projectGraph: NxGraph;
  /** The tasks of this run. Absent where an executor is called by itself. */
  taskGraph?: NxTasks;
  isVerbose?: boolean;
}

/** The part of Nx's `TaskGraph` that Waybill reads. */
export interface NxTasks {
  tasks: Readonly<Record<string, { target: { project: string; target: string }; overrides?: unknown }>>;
  /** Ids of the tasks that each waits for. */
  dependencies: Readonly<Record<string, readonly string[]>>;
}

/** The part of nx.json that Waybill reads. */
export interface NxJson {
  namedInputs?: Readonly<Record<string, readonly NxInput[]>>;
  neverConnectToCloud?: boolean;
  nxCloudId?: string;
  nxCloudAccessToken?: string;
  tasksRunnerOptions?: Readonly<Record<string, { runner?: string } | undefined>>;
  release?: NxRelease;
}

/** What `nx release` is told of tags and changelogs, for the workspace or a group of projects. */
export interface NxReleaseSettings {
  projectsRelationship?: string | undefined;
  releaseTag?: { pattern?: string | undefined } | undefined;
  changelog?: unknown;
}

export interface NxRelease extends NxReleaseSettings {
  groups?: Readonly<Record<string, NxReleaseSettings & { projects?: string | readonly string[] | undefined }>> | undefined;
}

export interface NxGraph {
  nodes: Readonly<Record<string, NxNode>>;
  dependencies: Readonly<Record<string, readonly { target: string }[]>>;
}

export interface NxNode {
  name: string;
  data: {
    root: string;
    tags?: readonly string[];
    targets?: Readonly<Record<string, NxTarget>>;
    namedInputs?: Readonly<Record<string, readonly NxInput[]>>;
  };
}

export interface NxTarget {
  executor?: string;
  cache?: boolean;
  dependsOn?: readonly NxDependsOn[];
  inputs?: readonly NxInput[];
  outputs?: readonly string[];
  options?: Readonly<Record<string, unknown>>;
  configurations?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export type NxDependsOn =
  | string
  | {
      target: string;
      projects?: string | readonly string[];
      dependencies?: boolean;
    };

/** A string (a named input, a fileset, either with `^`) or one of Nx's input objects. */
export type NxInput = string | Readonly<Record<string, unknown>>;
