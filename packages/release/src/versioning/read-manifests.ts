import { normaliseDistribution } from '@waybill/artifacts';
import { join } from 'node:path/posix';
import { declaredName } from '@waybill/plugin-kit';
import type { Tree } from '@nx/devkit';
import { parse } from 'smol-toml';

export type Table = Readonly<Record<string, unknown>>;

export const table = (value: unknown): Table => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : {});

/** Of a TOML file of the tree; empty when there is none. Throws what the reader throws. */
export function readToml(tree: Tree, path: string): Table {
  const text = tree.read(path, 'utf8');
  return text === null ? {} : parse(text);
}

export function readJson(tree: Tree, path: string): Table {
  const text = tree.read(path, 'utf8');
  return text === null ? {} : table(JSON.parse(text));
}

/** What a project is called by those who depend on it. */
export interface ReleaseNames {
  /** Normalised (PEP 503). */
  distribution?: string;
  crate?: string;
  npm?: string;
}

export function releaseNames(tree: Tree, projectRoot: string): ReleaseNames {
  const distribution = declaredName(join(tree.root, projectRoot));
  const crate = table(readToml(tree, join(projectRoot, 'Cargo.toml'))['package'])['name'];
  const npm = readJson(tree, join(projectRoot, 'package.json'))['name'];
  return {
    ...(distribution !== undefined && { distribution: normaliseDistribution(distribution) }),
    ...(typeof crate === 'string' && { crate }),
    ...(typeof npm === 'string' && { npm }),
  };
}

/** The folder and all above it, up to the root of the workspace (`.`), nearest first. */
export function foldersAbove(projectRoot: string): readonly string[] {
  const parts = projectRoot === '.' ? [] : projectRoot.split('/');
  return [...parts.map((_, index) => parts.slice(0, parts.length - index).join('/')), '.'];
}
