import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  RECORD_FILE,
  distFolder,
  makeRecord,
  outputsLine,
  renderRecord,
  stageRow,
  type Artifact,
  type ArtifactKind,
  type ArtifactRecord,
} from '@waybill/artifacts';
import { hashFile } from '@waybill/core';
import { FINGERPRINT_FILE } from '../fingerprint/check-fingerprint';
import type { NxContext, NxInput, NxNode, NxTarget } from '../nx-context';
import { NAMED_INPUTS, defaultsOf } from '../targets/target-defaults';
import { describeFolder } from '../upstream/folder-entries';

/** Content of a file, or what it is instead. */
export type FileContent = string | Uint8Array | { content: string | Uint8Array; mode: number } | { link: string };

/** A target before the one under test, with what it has recorded. */
export interface UpstreamSpec {
  /** Default: the project under test. */
  project?: string;
  target: string;
  stage: string;
  facts?: ArtifactRecord['facts'];
  artifacts?: readonly {
    name: string;
    kind: ArtifactKind;
    /** Of a file; of a folder: its files by path. */
    content: string | Uint8Array | Readonly<Record<string, FileContent>>;
    platform?: string;
    ships?: boolean;
    madeFrom?: readonly string[];
  }[];
}

export interface WorkspaceSpec {
  /** Default `app`, in `apps/app`. */
  project?: string;
  projectRoot?: string;
  /** Default: the stage's name. */
  target?: string;
  stage: string;
  version?: string;
  /** Relative to the workspace. */
  files?: Readonly<Record<string, FileContent>>;
  upstream?: readonly UpstreamSpec[];
  /** Laid over the target under test, which otherwise has what `init` and the generators give it. */
  targetLines?: Partial<NxTarget>;
  /** Inputs beyond those of the stage: `{ runtime: … }`. */
  furtherInputs?: readonly NxInput[];
  /** Absent from the workspace: no manifest says a version. */
  withoutVersion?: boolean;
  /** Further nodes of the graph, and its edges. */
  nodes?: Readonly<Record<string, NxNode>>;
  dependencies?: Readonly<Record<string, readonly string[]>>;
}

/** A workspace in a temporary folder, with real files, records and digests, and the context that Nx would hand to the executor. */
export async function buildWorkspace(spec: WorkspaceSpec): Promise<{ context: NxContext; remove(): Promise<void> }> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'waybill-harness-')));
  const { project = 'app', projectRoot = 'apps/app', stage, target = stage, upstream = [] } = spec;
  const manifest = `[project]\nname = "${project}"\nversion = "${spec.version ?? '0.3.0'}"\n`;
  await writeFiles(root, { ...(spec.withoutVersion ? {} : { [`${projectRoot}/pyproject.toml`]: manifest }), [FINGERPRINT_FILE]: '', ...spec.files });
  const rootOf = (name: string): string => (name === project ? projectRoot : (spec.nodes?.[name]?.data.root ?? `packages/${name}`));
  for (const before of upstream) await writeUpstream(root, rootOf(before.project ?? project), before, project, spec.version);
  const nodes = nodesOf(spec, project, target, rootOf);
  const context: NxContext = {
    root,
    projectName: project,
    targetName: target,
    nxJsonConfiguration: { namedInputs: NAMED_INPUTS },
    projectGraph: {
      nodes,
      dependencies: Object.fromEntries(Object.entries(spec.dependencies ?? {}).map(([from, to]) => [from, to.map((name) => ({ target: name }))])),
    },
  };
  return { context, remove: () => rm(root, { recursive: true, force: true }) };
}

function nodesOf(spec: WorkspaceSpec, project: string, target: string, rootOf: (name: string) => string): Record<string, NxNode> {
  const nodes: Record<string, NxNode> = { ...spec.nodes };
  const addTarget = (name: string, targetName: string, lines: NxTarget): void => {
    const data = nodes[name]?.data ?? { root: rootOf(name) };
    nodes[name] = { name, data: { ...data, targets: { ...data.targets, [targetName]: lines } } };
  };
  const upstream = spec.upstream ?? [];
  upstream.forEach((before, index) => {
    const earlier = upstream.slice(0, index).filter((other) => (other.project ?? project) === (before.project ?? project));
    addTarget(before.project ?? project, before.target, {
      executor: stageRow(before.stage).executor,
      dependsOn: earlier.slice(-1).map((other) => other.target),
    });
  });
  const dependsOn = upstream.map((before) => (before.project ? { target: before.target, projects: [before.project] } : before.target));
  const row = stageRow(spec.stage);
  const defaults = defaultsOf(row);
  const inputs = [...defaults.inputs, ...(spec.furtherInputs ?? [])];
  addTarget(project, target, { executor: row.executor, outputs: [outputsLine(target)], ...defaults, inputs, dependsOn, ...spec.targetLines });
  return nodes;
}

export async function writeFiles(root: string, files: Readonly<Record<string, FileContent>>): Promise<void> {
  for (const [path, file] of Object.entries(files)) {
    const absolute = join(root, path);
    await mkdir(dirname(absolute), { recursive: true });
    if (typeof file === 'object' && 'link' in file) await symlink(file.link, absolute);
    else if (typeof file === 'object' && 'mode' in file) {
      await writeFile(absolute, file.content);
      await chmod(absolute, file.mode);
    } else await writeFile(absolute, file);
  }
}

async function writeUpstream(root: string, projectRoot: string, spec: UpstreamSpec, project: string, version = '0.3.0'): Promise<void> {
  const folder = join(root, distFolder(projectRoot, spec.target));
  const artifacts: Artifact[] = [];
  for (const { name, kind, content, platform, ships = true, madeFrom = [] } of spec.artifacts ?? []) {
    const isFile = typeof content === 'string' || content instanceof Uint8Array;
    await writeFiles(
      folder,
      isFile ? { [name]: content } : Object.fromEntries(Object.entries(content).map(([path, file]) => [`${name}/${path}`, file])),
    );
    const digest = isFile ? await hashFile(join(folder, name)) : await describeFolder(join(folder, name));
    artifacts.push({
      name,
      path: name,
      kind,
      ...(platform !== undefined && { platform }),
      ships,
      size: digest.size,
      sha256: digest.sha256,
      madeFrom,
    });
  }
  const head = { project: spec.project ?? project, target: spec.target, stage: spec.stage, version, sourceDateEpoch: 1_580_601_600 };
  await writeFiles(folder, { [RECORD_FILE]: renderRecord(makeRecord({ ...head, artifacts, facts: spec.facts ?? {} })) });
}
