import type { Finding } from '@waybill/core';
import { table, texts, type ProjectFacts, type Table } from '../project/project-facts';
import { traitsOf } from '../project/backends';

/** File lists of one build; paths relative to the project, to the sdist's folder, and in the wheel. */
export interface BuiltLists {
  project: Pick<ProjectFacts, 'backend' | 'manifest'>;
  tree: readonly string[];
  sdist: readonly string[];
  wheel: readonly string[];
  /** What the findings are of: the sdist's file name. */
  fileName: string;
}

const NEVER_PACKED = /(^|\/)(__pycache__\/|\.[^/]+)|\.py[co]$/;
const FIX = 'have the backend put it into the sdist (`MANIFEST.in`, `include`), or leave it out of the wheel as well';

/**
 * Files of the packages that a build from the tree would put into the wheel, and that the sdist lacks, so that a wheel built from it lacks them
 * too. Judged by the lists and by what the backend's settings say; `reproducible: verify` builds from the tree as well and compares.
 */
export function findMissing(lists: BuiltLists): readonly Finding[] {
  const { tree, sdist, wheel, project, fileName } = lists;
  const inSdist = new Set(sdist);
  const packages = packageFolders(tree, wheel);
  const missing = tree.filter((path) => !inSdist.has(path) && !NEVER_PACKED.test(path) && packages.some((folder) => path.startsWith(`${folder}/`)));
  return missing.flatMap((path): Finding[] => {
    const level = levelOf(path, packages, project);
    if (level === undefined) return [];
    return [{ check: 'sdist-completeness', level, path, message: `\`${fileName}\` lacks the file, so that the wheel lacks it too`, fix: FIX }];
  });
}

/** Folders of the tree that became top-level packages of the wheel: `src/demo` for `demo`. */
export function packageFolders(tree: readonly string[], wheel: readonly string[]): readonly string[] {
  const tops = new Set(wheel.filter((path) => path.includes('/') && !/^[^/]+\.(dist-info|data)\//.test(path)).map((path) => path.split('/')[0]!));
  const byEnd = new Map(tree.map((path) => [path, path] as const));
  const found = new Set<string>();
  for (const path of wheel) {
    const top = path.split('/')[0]!;
    if (!tops.has(top)) continue;
    for (const prefix of ['', 'src/', 'python/', 'lib/']) if (byEnd.has(`${prefix}${path}`)) found.add(`${prefix}${top}`);
  }
  return [...found];
}

function levelOf(path: string, packages: readonly string[], { backend, manifest }: BuiltLists['project']): Finding['level'] | undefined {
  if (excludedPatterns(manifest).some((pattern) => fits(pattern, path) || fits(`${pattern}/**`, path))) return undefined;
  if (traitsOf(backend).takesWholePackages) return excludesFromBoth(manifest) ? 'warning' : 'error';
  if (path.endsWith('.py')) return 'warning';
  const data = table(table(table(manifest['tool'])['setuptools'])['package-data']);
  const inPackage = packages
    .map((folder) => (path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined))
    .find((rest) => rest !== undefined);
  const patterns = Object.values(data).flatMap(texts);
  return inPackage !== undefined && patterns.some((pattern) => fits(pattern, inPackage)) ? 'error' : undefined;
}

/** Settings that keep files out of the wheel as well: then a file that is missing may be meant to be. */
export function excludesFromBoth(manifest: Table): boolean {
  const scikit = table(table(manifest['tool'])['scikit-build'])['wheel'];
  return [...exclusions(manifest), ...selections(manifest), scikit].some((value) => value !== undefined);
}

/** What they name. */
const excludedPatterns = (manifest: Table): readonly string[] =>
  exclusions(manifest)
    .flatMap(texts)
    .map((pattern) => pattern.replace(/^\.?\//, '').replace(/\/$/, ''));

function selections(manifest: Table): readonly unknown[] {
  const hatch = table(table(table(manifest['tool'])['hatch'])['build']);
  return [hatch['only-include'], table(table(hatch['targets'])['wheel'])['only-include']];
}

function exclusions(manifest: Table): readonly unknown[] {
  const tool = table(manifest['tool']);
  const hatch = table(table(tool['hatch'])['build']);
  const wheel = table(table(hatch['targets'])['wheel']);
  const uv = table(table(tool['uv'])['build-backend']);
  const pdm = table(table(tool['pdm'])['build']);
  const maturin = table(tool['maturin']);
  return [hatch['exclude'], wheel['exclude'], table(tool['poetry'])['exclude'], uv['wheel-exclude'], pdm['excludes'], maturin['exclude']];
}

/** Patterns of `package-data`: `*` within a folder, `**` over folders. */
export function fits(pattern: string, path: string): boolean {
  const source = pattern
    .split(/(\*\*\/?|\*|\?)/)
    .map((part) => (part.startsWith('**') ? '.*' : part === '*' ? '[^/]*' : part === '?' ? '[^/]' : part.replace(/[\\^$.+()[\]{}|]/g, '\\$&')))
    .join('');
  return new RegExp(`^(?:.*/)?${source}$`).test(path);
}
