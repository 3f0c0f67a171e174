import type { Finding } from '@waybill/core';
import { traitsOf } from '../project/backends';
import { generatedFiles } from '../project/generated-files';
import { table, texts, type ProjectFacts, type Table } from '../project/project-facts';
import { fits, packageFolders } from './missing-files';

/** File lists of one build; paths relative to the project, and in the wheel. */
export interface IgnoredLists {
  project: Pick<ProjectFacts, 'backend' | 'manifest'>;
  tree: readonly string[];
  /** Files below packages that are there, and that git ignores: they were not copied. */
  ignored: readonly string[];
  wheel: readonly string[];
  /** What the findings are of: the wheel's file name. */
  fileName: string;
}

const NEVER_PACKED = /(^|\/)(__pycache__\/|\.[^/]+)|\.py[co]$/;
const TAKE_OUT = 'take it out of .gitignore, so that it is copied, and a change of it builds the wheel again';
const FIX = `${TAKE_OUT}; or have the build itself make it (a hook of the backend)`;
const CARGO_LOCK = 'Cargo.lock';
const UNPINNED = 'git ignores the file, so that it was not copied: the wheel is made of whatever crates are newest';

/**
 * Files that a build in the project's own folder would have put into the wheel, and that were not copied because git ignores them: what the
 * settings name, and what the backend takes whatever git says. What the build made itself is in the wheel.
 */
export function findIgnored({ project, tree, ignored, wheel, fileName }: IgnoredLists): readonly Finding[] {
  const packages = packageFolders(tree, wheel);
  const inWheel = new Set(wheel);
  const generated = new Set(generatedFiles(project.manifest));
  return ignored.flatMap((path): Finding[] => {
    if (path === CARGO_LOCK) return [{ check: 'reproducible', level: 'warning', path, message: UNPINNED, fix: TAKE_OUT }];
    const folder = packages.find((one) => path.startsWith(`${one}/`));
    if (folder === undefined || NEVER_PACKED.test(path) || generated.has(path)) return [];
    const pathInWheel = path.slice(folder.lastIndexOf('/') + 1);
    if (inWheel.has(pathInWheel) || !isTaken(project, path, path.slice(folder.length + 1))) return [];
    const message = `git ignores the file, so that it was not copied, and \`${fileName}\` lacks it`;
    return [{ check: 'contents', level: 'warning', path, message, fix: FIX }];
  });
}

/** Folders and files that a finding may be of. */
export const ignorable = ({ tree, wheel }: Pick<IgnoredLists, 'tree' | 'wheel'>): readonly string[] => [
  ...packageFolders(tree, wheel),
  ...(tree.includes('Cargo.toml') ? [CARGO_LOCK] : []),
];

function isTaken({ backend, manifest }: IgnoredLists['project'], path: string, pathInPackage: string): boolean {
  const { takesWholePackages, heedsGit } = traitsOf(backend);
  const isNamed = patternsIn(manifest).some((pattern) => fits(pattern, path) || fits(`${pattern}/**`, path));
  if (isNamed || packageData(manifest).some((pattern) => fits(pattern, pathInPackage))) return true;
  return heedsGit !== true && (takesWholePackages ? !/\.(so|pyd|dylib|dll|o|a|lib|exp)$/.test(path) : path.endsWith('.py'));
}

/** Of setuptools, relative to the package. */
const packageData = (manifest: Table): readonly string[] =>
  Object.values(table(table(table(manifest['tool'])['setuptools'])['package-data'])).flatMap(texts);

/** Relative to the project: settings that take files although git ignores them. */
function patternsIn(manifest: Table): readonly string[] {
  const tool = table(manifest['tool']);
  const hatch = table(table(tool['hatch'])['build']);
  const wheel = table(table(hatch['targets'])['wheel']);
  const lists = [hatch, wheel].flatMap((build) => [build['artifacts'], Object.keys(table(build['force-include']))]);
  const entries = [table(tool['poetry'])['include'], table(tool['maturin'])['include'], table(table(tool['pdm'])['build'])['includes']];
  return [...lists.flatMap(texts), ...entries.flatMap(pathsOf)].filter((pattern) => !pattern.startsWith('!')).map(plainPattern);
}

/** Poetry and maturin take texts, and tables with a `path`. */
const pathsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map((item) => (typeof item === 'string' ? item : table(item)['path'])).filter((path) => typeof path === 'string') : [];

const plainPattern = (pattern: string): string => pattern.replace(/^\.?\//, '').replace(/\/$/, '');
