import { mkdir, rename, rm } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { extractArchive } from '../../archives/reading/extract-archive';
import { coreErrors } from '../../errors/core-errors';
import { readTree } from '../../files/read-tree';
import { withFileLock } from '../../files/staging/with-file-lock';
import { withStagedFolder } from '../../files/staging/with-staged-folder';
import { writeFileAtomic } from '../../files/staging/write-file-atomic';
import { hashBytes } from '../../hashing/hash-bytes';
import { hashFile } from '../../hashing/hash-file';
import type { Processes } from '../../processes/process-port';
import type { ManagedLibrary } from '../tool-descriptor';
import type { PinnedLibrary } from '../tool-lock';
import { downloadWheel } from './download-wheel';
import { findDownloader } from './find-downloader';

const LOCK_TIMEOUT_MS = 10 * 60_000;
const RECORD = 'installed.json';
const FILES = 'files';

export interface LibraryRequest {
  /** Of the package. */
  name: string;
  library: PinnedLibrary;
  /** The managed tool folder; made when it is not there. */
  folder: string;
  offline: boolean;
  processes: Processes;
  environment: Readonly<Record<string, string | undefined>>;
  progress: (line: string) => void;
}

const remedy = ({ name, library }: LibraryRequest): { install: string; variable: string } => ({
  install: `pip install ${name}==${library.version}`,
  variable: 'WAYBILL_TOOLS_DIR',
});

/**
 * A pinned library from the managed folder; downloaded first, each wheel by its digest, when it is not there or was changed. One run at a time
 * does that. Throws `TOOL_OFFLINE`, `TOOL_DOWNLOADER`, `TOOL_DOWNLOAD`, `TOOL_DIGEST`.
 */
export async function provisionLibrary(request: LibraryRequest): Promise<ManagedLibrary> {
  const { name, library, folder, progress } = request;
  const place = join(folder, `${name}-${library.version}-any`);
  const found = { version: library.version, folder: join(place, FILES) };
  const state = await stateOf(place, library);
  if (state === 'whole') return found;
  if (request.offline) throw coreErrors.error('TOOL_OFFLINE', { name, folder, damaged: state === 'damaged', ...remedy(request) });
  const onWait = (holder: string): void => progress(`waiting for ${holder}, which provisions ${name} ${library.version}`);
  return withFileLock(join(folder, `.${basename(place)}.lock`), { timeoutMs: LOCK_TIMEOUT_MS, onWait }, async () => {
    if ((await stateOf(place, library)) === 'whole') return found;
    progress(`provisioning ${name} ${library.version}`);
    await withStagedFolder(place, (stage) => fill(stage, request));
    return found;
  });
}

/** The record names the wheels and the digest of what was unpacked from them. */
async function stateOf(place: string, library: PinnedLibrary): Promise<'whole' | 'missing' | 'damaged'> {
  if (!existsSync(join(place, RECORD))) return 'missing';
  const expected = recordOf(library, await treeDigest(join(place, FILES)));
  return readFileSync(join(place, RECORD), 'utf8') === expected ? 'whole' : 'damaged';
}

const recordOf = (library: PinnedLibrary, files: string): string =>
  `${JSON.stringify({ schema: 'waybill/managed-library/1', wheels: library.wheels.map(({ sha256 }) => sha256), files }, null, 2)}\n`;

/** Byte code is left out: interpreters write it when they may. */
async function treeDigest(folder: string): Promise<string> {
  if (!existsSync(folder)) return '';
  const files = (await readTree(folder)).filter(({ kind, path }) => kind === 'file' && !path.endsWith('.pyc'));
  const lines: string[] = [];
  for (const { path } of files) lines.push(`${path} ${(await hashFile(join(folder, path))).sha256}`);
  return hashBytes(lines.join('\n'));
}

async function fill(stage: string, request: LibraryRequest): Promise<void> {
  const { found, looked } = await findDownloader(request.processes, request.environment);
  if (!found) throw coreErrors.error('TOOL_DOWNLOADER', { name: request.name, looked, ...remedy(request) });
  await mkdir(join(stage, FILES));
  for (const wheel of request.library.wheels) {
    const place = join(stage, `download-${wheel.name}`);
    const pinned = { ...wheel, executable: '', executableSha256: '' };
    const download = await downloadWheel({ ...request, ...wheel, wheel: pinned, destination: place, downloader: found, ...remedy(request) });
    const unpacked = download.kind === 'unpacked' ? download.path : await unpackWheel(download.path, wheel, `${place}-unpacked`);
    for (const name of new Set((await readTree(unpacked)).map(({ path }) => path.split('/')[0]!))) {
      if (!existsSync(join(stage, FILES, name))) await rename(join(unpacked, name), join(stage, FILES, name));
    }
    for (const rest of [place, `${place}-unpacked`, `${place}.txt`]) await rm(rest, { recursive: true, force: true });
  }
  await writeFileAtomic(join(stage, RECORD), recordOf(request.library, await treeDigest(join(stage, FILES))));
}

async function unpackWheel(path: string, wheel: PinnedLibrary['wheels'][number], destination: string): Promise<string> {
  const { sha256: actual } = await hashFile(path);
  if (actual !== wheel.sha256) throw coreErrors.error('TOOL_DIGEST', { name: wheel.name, file: wheel.file, expected: wheel.sha256, actual });
  await mkdir(destination);
  await extractArchive({ archive: path, destination });
  return destination;
}
