import { posix } from 'node:path';
import { getProjects } from '@nx/devkit';
import { distributionName } from '../../manifests';
import { generatorErrors } from '../generator-errors';
import type { GeneratorTree } from '../generator-tree';

export interface NewProject {
  /** Of the project and the distribution. */
  name: string;
  /** Relative to the workspace. */
  root: string;
  /** Name of the Python package. */
  module: string;
}

/** PEP 508. */
const DISTRIBUTION = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const KEYWORDS = new Set(
  'false none true and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' ',
  ),
);

/** Where a new project goes, and what it is called: `OPTION_DIRECTORY`, `OPTION_PROJECT_NAME`. */
export function placeProject(tree: GeneratorTree, { directory, name: given }: { directory: string; name?: string | undefined }): NewProject {
  const root = posix.normalize(directory.replaceAll('\\', '/')).replace(/\/$/, '');
  const refuse = (problem: string): never => {
    throw generatorErrors.error('OPTION_DIRECTORY', { directory, problem });
  };
  if (posix.isAbsolute(root) || /^[A-Za-z]:/.test(root) || root === '..' || root.startsWith('../')) refuse('it is outside of the workspace');
  if (root === '.') refuse('it is the workspace itself');
  if (tree.children(root).length > 0 || tree.isFile(root)) refuse('something is there already');
  const projects = [...getProjects(tree)];
  const around = projects.find(([, project]) => project.root !== '.' && root.startsWith(`${project.root}/`));
  if (around) refuse(`the project \`${around[0]}\` is around it`);
  const name = given ?? posix.basename(root);
  const module = distributionName(name).replaceAll('-', '_');
  const refuseName = (problem: string): never => {
    throw generatorErrors.error('OPTION_PROJECT_NAME', { name, problem });
  };
  if (!DISTRIBUTION.test(name)) refuseName('letters, digits, `-`, `_` and `.`, first and last a letter or digit');
  if (!/^[a-z_]\w*$/.test(module) || KEYWORDS.has(module)) refuseName('a name that Python can import as a module');
  if (projects.some(([other]) => other === name)) refuseName('a name that no project of the workspace has yet');
  return { name, root, module };
}
