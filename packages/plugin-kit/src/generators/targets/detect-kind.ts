import { normaliseDistribution } from '@waybill/artifacts';
import type { ProjectKind } from '../../targets/targets-for';
import { generatorErrors } from '../generator-errors';
import { isObject, type JsonObject } from '../generator-tree';
import type { ProjectFacts } from './project-facts';
import { kindOfTargets } from './written-before';

const tableAt = (manifest: JsonObject | undefined, ...keys: readonly string[]): JsonObject =>
  keys.reduce<JsonObject>((at, key) => (isObject(at[key]) ? at[key] : {}), manifest ?? {});

const isProgram = ({ cargo, hasMainRs }: ProjectFacts): boolean =>
  cargo !== undefined && isObject(cargo['package']) && (hasMainRs || Array.isArray(cargo['bin']));

/** The kind that was asked for, if it fits, the one that its targets were written for, or that the files show; with the reason. `OPTION_KIND`, `GRAPH_DISTRIBUTION_NAME`, `OPTION_ENTRY`. */
export function detectKind(project: ProjectFacts, asked?: ProjectKind): { kind: ProjectKind; because: string } {
  const found = asked === undefined ? (writtenKind(project) ?? seenKind(project)) : { kind: asked, because: 'as asked' };
  if (!found) {
    throw generatorErrors.error('OPTION_KIND', {
      project: project.name,
      problem: `nothing in \`${project.root}\` says what it is: no pyproject.toml, no Rust program with pyo3`,
    });
  }
  CHECKS[found.kind](project);
  return found;
}

function writtenKind({ targets }: ProjectFacts): { kind: ProjectKind; because: string } | undefined {
  const kind = kindOfTargets(targets);
  return kind && { kind, because: 'as its targets say' };
}

function seenKind(project: ProjectFacts): { kind: ProjectKind; because: string } | undefined {
  const usesPyo3 = isObject(tableAt(project.cargo, 'dependencies')) && 'pyo3' in tableAt(project.cargo, 'dependencies');
  if (isProgram(project) && usesPyo3 && project.pyproject === undefined)
    return { kind: 'embedded-app', because: 'Cargo.toml has a program that uses pyo3' };
  if (project.pyproject === undefined) return project.hasSetupFile ? { kind: 'library', because: 'setup.py or setup.cfg' } : undefined;
  if (project.startModules.length > 0 && project.projectType === 'application')
    return { kind: 'python-app', because: 'an application with `__main__.py`' };
  if (project.startModules.length > 0 && project.lock !== undefined) return { kind: 'python-app', because: '`__main__.py` and locked requirements' };
  return { kind: 'library', because: 'pyproject.toml' };
}

const CHECKS: Readonly<Record<ProjectKind, (project: ProjectFacts) => void>> = {
  library: (project) => {
    const { name, root, pyproject, hasSetupFile } = project;
    if (pyproject === undefined && !hasSetupFile) {
      throw generatorErrors.error('OPTION_KIND', { project: name, problem: `a library needs \`${root}/pyproject.toml\`` });
    }
    if (pyproject !== undefined && !hasSetupFile) distributionOf(project);
  },
  'python-app': (project) => {
    if (project.pyproject === undefined) {
      throw generatorErrors.error('OPTION_KIND', { project: project.name, problem: `a Python program needs \`${project.root}/pyproject.toml\`` });
    }
    distributionOf(project);
    startModule(project);
  },
  'embedded-app': (project) => {
    if (!isProgram(project)) {
      const problem = `a native program needs \`${project.root}/Cargo.toml\` with \`src/main.rs\` or \`[[bin]]\``;
      throw generatorErrors.error('OPTION_KIND', { project: project.name, problem });
    }
  },
};

/** Name in pyproject.toml; `GRAPH_DISTRIBUTION_NAME` without one. */
export function distributionOf({ pyproject, root }: ProjectFacts): string {
  const name = tableAt(pyproject, 'project')['name'] ?? tableAt(pyproject, 'tool', 'poetry')['name'];
  if (typeof name === 'string' && name.trim() !== '') return name;
  throw generatorErrors.error('GRAPH_DISTRIBUTION_NAME', { path: `${root}/pyproject.toml` });
}

/** The module that a Python program starts; of several the one that is called as the distribution. `OPTION_ENTRY` when that leaves none or many. */
export function startModule(project: ProjectFacts): string {
  const own = normaliseDistribution(distributionOf(project)).replaceAll('-', '_');
  const [only, ...more] = project.startModules;
  if (only !== undefined && more.length === 0) return only;
  if (project.startModules.includes(own)) return own;
  throw generatorErrors.error('OPTION_ENTRY', {
    project: project.name,
    root: project.root,
    module: own,
    found: project.startModules,
    script: scriptText(project),
  });
}

/** What `__main__.py` holds to start the first of `[project.scripts]`. */
function scriptText({ pyproject }: ProjectFacts): string | undefined {
  const [, module, call] = /^\s*([\w.]+)\s*:\s*([\w.]+)/.exec(String(Object.values(tableAt(pyproject, 'project', 'scripts'))[0] ?? '')) ?? [];
  return module === undefined ? undefined : `from ${module} import ${call!.split('.')[0]!}; ${call!}()`;
}

/** A manifest that no build of wheels takes: `uv init` writes programs without a build system. */
export const lacksBackend = ({ pyproject, hasSetupFile }: ProjectFacts): boolean =>
  pyproject !== undefined && !hasSetupFile && typeof tableAt(pyproject, 'build-system')['build-backend'] !== 'string';

/** A project that calls itself an application and is taken for a library: somebody may have expected a program with its own Python. */
export const isLikelyProgram = ({ projectType, startModules, pyproject }: ProjectFacts): boolean =>
  projectType === 'application' || startModules.length > 0 || Object.keys(tableAt(pyproject, 'project', 'scripts')).length > 0;

export const crateName = ({ cargo, name }: ProjectFacts): string => {
  const [bin] = Array.isArray(cargo?.['bin']) ? (cargo['bin'] as unknown[]) : [];
  const named = isObject(bin) ? bin['name'] : tableAt(cargo, 'package')['name'];
  return typeof named === 'string' ? named : name;
};
