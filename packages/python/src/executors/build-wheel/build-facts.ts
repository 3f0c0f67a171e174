import type { ResolvedTool } from '@waybill/core';
import type { UpstreamArtifact } from '@waybill/plugin-kit';
import type { RequirementsLock } from '@waybill/distributions';
import type { ChosenFrontend } from '../../building/choose-frontend';
import type { Network, NetworkTier } from '../../environment/network';
import type { Interpreter } from '../../interpreter/query-python';
import type { ProjectFacts } from '../../project/project-facts';
import type { WantedResults } from './wanted-results';

/** The files that a build starts from, and where the copy has them. */
export interface Sources {
  from: 'git' | 'folder';
  /** Relative to the workspace: the folder that is copied, the project's or one above it. */
  base: string;
  /** The project's folder, relative to `base`; empty when it is that. */
  project: string;
  /** Relative to `base`, sorted. */
  paths: readonly string[];
  /** Outside of the project, relative to the workspace. */
  reach: readonly string[];
  /** Projects inside of this one whose files are no inputs of the target, and were not copied; roots are relative to the workspace. */
  leftOut: readonly { project: string; root: string }[];
  /** Its backend or its build requirements read git. */
  readsGit: boolean;
}

/** Relative to the project, of the sources that lie in it. */
export function projectPaths({ paths, project }: Pick<Sources, 'paths' | 'project'>): string[] {
  const prefix = project === '' ? '' : `${project}/`;
  return paths.flatMap((path) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : []));
}

/** Everything that the plan is made from; nothing is built yet. */
export interface BuildFacts {
  project: ProjectFacts;
  python: Interpreter;
  /** What the wheel is made for, `{os}-{arch}`. */
  platform: string;
  /** Results that go to the output folder. */
  delivers: WantedResults;
  /** `linux`, `darwin`, `win32`: of this machine. */
  system: string;
  /** Absent when the sdist is that of another target. */
  sdist?: ChosenFrontend;
  wheel?: ChosenFrontend;
  sources: Sources;
  /** Sdist of the target `build-wheel` of this project, for targets of further wheels that are made from it. */
  upstreamSdist?: UpstreamArtifact;
  /** Wheels of this workspace that fit the interpreter, one for each distribution. */
  localWheels: readonly UpstreamArtifact[];
  /** Those of them that are build requirements, or what these need. */
  localRequirements: readonly UpstreamArtifact[];
  lock?: RequirementsLock;
  /** What is installed beside the wheel when it is tried. */
  installLock?: RequirementsLock;
  /** Absolute: folder of environments that serve more than one build, where this build may use one. */
  environments?: string;
  /** Variable that adds to the flags of the project's cargo settings. */
  rustFlags: string;
  /** uv, for the environment of the install test; without it that is made by venv and pip. */
  installer?: ResolvedTool;
  network: Network;
  /** How this machine keeps programs from the network. */
  closedNetwork: NetworkTier;
  /** `performance.now()` at which the time of the target began to run. */
  startedMs: number;
}
