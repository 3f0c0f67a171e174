import { mkdtemp, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { WaybillError, extractArchive, listArchive, readTree, type Finding, type TreeItem } from '@waybill/core';
import { verifyErrors } from '../errors/verify-errors';
import { EntryNames } from '../checks/entry-names';
import { checkZipLayout } from './check-zip-layout';

/** The files of a delivery. Close it: a zip file was unpacked. */
export interface Delivery {
  /** Absolute. */
  root: string;
  items: readonly TreeItem[];
  /** What made it impossible to look inside; `items` is empty then. */
  refused: readonly Finding[];
  close(): Promise<void>;
}

/** A folder as it is, or a zip file unpacked into `temporaryFolder` when nothing is wrong with its names. */
export async function openDelivery(path: string, temporaryFolder: string): Promise<Delivery> {
  const stats = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw cause;
  });
  if (stats?.isDirectory()) return { root: path, items: await readTree(path), refused: [], close: () => Promise.resolve() };
  if (stats?.isFile() && /\.zip$/i.test(path)) return openZip(path, temporaryFolder);
  throw verifyErrors.error('VERIFY_TARGET', {
    path,
    actual: stats === undefined ? 'nothing' : stats.isFile() ? 'another file' : 'a special file',
  });
}

async function openZip(path: string, temporaryFolder: string): Promise<Delivery> {
  const folder = await mkdtemp(join(temporaryFolder, 'waybill-verify-'));
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const refused = await unpack(path, folder);
  if (refused.length > 0) return { root: folder, items: [], refused, close };
  const items = await readTree(folder);
  const [only] = items.filter((item) => !item.path.includes('/'));
  const isWrapped = only?.kind === 'directory' && items.every((item) => item.path === only.path || item.path.startsWith(`${only.path}/`));
  if (!isWrapped) return { root: folder, items, refused: [], close };
  return { root: join(folder, only.path), items: await readTree(join(folder, only.path)), refused: [], close };
}

async function unpack(path: string, destination: string): Promise<readonly Finding[]> {
  const name = basename(path);
  try {
    const names = new EntryNames(name, true);
    for (const entry of await listArchive(path)) names.add(entry);
    names.finish();
    const findings = names.findings.length > 0 ? names.findings : await checkZipLayout(path);
    if (findings.length === 0) await extractArchive({ archive: path, destination });
    return findings;
  } catch (error) {
    if (!(error instanceof WaybillError)) throw error;
    return [
      {
        check: 'archive',
        level: 'error',
        path: name,
        message: `it cannot be unpacked: ${error.code} ${[error.message, ...error.details].join('; ')}`,
      },
    ];
  }
}
