import { join } from 'node:path/posix';
import type { Tree } from '@nx/devkit';
import { moveSemverRange, moveSpecifiers, type RangePlace } from './move-ranges';
import { foldersAbove, normalName, readJson, readToml, table, type ReleaseNames } from './read-manifests';
import { applyEdits, tomlTexts, type TextEdit, type TomlPath, type TomlText } from './toml-texts';

/** A range of a local dependency in a manifest, and how it is moved to a version (SemVer form). */
export interface DependencyRange {
  path: string;
  /** As written, without name, extras and marker; empty when any version fits. */
  range: string;
  start: number;
  move(version: string, place: RangePlace): string;
}

/** All ranges of a dependency in the manifests of a project, and in the Cargo workspace that it belongs to. */
export function dependencyRanges(tree: Tree, projectRoot: string, names: ReleaseNames): readonly DependencyRange[] {
  const { distribution, crate, npm } = names;
  return [
    ...(distribution === undefined ? [] : pythonRanges(tree, join(projectRoot, 'pyproject.toml'), distribution)),
    ...(crate === undefined ? [] : cargoRanges(tree, projectRoot, crate)),
    ...(npm === undefined ? [] : npmRanges(tree, join(projectRoot, 'package.json'), npm)),
  ];
}

/** Writes the ranges for a version; a line for each file that changed. */
export function moveDependencyRanges(tree: Tree, ranges: readonly DependencyRange[], dependency: string, version: string): readonly string[] {
  const paths = [...new Set(ranges.map(({ path }) => path))];
  return paths.flatMap((path) => {
    const edits = ranges
      .filter((found) => found.path === path)
      .map((found): TextEdit => ({ start: found.start, length: found.range.length, text: found.move(version, { path, dependency }) }));
    const before = tree.read(path, 'utf8')!;
    const after = applyEdits(before, edits);
    if (after === before) return [];
    tree.write(path, after);
    return [`✍️  ${path}: ${dependency} ${edits.map(({ text }) => text).join(', ')}`];
  });
}

const LISTS: readonly RegExp[] = [
  /^project\.dependencies\.\d+$/,
  /^project\.optional-dependencies\.[^.]+\.\d+$/,
  /^dependency-groups\.[^.]+\.\d+$/,
  /^build-system\.requires\.\d+$/,
  /^tool\.uv\.(dev-dependencies|constraint-dependencies)\.\d+$/,
  /^tool\.pdm\.dev-dependencies\.[^.]+\.\d+$/,
];
const POETRY = /^tool\.poetry\.(?:group\.[^.]+\.)?(?:dev-)?dependencies\.([^.]+)(?:\.version)?$/;
const REQUIREMENT = /^(\s*)([A-Za-z0-9][A-Za-z0-9._-]*)(\s*(?:\[[^\]]*\])?\s*\(?\s*)([^;@()]*?)\s*(?=[;)]|$)/;

function pythonRanges(tree: Tree, path: string, distribution: string): DependencyRange[] {
  return textsOf(tree, path).flatMap((text) => {
    const key = text.path.join('.');
    const poetry = POETRY.exec(key)?.[1];
    if (poetry !== undefined) return normalName(poetry) === distribution ? [semverRange(path, text)] : [];
    if (!LISTS.some((list) => list.test(key))) return [];
    const [, space = '', name = '', extras = '', range = ''] = REQUIREMENT.exec(text.raw) ?? [];
    if (normalName(name) !== distribution || /@/.test(text.raw.split(';')[0]!)) return [];
    return [{ path, range, start: text.start + (space + name + extras).length, move: (version, place) => moveSpecifiers(range, version, place) }];
  });
}

const CARGO = /^(?:target\..+\.)?(?:dev-|build-)?dependencies\.([^.]+)(?:\.version)?$/;

function cargoRanges(tree: Tree, projectRoot: string, crate: string): DependencyRange[] {
  const own = cargoRangesIn(tree, join(projectRoot, 'Cargo.toml'), crate, (path) => path);
  const root = foldersAbove(projectRoot).find((folder) => readToml(tree, join(folder, 'Cargo.toml'))['workspace'] !== undefined);
  const shared =
    root === undefined ? [] : cargoRangesIn(tree, join(root, 'Cargo.toml'), crate, (path) => (path[0] === 'workspace' ? path.slice(1) : []));
  return [...own, ...shared];
}

function cargoRangesIn(tree: Tree, path: string, crate: string, inside: (path: TomlPath) => TomlPath): DependencyRange[] {
  const manifest = readToml(tree, path);
  return textsOf(tree, path).flatMap((text) => {
    const name = CARGO.exec(inside(text.path).join('.'))?.[1];
    if (name === undefined) return [];
    const entry = text.path.at(-1) === 'version' ? text.path.slice(0, -1).reduce<unknown>((value, key) => table(value)[key], manifest) : {};
    return (table(entry)['package'] ?? name) === crate ? [semverRange(path, text)] : [];
  });
}

const NPM_LISTS = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'];

function npmRanges(tree: Tree, path: string, npm: string): DependencyRange[] {
  const manifest = readJson(tree, path);
  const content = tree.read(path, 'utf8') ?? '';
  const name = npm.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return NPM_LISTS.filter((list) => typeof table(manifest[list])[npm] === 'string').flatMap((list) => {
    const pattern = new RegExp(`"${list}"\\s*:\\s*\\{[^}]*?"${name}"\\s*:\\s*"(?<range>[^"]*)"`, 'd');
    const start = pattern.exec(content)?.indices?.groups?.['range']?.[0];
    return start === undefined ? [] : [semverRange(path, { path: [], raw: String(table(manifest[list])[npm]), start })];
  });
}

const semverRange = (path: string, { raw, start }: TomlText): DependencyRange => ({
  path,
  range: raw,
  start,
  move: (version, place) => moveSemverRange(raw, version, place),
});

const textsOf = (tree: Tree, path: string): readonly TomlText[] => tomlTexts(tree.read(path, 'utf8') ?? '');
