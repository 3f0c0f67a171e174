import { posix } from 'node:path';
import { getProjects, type ProjectConfiguration } from '@nx/devkit';
import { WaybillError } from '@waybill/core';
import { parse } from 'smol-toml';
import { pluginKitErrors } from '../../errors/plugin-kit-errors';
import { isManifest, readManifest, type ManifestFacts } from '../../manifests';
import type { NxTarget } from '../../nx-context';
import { nearestName } from '../../options/nearest-name';
import { generatorErrors } from '../generator-errors';
import { isObject, type GeneratorTree, type JsonObject } from '../generator-tree';
import { readJsonFile } from '../read-json-file';
import type { ProjectFacts } from './project-facts';

/** `GRAPH_PROJECT_UNKNOWN` names the nearest name; `GRAPH_MANIFEST` a manifest that cannot be read; `FILE_JSON` a project.json that cannot be rewritten. */
export function readProjectFacts(tree: GeneratorTree, name: string): ProjectFacts {
  const projects = getProjects(tree);
  const project = projects.get(name);
  if (!project) {
    const known = [...projects.keys()];
    const folder = posix.normalize(name.replaceAll('\\', '/')).replace(/\/$/, '');
    const inFolder = known.find((other) => posix.normalize(projects.get(other)!.root) === folder);
    throw generatorErrors.error('GRAPH_PROJECT_UNKNOWN', { name, near: inFolder ?? nearestName(name, known), known });
  }
  const { root, projectType } = project;
  const at = (path: string): string => posix.join(root, path);
  const manifest = tree.exists(at('package.json')) ? readJsonFile(tree, at('package.json')) : undefined;
  const file = tree.exists(at('project.json')) || manifest === undefined ? at('project.json') : at('package.json');
  const lock = ['requirements.lock', 'requirements.txt']
    .map(at)
    .find((path) => tree.exists(path) && tree.read(path, 'utf8')!.includes('--hash=sha256:'));
  const pyproject = readToml(tree, at('pyproject.toml'));
  const cargo = readToml(tree, at('Cargo.toml'));
  const sources = sourceFiles(tree, root);
  return {
    name,
    root,
    ...(projectType !== undefined && { projectType }),
    file,
    targets: targetsIn(tree, file),
    scripts: scriptsOf(manifest),
    ...(pyproject && { pyproject }),
    ...(cargo && { cargo }),
    facts: factsOf(tree, root),
    hasSetupFile: ['setup.py', 'setup.cfg'].some((path) => tree.exists(at(path))),
    hasMainRs: tree.exists(at('src/main.rs')),
    startModules: startModules(tree, root),
    ...(lock !== undefined && { lock }),
    answersSmoke: sources.some((path) => tree.read(path, 'utf8')!.includes('--smoke-python')),
  };
}

/** Scripts that Nx makes targets of: all, or those that `nx.includedScripts` lists. */
function scriptsOf(manifest: JsonObject | undefined): readonly string[] {
  const scripts = isObject(manifest?.['scripts']) ? Object.keys(manifest['scripts']) : [];
  const included = isObject(manifest?.['nx']) ? manifest['nx']['includedScripts'] : undefined;
  return Array.isArray(included) ? scripts.filter((script) => included.includes(script)) : scripts;
}

/** The targets that stand in the file itself, not those that plugins infer. */
export function targetsIn(tree: GeneratorTree, file: string): Record<string, NxTarget & JsonObject> {
  if (!tree.exists(file)) return {};
  const json = readJsonFile(tree, file);
  const holder = file.endsWith('package.json') ? json['nx'] : json;
  const targets = isObject(holder) ? holder['targets'] : undefined;
  return isObject(targets) ? (targets as Record<string, NxTarget & JsonObject>) : {};
}

/**
 * Manifests in the roots of all projects, for whoever looks across the workspace. One that cannot be read (a template's) is left out: it is told
 * where that project itself is worked on.
 */
export function allManifests(tree: GeneratorTree): readonly { project: string; root: string; path: string; facts: ManifestFacts }[] {
  return [...getProjects(tree)].flatMap(([project, { root }]: [string, ProjectConfiguration]) =>
    manifestsIn(tree, root).flatMap(({ path, read }) => {
      const facts = readOrUndefined(read);
      return facts === undefined ? [] : [{ project, root, path, facts }];
    }),
  );
}

const factsOf = (tree: GeneratorTree, root: string): readonly { path: string; facts: ManifestFacts }[] =>
  manifestsIn(tree, root).map(({ path, read }) => ({ path, facts: read() }));

/** `read` throws `GRAPH_MANIFEST`. */
function manifestsIn(tree: GeneratorTree, root: string): readonly { path: string; read(): ManifestFacts }[] {
  return tree
    .children(root)
    .filter(isManifest)
    .map((file) => posix.join(root, file))
    .map((path) => ({ path, read: () => orRefuse(path, () => readManifest(path, tree.read(path, 'utf8')!)) }));
}

function readOrUndefined(read: () => ManifestFacts): ManifestFacts | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof WaybillError && error.code === 'GRAPH_MANIFEST') return undefined;
    throw error;
  }
}

const readToml = (tree: GeneratorTree, path: string): JsonObject | undefined =>
  tree.exists(path) ? orRefuse(path, () => parse(tree.read(path, 'utf8')!)) : undefined;

function orRefuse<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]!;
    throw pluginKitErrors.error('GRAPH_MANIFEST', { path, reason }, { cause });
  }
}

function startModules(tree: GeneratorTree, root: string): readonly string[] {
  const isPackage = /^[A-Za-z_]\w*$/;
  const from = ['src', '.'].map((folder) => posix.join(root, folder)).filter((folder) => tree.exists(folder));
  return from.flatMap((folder) =>
    tree.children(folder).filter((name) => isPackage.test(name) && tree.exists(posix.join(folder, name, '__main__.py'))),
  );
}

/** Python and Rust sources, two folders deep below `src` and the root: enough to see whether the proof's question is answered. */
function sourceFiles(tree: GeneratorTree, folder: string, depth = 3): readonly string[] {
  return tree.children(folder).flatMap((name) => {
    const path = posix.join(folder, name);
    if (tree.isFile(path)) return /\.(py|rs|c|cc|cpp)$/.test(name) ? [path] : [];
    return depth > 0 && !/^(\.|node_modules$|target$|dist$)/.test(name) ? sourceFiles(tree, path, depth - 1) : [];
  });
}
