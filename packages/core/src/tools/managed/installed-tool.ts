import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WaybillError } from '../../errors/waybill-error';
import { systemCodeOf } from '../../files/file-error';
import { writeFileAtomic } from '../../files/staging/write-file-atomic';
import { hashFile } from '../../hashing/hash-file';
import { stampOf } from '../read-tool-version';
import type { PinnedWheel } from '../tool-lock';

const FILE = 'installed.json';
const SCHEMA = 'waybill/managed-tool/1';

/** What stands in a managed tool's folder beside it. */
interface InstalledRecord {
  schema: typeof SCHEMA;
  wheelSha256: string;
  /** Relative to the folder, `/` separated. */
  executable: string;
  /** What the tool says of itself. */
  toolVersion: string;
  /** The executable's file as it was when its digest was last found right. */
  stamp: string;
}

export interface InstalledTool {
  path: string;
  version: string;
}

/** Writes the record, last of all: a folder without one is not whole. */
export async function writeInstalled(folder: string, tool: { executable: string; toolVersion: string }, wheel: PinnedWheel): Promise<void> {
  const record: InstalledRecord = { schema: SCHEMA, wheelSha256: wheel.sha256, ...tool, stamp: stampOf(statSync(join(folder, tool.executable))) };
  await writeFileAtomic(join(folder, FILE), `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * The tool in a managed folder, if it is the pinned one and undamaged. The executable is read only when its file's size, times or inode
 * are others than at the last look.
 */
export async function readInstalled(folder: string, wheel: PinnedWheel): Promise<InstalledTool | 'missing' | 'damaged'> {
  const record = readRecord(folder);
  if (record === undefined) return 'missing';
  const path = join(folder, record.executable);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (record.wheelSha256 !== wheel.sha256 || !stats?.isFile()) return 'damaged';
  const tool = { path, version: record.toolVersion };
  if (record.stamp === stampOf(stats) && (stats.mode & 0o111) !== 0) return tool;
  if ((stats.mode & 0o111) === 0 || (await hashFile(path)).sha256 !== wheel.executableSha256) return 'damaged';
  await writeInstalled(folder, record, wheel).catch((cause: unknown) => {
    if (!(cause instanceof WaybillError)) throw cause; // a folder that cannot be written to: it is hashed again next time
  });
  return tool;
}

function readRecord(folder: string): InstalledRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as Partial<InstalledRecord> | null;
    const texts = [record?.wheelSha256, record?.executable, record?.toolVersion, record?.stamp];
    return record?.schema === SCHEMA && texts.every((text) => typeof text === 'string') ? (record as InstalledRecord) : undefined;
  } catch (cause) {
    if (systemCodeOf(cause) === '' && (cause as Error).name !== 'SyntaxError') throw cause;
    return undefined;
  }
}
