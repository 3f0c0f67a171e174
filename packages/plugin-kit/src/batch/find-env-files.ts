import { statSync } from 'node:fs';
import { join, posix } from 'node:path';

interface EnvTask {
  /** Relative to the workspace; `.` for its root. */
  projectRoot: string;
  target: string;
  configuration?: string | undefined;
}

/** In the workspace's root Nx loads these before any task, and a batch has them. */
const UNNAMED = ['.env', '.env.local', '.local.env'];

/**
 * Files of variables that Nx loads for a task that runs alone, and not for those of a batch: of the project, and of the workspace those that are named
 * after target and configuration. Nx loads these names and no others (Nx, "Define environment variables"). Paths relative to the workspace, sorted.
 */
export function findEnvFiles(root: string, { projectRoot, target, configuration }: EnvTask): readonly string[] {
  const identifiers = [target, ...(configuration === undefined ? [] : [`${target}.${configuration}`, configuration])];
  const named = identifiers.flatMap((id) => [`.env.${id}`, `.env.${id}.local`, `.${id}.env`, `.${id}.local.env`]);
  const inWorkspace = named.filter((name) => !UNNAMED.includes(name));
  const isRoot = projectRoot === '' || projectRoot === '.';
  const inProject = isRoot ? [] : [...named, ...UNNAMED].map((name) => posix.join(projectRoot, name));
  return [...new Set([...inWorkspace, ...inProject])].filter((path) => isThere(join(root, path))).sort();
}

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
