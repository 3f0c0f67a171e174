import { posix } from 'node:path';
import type { HostProcess } from '@waybill/artifacts';
import type { NxTarget } from '../../nx-context';
import { NO_PACKAGES } from '../../targets/target-defaults';
import type { ProjectKind } from '../../targets/targets-for';
import type { WrittenResult } from '../define-generator';
import type { GeneratorTree } from '../generator-tree';
import { signingRequest } from '../targets/release-options';
import { writeReleaseTargets } from '../targets/write-release-targets';
import type { NewProjectOptions } from './new-project-options';
import { placeProject, type NewProject } from './place-project';

export interface ProjectTemplate {
  kind: ProjectKind;
  /** Text by path in the project. */
  files(project: NewProject): Readonly<Record<string, string>>;
  /** Targets of its own, beside those of the release. */
  targets(project: NewProject): Readonly<Record<string, NxTarget>>;
}

/** A new project from a template, with its release targets, in a workspace that is set up; `root` is its folder, relative to the workspace. All that can be refused is refused first. */
export function createProject(
  tree: GeneratorTree,
  { kind, files, targets }: ProjectTemplate,
  options: NewProjectOptions,
  host: HostProcess = process,
): WrittenResult & { root: string } {
  const project = placeProject(tree, options);
  const { name, root } = project;
  const written = {
    'project.json': `${JSON.stringify(
      {
        $schema: `${posix.relative(root, 'node_modules/nx/schemas/project-schema.json')}`,
        name,
        projectType: kind === 'library' ? 'library' : 'application',
        sourceRoot: `${root}/src`,
        targets: targets(project),
      },
      null,
      2,
    )}\n`,
    '.gitignore': '__pycache__/\n.venv/\n',
    ...files(project),
  };
  for (const [path, text] of Object.entries(written)) tree.write(posix.join(root, path), text);
  const { lines, install } = writeReleaseTargets(
    tree,
    { project: name, kind, ...signingRequest(options), skipPackageJson: options.skipPackageJson },
    host,
  );
  return { lines: [`+ ${root}: ${Object.keys(written).join(', ')}`, ...lines.slice(1)], install, root };
}

/** Runs the tests in `tests` with what Python itself brings: no environment to make first, no byte code left in the sources. */
export function unittestTarget({ root }: NewProject): NxTarget & { command?: never } {
  return {
    executor: 'nx:run-commands',
    cache: true,
    inputs: ['{projectRoot}/**/*', 'waybillTools', NO_PACKAGES],
    options: { command: 'python3 -B -m unittest discover --start-directory tests', cwd: root, env: { PYTHONPATH: 'src' } },
  };
}
