import { posix } from 'node:path';
import type { ProjectManifest } from '@waybill/plugin-kit/manifests';
import type { FileMap, OwnedFile, WorkspaceFiles } from './workspace-files';

/** All files of the workspace that are called so. */
export const manifestsNamed = (name: string, { projectFileMap, nonProjectFiles }: FileMap): readonly string[] =>
  [nonProjectFiles, ...Object.values(projectFileMap)].flatMap((files) => files.flatMap(({ file }) => (posix.basename(file) === name ? [file] : [])));

/**
 * Roots of Cargo and uv workspaces that are in no project's root: manifests above others of their kind, in any folder, also in one of a project around
 * others, and those that `package.workspace` names.
 */
export function outsideManifests(fileMap: FileMap, manifests: readonly ProjectManifest[], find: WorkspaceFiles['find']): readonly OwnedFile[] {
  const known = new Set(manifests.map(({ path }) => path));
  const above = ['Cargo.toml', 'pyproject.toml'].flatMap((name) => {
    const folders = new Set(manifests.filter(({ path }) => posix.basename(path) === name).flatMap(({ path }) => foldersAbove(posix.dirname(path))));
    return folders.size === 0 ? [] : [...folders].map((folder) => posix.join(folder, name));
  });
  const named = manifests.flatMap(({ path, facts: { cargoWorkspace } }) =>
    cargoWorkspace === undefined ? [] : [posix.join(posix.dirname(path), cargoWorkspace, 'Cargo.toml')],
  );
  return [...new Set([...above, ...named])].filter((path) => !known.has(path)).flatMap((path) => find(path) ?? []);
}

/** `a/b` → `a`, `.`. */
const foldersAbove = (folder: string): readonly string[] => (folder === '.' ? [] : [posix.dirname(folder), ...foldersAbove(posix.dirname(folder))]);
