import { normaliseDistribution } from '@waybill/artifacts';
import { posix } from 'node:path';
import { getProjects } from '@nx/devkit';
import { generatorErrors } from '../generator-errors';
import type { GeneratorTree } from '../generator-tree';
import { readJsonFile } from '../read-json-file';

export interface NewProject {
  /** Of the project and the distribution. */
  name: string;
  /** Relative to the workspace. */
  root: string;
  /** Name of the Python package. */
  module: string;
  /** SPDX expression for pyproject.toml, as the package.json of the workspace has it. */
  licence?: string;
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
  const module = normaliseDistribution(name).replaceAll('-', '_');
  const refuseName = (problem: string): never => {
    throw generatorErrors.error('OPTION_PROJECT_NAME', { name, problem });
  };
  if (!DISTRIBUTION.test(name)) refuseName('letters, digits, `-`, `_` and `.`, first and last a letter or digit');
  if (!/^[a-z_]\w*$/.test(module) || KEYWORDS.has(module)) refuseName('a name that Python can import as a module');
  if (projects.some(([other]) => other === name)) refuseName('a name that no project of the workspace has yet');
  const licence = licenceOf(tree);
  return { name, root, module, ...(licence !== undefined && { licence }) };
}

/** Ids that build backends take; what else stands in a package.json may be no SPDX expression. */
const LICENCES = new Set(
  '0BSD AGPL-3.0-only AGPL-3.0-or-later Apache-2.0 BSD-2-Clause BSD-3-Clause BSL-1.0 CC0-1.0 EUPL-1.2 GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later ISC LGPL-3.0-only LGPL-3.0-or-later MIT MPL-2.0 Unlicense Zlib'.split(
    ' ',
  ),
);

/** npm's word for no licence at all is none of SPDX. */
function licenceOf(tree: GeneratorTree): string | undefined {
  const licence = tree.exists('package.json') ? readJsonFile(tree, 'package.json')['license'] : undefined;
  if (licence === 'UNLICENSED') return 'LicenseRef-Proprietary';
  return typeof licence === 'string' && LICENCES.has(licence) ? licence : undefined;
}
