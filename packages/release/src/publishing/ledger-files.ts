import { mkdir, open, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LedgerKey, LedgerStore } from '@waybill/publishing';
import { namesIn } from './folder/folder-layout';

/** In the workspace, ignored by git, outside of every target's outputs: no cache hit brings an old ledger back, and `nx reset` takes none away. */
export const WAYBILL_FOLDER = '.waybill';

const pathOf = ({ project, version, destination }: LedgerKey): string =>
  [WAYBILL_FOLDER, 'ledger', ...[project, version].map((part) => encodeURIComponent(part)), `${encodeURIComponent(destination)}.jsonl`].join('/');

/** Ledgers as files, one for each release and destination. Each line is on the disk before the next step is made. */
export function ledgerFiles(workspaceRoot: string): LedgerStore {
  const absolute = (key: LedgerKey): string => join(workspaceRoot, pathOf(key));
  return {
    placeOf: pathOf,
    versions: async (project) => {
      const names = await namesIn(join(workspaceRoot, WAYBILL_FOLDER, 'ledger', encodeURIComponent(project)));
      return names.map((name) => name.replaceAll('%2B', '+'));
    },
    read: (key) => readIfThere(absolute(key)),
    async open(key) {
      const path = absolute(key);
      await makeFolder(workspaceRoot, dirname(path));
      const found = await readIfThere(path);
      const text = found?.slice(0, found.lastIndexOf('\n') + 1) ?? '';
      if (found !== undefined && found !== text) await truncate(path, Buffer.byteLength(text));
      return { text, append: (line) => appendLine(path, line) };
    },
    async setAside(key) {
      const path = absolute(key);
      for (let number = 1; ; number += 1) {
        const aside = `${path}.${number}`;
        if ((await readIfThere(aside)) !== undefined) continue;
        return rename(path, aside);
      }
    },
  };
}

/** The folder and a rule that keeps it out of git. */
export async function makeFolder(workspaceRoot: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(workspaceRoot, WAYBILL_FOLDER, '.gitignore'), '*\n');
}

async function appendLine(path: string, line: string): Promise<void> {
  const file = await open(path, 'a');
  try {
    await file.writeFile(`${line}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

const readIfThere = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw cause;
  });
