import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { findFiles, isAtOrBelow } from '@waybill/core';
import { parse } from 'smol-toml';
import { table, texts, type ProjectFacts, type Table } from './project-facts';

/** Tables of pyproject.toml whose paths a backend reads; other tools have their settings beside them. */
const BUILD_TABLES = ['setuptools', 'hatch', 'poetry', 'pdm', 'flit', 'maturin', 'scikit-build', 'meson-python', 'uv.build-backend'];
/** Of these tables: what is installed beside the project, and no file of its build. */
const NO_FILES: ReadonlySet<string> = new Set(['dependencies', 'dev-dependencies', 'group', 'extras', 'envs']);
/** Belong to a Cargo workspace beside its members. */
const CARGO_FILES = ['Cargo.toml', 'Cargo.lock', '.cargo', 'rust-toolchain', 'rust-toolchain.toml'];

/**
 * Files and folders outside of the project that its manifests name: a readme of the workspace, a Cargo workspace and its members, crates by
 * path. Relative to the workspace, sorted; only what is there, and only what lies in the workspace. The files of a project `inside` of this one (by its root) are outside of this one.
 */
export async function findReach(
  project: Pick<ProjectFacts, 'manifest'>,
  projectRoot: string,
  workspaceRoot: string,
  inside: readonly string[] = [],
): Promise<readonly string[]> {
  const root = projectRoot === '.' ? '' : projectRoot;
  const { manifest } = project;
  const tool = table(manifest['tool']);
  const tables = [
    manifest['project'],
    ...BUILD_TABLES.map((name) => withFiles(name.split('.').reduce<unknown>((value, key) => table(value)[key], tool))),
  ];
  const named = tables.flatMap(stringsIn).filter((text) => text.startsWith('../'));
  const cargoManifest = table(tool['maturin'])['manifest-path'];
  const crate = posix.join(root, typeof cargoManifest === 'string' ? posix.dirname(cargoManifest) : '');
  const cargo = await cargoReach(crate, workspaceRoot);
  const isOwn = (path: string): boolean => isAtOrBelow(path, root) && !inside.some((other) => isAtOrBelow(path, other));
  const ofOthers = inside.some((other) => isAtOrBelow(crate, other)) ? [crate] : [];
  const all = [...ofOthers, ...named.map((text) => posix.join(root, text.replace(/\/\*.*$/, ''))), ...cargo];
  const outside = all.filter((path) => !path.startsWith('../') && !isOwn(path) && existsSync(join(workspaceRoot, path)));
  return [...new Set(outside)].sort();
}

const withFiles = (value: unknown): Table => Object.fromEntries(Object.entries(table(value)).filter(([key]) => !NO_FILES.has(key)));

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  return typeof value === 'object' && value !== null ? [...Object.keys(value), ...Object.values(value).flatMap(stringsIn)] : [];
}

function readCargo(folder: string, workspaceRoot: string): Table | undefined {
  const file = join(workspaceRoot, folder, 'Cargo.toml');
  return existsSync(file) ? parse(readFileSync(file, 'utf8')) : undefined;
}

/** The Cargo workspace that a crate belongs to, with its members, and crates that it depends on by path. */
async function cargoReach(crate: string, workspaceRoot: string): Promise<string[]> {
  const manifest = readCargo(crate, workspaceRoot);
  if (manifest === undefined) return [];
  const root = manifest['workspace'] === undefined ? workspaceOf(crate, workspaceRoot) : undefined;
  const members = root === undefined ? [] : await membersOf(root, workspaceRoot);
  const files = root === undefined ? [] : CARGO_FILES.map((name) => posix.join(root, name));
  return [...files, ...members, ...pathCrates(crate, workspaceRoot, new Set([crate]))];
}

function workspaceOf(crate: string, workspaceRoot: string): string | undefined {
  for (let folder = crate; folder !== '' && folder !== '.';) {
    folder = posix.dirname(folder);
    if (readCargo(folder, workspaceRoot)?.['workspace'] !== undefined) return folder === '.' ? '' : folder;
  }
  return undefined;
}

/** Cargo reads the manifest of every member before it builds one. */
async function membersOf(root: string, workspaceRoot: string): Promise<string[]> {
  const workspace = table(readCargo(root, workspaceRoot)?.['workspace']);
  const patterns = texts(workspace['members']).map((pattern) => `${pattern.replace(/\/$/, '')}/Cargo.toml`);
  const excluded = texts(workspace['exclude']).map((pattern) => `!${pattern}/**`);
  if (patterns.length === 0) return [];
  const manifests = await findFiles([...patterns, ...excluded], { cwd: join(workspaceRoot, root) });
  return manifests.map((path) => posix.join(root, posix.dirname(path)));
}

function pathCrates(crate: string, workspaceRoot: string, seen: Set<string>): string[] {
  const manifest = readCargo(crate, workspaceRoot) ?? {};
  const targets = Object.values(table(manifest['target'])).map(table);
  const tables = [manifest, ...targets].flatMap((owner) => [owner['dependencies'], owner['build-dependencies']]);
  const paths = tables.flatMap((dependencies) => Object.values(table(dependencies)).map((value) => table(value)['path']));
  const found = paths.filter((path): path is string => typeof path === 'string').map((path) => posix.join(crate, path));
  return found.flatMap((path) => {
    if (seen.has(path) || statSync(join(workspaceRoot, path), { throwIfNoEntry: false })?.isDirectory() !== true) return [];
    seen.add(path);
    return [path, ...pathCrates(path, workspaceRoot, seen)];
  });
}
