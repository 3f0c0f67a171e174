import { normaliseDistribution } from '@waybill/artifacts';
import { join } from 'node:path/posix';
import type { Tree } from '@nx/devkit';
import { moveSemverRange, moveSpecifiers, type RangePlace } from './move-ranges';
import { foldersAbove, readJson, readToml, table, type ReleaseNames } from './read-manifests';
import { setupCfgTexts } from './setup-cfg-texts';
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
    ...(distribution === undefined ? [] : setupCfgRanges(tree, join(projectRoot, 'setup.cfg'), distribution)),
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

/** Places of requirements in pyproject.toml; `*` stands for a key of any name, with dots too, `#` for a position in a list. */
const LISTS: readonly TomlPath[] = [
  ['project', 'dependencies', '#'],
  ['project', 'optional-dependencies', '*', '#'],
  ['dependency-groups', '*', '#'],
  ['build-system', 'requires', '#'],
  ...['dev-dependencies', 'constraint-dependencies', 'override-dependencies'].map((list) => ['tool', 'uv', list, '#']),
  ['tool', 'pdm', 'dev-dependencies', '*', '#'],
  ...['dependencies', 'extra-dependencies'].map((list) => ['tool', 'hatch', 'envs', '*', list, '#']),
];
/** Poetry: the key is the dependency; with several constraints, by Python or system, a list. */
const POETRY: readonly TomlPath[] = [['dependencies'], ['dev-dependencies'], ['group', '*', 'dependencies']];
const CONSTRAINTS: readonly TomlPath[] = [[], ['version'], ['#'], ['#', 'version']];
const REQUIREMENT = /^(\s*)([A-Za-z0-9][A-Za-z0-9._-]*)(\s*(?:\[[^\]]*\])?\s*\(?\s*)([^;@()]*?)\s*(?=[;)]|$)/;

const isAt = (path: TomlPath, place: TomlPath): boolean =>
  path.length === place.length &&
  place.every((key, index) => (key === '#' ? typeof path[index] === 'number' : key === '*' ? typeof path[index] === 'string' : key === path[index]));

function pythonRanges(tree: Tree, path: string, distribution: string): DependencyRange[] {
  return textsOf(tree, path).flatMap((text) => {
    const poetry = poetryKey(text.path);
    if (poetry !== undefined) return normaliseDistribution(poetry) === distribution ? [semverRange(path, text)] : [];
    return LISTS.some((list) => isAt(text.path, list)) ? requirementRange(path, text, distribution) : [];
  });
}

function poetryKey(path: TomlPath): string | undefined {
  const places = POETRY.flatMap((list) => CONSTRAINTS.map((constraint) => ({ list, place: ['tool', 'poetry', ...list, '*', ...constraint] })));
  const found = places.find(({ place }) => isAt(path, place));
  return found && String(path[2 + found.list.length]);
}

const setupCfgRanges = (tree: Tree, path: string, distribution: string): DependencyRange[] =>
  setupCfgTexts(tree.read(path, 'utf8') ?? '').flatMap((text) => requirementRange(path, text, distribution));

/** Of a PEP 508 requirement; none for another's or for an address. */
function requirementRange(path: string, { raw, start }: TomlText, distribution: string): DependencyRange[] {
  const [, space = '', name = '', extras = '', range = ''] = REQUIREMENT.exec(raw) ?? [];
  if (normaliseDistribution(name) !== distribution || raw.split(';')[0]!.includes('@')) return [];
  return [{ path, range, start: start + (space + name + extras).length, move: (version, place) => moveSpecifiers(range, version, place) }];
}

const CARGO: readonly TomlPath[] = ['dependencies', 'dev-dependencies', 'build-dependencies'].flatMap((list) =>
  [[], ['target', '*']].flatMap((before) => [[], ['version']].map((behind) => [...before, list, '*', ...behind])),
);

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
    const place = CARGO.find((one) => isAt(inside(text.path), one));
    if (place === undefined) return [];
    const key = place.at(-1) === 'version' ? text.path.slice(0, -1) : text.path;
    const entry = key.reduce<unknown>((value, part) => table(value)[part], manifest);
    return (table(entry)['package'] ?? key.at(-1)) === crate ? [semverRange(path, text)] : [];
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
