import { posix } from 'node:path';
import type { ManifestFacts } from '@waybill/plugin-kit/manifests';
import type { OwnedFile, WorkspaceFiles } from './workspace-files';

export interface IncludedFiles extends Pick<WorkspaceFiles, 'find'> {
  /** Its lines as those of a requirements file. */
  read(file: OwnedFile): Promise<ManifestFacts>;
}

/**
 * Facts of a manifest with those of the files that it takes lines from (`-r base.txt`), and they from others. Folders in them are relative to
 * the manifest that started, which is where pip runs. A file of another project is a need of that project.
 */
export async function withIncluded(manifest: OwnedFile, facts: ManifestFacts, { find, read }: IncludedFiles): Promise<ManifestFacts> {
  const folder = posix.dirname(manifest.file);
  const [needs, paths, seen] = [new Set(facts.needs), new Set(facts.paths), new Set([manifest.file])];
  const visit = async (from: string, includes: readonly string[] = []): Promise<void> => {
    for (const include of includes) {
      const path = posix.join(posix.dirname(from), include);
      const file = seen.has(path) ? undefined : find(path);
      seen.add(path);
      if (file === undefined) continue;
      const included = await read(file);
      for (const need of included.needs) needs.add(need);
      for (const place of included.paths) paths.add(place);
      if (file.project !== undefined && file.project !== manifest.project) paths.add(posix.relative(folder, posix.dirname(file.file)));
      await visit(path, included.includes);
    }
  };
  await visit(manifest.file, facts.includes);
  return { ...facts, needs: [...needs], paths: [...paths] };
}
