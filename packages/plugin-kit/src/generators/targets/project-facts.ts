import type { ManifestFacts } from '../../manifests';
import type { NxTarget } from '../../nx-context';
import type { JsonObject } from '../generator-tree';

/** What a project is, as far as targets depend on it. Read once; whoever judges reads nothing. */
export interface ProjectFacts {
  name: string;
  /** Relative to the workspace; `.` for the root. */
  root: string;
  projectType?: string;
  /** Where its targets stand: project.json, or `nx` in package.json. */
  file: string;
  targets: Readonly<Record<string, NxTarget & JsonObject>>;
  /** Names of scripts of package.json: Nx makes targets of them. */
  scripts: readonly string[];
  pyproject?: JsonObject;
  cargo?: JsonObject;
  facts: readonly { path: string; facts: ManifestFacts }[];
  hasSetupFile: boolean;
  hasMainRs: boolean;
  /** Top-level modules that `python -m` starts: folders with `__main__.py`, in `src` or in the project's root. */
  startModules: readonly string[];
  /** Hash-locked requirements file, relative to the workspace. */
  lock?: string;
  /** Some source file handles `--smoke-python`, which the proof starts the application with. */
  answersSmoke: boolean;
}
