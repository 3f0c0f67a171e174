import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import type { ManifestFacts } from '@waybill/plugin-kit/manifests';

/** Another shape of facts, or another reading of manifests, is another file: what was read before is kept. */
const FILE = 'waybill-manifests-4.json';

export interface FactsCache {
  /** What was read of a file with this name and content, now or before: the name decides how it is read. That nothing could be read is not kept. */
  facts(key: string, read: () => Promise<ManifestFacts | undefined>): Promise<ManifestFacts | undefined>;
  /** Keeps what was asked for, if anything is new. */
  save(): void;
}

/** Facts by name and content hash, in a file beside Nx's own graph cache. One that cannot be read counts as empty: facts are read again then. */
export function openFactsCache(workspaceRoot: string): FactsCache {
  const path = join(dataFolder(workspaceRoot), FILE);
  const before = readKept(path);
  const asked = new Map<string, ManifestFacts>();
  return {
    facts: async (key, read) => {
      const facts = before[key] ?? (await read());
      if (facts) asked.set(key, facts);
      return facts;
    },
    save: () => {
      if ([...asked.keys()].every((key) => before[key] !== undefined)) return;
      writeWhole(path, JSON.stringify(Object.fromEntries(asked)));
    },
  };
}

/** As Nx finds it (nx `cache-directory.ts`). */
function dataFolder(workspaceRoot: string): string {
  const named = process.env['NX_WORKSPACE_DATA_DIRECTORY'];
  if (named) return isAbsolute(named) ? named : join(workspaceRoot, named);
  return join(workspaceRoot, '.nx/workspace-data');
}

function readKept(path: string): Readonly<Record<string, ManifestFacts>> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, ManifestFacts>;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** Renamed into place: other commands read it at the same time. Where nothing can be written, each command reads the manifests. */
function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    if (!['EACCES', 'EROFS', 'EPERM', 'ENOSPC'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    rmSync(temporary, { force: true });
  }
}
