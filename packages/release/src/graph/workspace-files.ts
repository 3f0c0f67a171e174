import { realpathSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Of Nx's file map. */
export interface FileData {
  /** Relative to the workspace. */
  file: string;
  /** Of its content. */
  hash: string;
}

/** A file of the workspace, with the project that it belongs to. */
export interface OwnedFile extends FileData {
  project?: string;
}

export interface FileMap {
  projectFileMap: Readonly<Record<string, readonly FileData[]>>;
  nonProjectFiles: readonly FileData[];
}

export interface WorkspaceFiles {
  /** File of the workspace by path, behind links too; `undefined` for what the workspace does not have. */
  find(path: string): OwnedFile | undefined;
  /** Where a place really lies, relative to the workspace; the place itself when it is not there or lies outside. */
  realPlace(place: string): string;
}

/** The list is made when it is asked for the first time: few workspaces have files that others take in. */
export function workspaceFiles({ projectFileMap, nonProjectFiles }: FileMap, workspaceRoot: string): WorkspaceFiles {
  let byPath: Map<string, OwnedFile> | undefined;
  const listed = (path: string): OwnedFile | undefined => {
    byPath ??= new Map(
      [...nonProjectFiles, ...Object.entries(projectFileMap).flatMap(([project, files]) => files.map((file) => ({ ...file, project })))].map(
        (entry) => [entry.file, entry],
      ),
    );
    return byPath.get(path);
  };
  const realPlace = (place: string): string => {
    try {
      const real = relative(realpathSync(workspaceRoot), realpathSync(join(workspaceRoot, place))).replaceAll('\\', '/');
      return real.startsWith('..') ? place : real || '.';
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return place;
      throw error;
    }
  };
  return { find: (path) => listed(path) ?? listed(realPlace(path)), realPlace };
}
