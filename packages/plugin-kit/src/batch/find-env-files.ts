import { readdirSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';

/**
 * Files of variables that Nx loads for a task that runs alone, and not for those of a batch: all of the project, and those of the workspace that are
 * named after the target (Nx, "Define environment variables"). Paths relative to the workspace, sorted.
 */
export function findEnvFiles(root: string, projectRoot: string, target: string): readonly string[] {
  const isOfTarget = (name: string): boolean => name.startsWith(`.env.${target}`) || (name.startsWith(`.${target}`) && name.endsWith('.env'));
  const inWorkspace = namesIn(root).filter(isOfTarget);
  const isRoot = projectRoot === '' || projectRoot === '.';
  const inProject = isRoot ? [] : namesIn(join(root, projectRoot)).filter((name) => /^\.env(?:\.|$)|^\..*\.env$/.test(name));
  return [...inWorkspace, ...inProject.map((name) => posix.join(projectRoot, name))].sort();
}

const namesIn = (folder: string): readonly string[] =>
  statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
    ? readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [] : [entry.name]))
    : [];
