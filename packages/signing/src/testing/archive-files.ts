import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MANIFEST_PATH } from '@waybill/artifacts';
import { writeArchive, type ArchiveFormat } from '@waybill/core';

export interface ArchiveOfFiles {
  /** Name of the one top folder. */
  top: string;
  files: Readonly<Record<string, Uint8Array>>;
  /** Targets of symlinks. */
  links?: Readonly<Record<string, string>>;
  format: ArchiveFormat;
  modeOf(path: string): number;
}

/** Files as package-dist archives them: sorted, the manifest last. */
export async function archiveFiles({ top, files, links = {}, format, modeOf }: ArchiveOfFiles): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-bundle-'));
  try {
    const output = join(folder, 'out');
    const names = Object.keys(files).filter((path) => path !== MANIFEST_PATH);
    const paths = [...names.sort(), ...(files[MANIFEST_PATH] ? [MANIFEST_PATH] : [])];
    const entries = paths.map((path) => ({
      kind: 'file' as const,
      path: `${top}/${path}`,
      mode: modeOf(path),
      size: files[path]!.length,
      open: () => [files[path]!],
    }));
    const further = Object.entries(links).map(([path, linkTarget]) => ({ kind: 'symlink' as const, path: `${top}/${path}`, linkTarget }));
    await writeArchive({ format, entries: [...entries, ...further], output, mtimeSeconds: 1_580_601_600 });
    return await readFile(output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
