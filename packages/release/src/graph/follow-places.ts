import { posix } from 'node:path';
import { matchMembers, type ManifestFacts, type ProjectManifest } from '@waybill/plugin-kit/manifests';
import type { OwnedFile, WorkspaceFiles } from './workspace-files';

/** What a folder that a dependency names may have. */
const FOLLOWED = ['Cargo.toml', 'pyproject.toml', 'setup.cfg', 'setup.py'];

export interface Follower extends Pick<WorkspaceFiles, 'find'> {
  read(file: OwnedFile): Promise<ManifestFacts>;
  /** The project of a folder, or of the nearest above. */
  projectAt(place: string): string | undefined;
  /** All manifests of Cargo that the workspace has. */
  crates(): readonly string[];
}

/**
 * Manifests that those in the root of a project lead to and that are in the root of none: a crate of the project in a folder of its own (of maturin, of a Cargo
 * workspace, by path), and local packages that are no project. What they need, the project needs. The names that they have are nobody's.
 */
export async function followPlaces(manifest: ProjectManifest, follower: Follower): Promise<readonly ProjectManifest[]> {
  const { find, read, projectAt, crates } = follower;
  const { project } = manifest;
  const seen = new Set([manifest.path]);
  const found: ProjectManifest[] = [];
  const visit = async ({ path, facts }: Pick<ProjectManifest, 'path' | 'facts'>): Promise<void> => {
    const folder = posix.dirname(path);
    const members = facts.cargoMembers === undefined ? [] : matchMembers({ path, facts }, crates());
    for (const place of [...facts.paths.map((inside) => posix.join(folder, inside)), ...members]) {
      const owner = projectAt(place);
      if (owner !== undefined && owner !== project) continue;
      for (const name of FOLLOWED) {
        const file = find(posix.join(place, name));
        if (file === undefined || seen.has(file.file)) continue;
        seen.add(file.file);
        const { name: _named, ...rest } = await read(file);
        const next = { project, path: file.file, facts: rest, namedBy: manifest.namedBy ?? manifest.path };
        found.push(next);
        await visit(next);
      }
    }
  };
  await visit(manifest);
  return found;
}
