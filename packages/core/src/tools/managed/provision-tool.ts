import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { extractArchive } from '../../archives/reading/extract-archive';
import { coreErrors } from '../../errors/core-errors';
import { WaybillError } from '../../errors/waybill-error';
import { withFileLock } from '../../files/staging/with-file-lock';
import { withStagedFolder } from '../../files/staging/with-staged-folder';
import { hashFile } from '../../hashing/hash-file';
import type { Processes } from '../../processes/process-port';
import { askVersion } from '../read-tool-version';
import type { ToolDescriptor } from '../tool-descriptor';
import type { PinnedWheel } from '../tool-lock';
import { downloadWheel, type Download } from './download-wheel';
import { findDownloader } from './find-downloader';
import { readInstalled, writeInstalled, type InstalledTool } from './installed-tool';

const LOCK_TIMEOUT_MS = 20 * 60_000;
/** Errors that say that the managed folder itself is no good. */
const UNUSABLE_FOLDER: ReadonlySet<string> = new Set(['FILE_NOT_WRITABLE', 'FILE_KIND', 'FILE_DISK_FULL']);
/** The wheel is pinned by digest: these only keep a mistake of ours small. ziglang 0.17.0 has 19,525 files of 376 MB. */
const LIMITS = { maxEntries: 100_000, maxTotalBytes: 2 * 1024 ** 3, maxEntryBytes: 1024 ** 3, maxRatio: 100 };

export interface ProvisionRequest {
  descriptor: ToolDescriptor;
  /** Of the package. */
  name: string;
  version: string;
  platform: string;
  wheel: PinnedWheel;
  /** The managed tool folder; made when it is not there. */
  folder: string;
  offline: boolean;
  processes: Processes;
  environment: Readonly<Record<string, string | undefined>>;
  progress: (line: string) => void;
}

/**
 * The pinned tool from the managed folder; downloaded first when it is not there or is damaged. One run at a time does that, under a lock;
 * the others wait and find it done. Nothing is started and nothing written when it is there.
 */
export async function provisionTool(request: ProvisionRequest): Promise<InstalledTool> {
  const { name, version, platform, folder, wheel } = request;
  const place = join(folder, `${name}-${version}-${platform}`);
  const state = await readInstalled(place, wheel);
  if (typeof state === 'object') return state;
  if (request.offline) throw coreErrors.error('TOOL_OFFLINE', { name, folder, damaged: state === 'damaged', ...remedy(request) });
  try {
    return await provisionUnderLock(request, place);
  } catch (cause) {
    if (!(cause instanceof WaybillError) || !UNUSABLE_FOLDER.has(cause.code)) throw cause;
    throw coreErrors.error('TOOL_FOLDER', { name, folder, reason: cause.message, ...remedy(request) }, { cause });
  }
}

async function provisionUnderLock(request: ProvisionRequest, place: string): Promise<InstalledTool> {
  const { name, version, folder, wheel, progress } = request;
  const onWait = (holder: string): void => progress(`waiting for ${holder}, which provisions ${name} ${version}`);
  return withFileLock(join(folder, `.${basename(place)}.lock`), { timeoutMs: LOCK_TIMEOUT_MS, onWait }, async () => {
    const meanwhile = await readInstalled(place, wheel);
    if (typeof meanwhile === 'object') return meanwhile;
    progress(
      meanwhile === 'damaged'
        ? `${name} ${version} in the managed tool folder is damaged; it is provisioned again`
        : `provisioning ${name} ${version}`,
    );
    const tool = await withStagedFolder(place, (stage) => fill(stage, request));
    return { path: join(place, tool.executable), version: tool.toolVersion };
  });
}

const remedy = ({ descriptor }: ProvisionRequest): { install: string; variable: string } => ({
  install: descriptor.install,
  variable: descriptor.environmentVariable,
});

/** Everything that makes the folder whole; the record comes last. */
async function fill(stage: string, request: ProvisionRequest): Promise<{ executable: string; toolVersion: string }> {
  const { found, looked } = await findDownloader(request.processes, request.environment);
  if (!found) throw coreErrors.error('TOOL_DOWNLOADER', { name: request.name, looked, ...remedy(request) });
  const download = await downloadWheel({ ...request, downloader: found, destination: join(stage, 'download'), ...remedy(request) });
  const executable = await unpack(stage, download, request);
  await rm(join(stage, 'download'), { recursive: true, force: true });
  await rm(join(stage, 'download.txt'), { force: true });
  const path = join(stage, executable);
  await requireDigest(request, path, request.wheel.executableSha256);
  await chmod(path, 0o755);
  const tool = { executable, toolVersion: await tryOut(request, path) };
  await writeInstalled(stage, tool, request.wheel);
  return tool;
}

/** Gives the executable's path in the stage. */
async function unpack(stage: string, download: Download, request: ProvisionRequest): Promise<string> {
  const files = join(stage, 'files');
  if (download.kind === 'unpacked') {
    await rename(download.path, files);
    return installedPath(stage, request.wheel);
  }
  await requireDigest(request, download.path, request.wheel.sha256);
  await mkdir(files);
  await extractArchive({ archive: download.path, destination: files, limits: LIMITS });
  return `files/${request.wheel.executable}`;
}

/** Installers put a wheel's scripts into `bin`, or on Windows into `Scripts`. */
function installedPath(stage: string, { executable }: PinnedWheel): string {
  const places = [executable, `bin/${basename(executable)}`, `Scripts/${basename(executable)}`].map((path) => `files/${path}`);
  return places.find((path) => existsSync(join(stage, path))) ?? places[0]!;
}

async function requireDigest({ name, wheel }: ProvisionRequest, path: string, expected: string): Promise<void> {
  const actual = existsSync(path) ? (await hashFile(path)).sha256 : 'no such file in the wheel';
  if (actual !== expected) throw coreErrors.error('TOOL_DIGEST', { name, file: `${wheel.file}: ${basename(path)}`, expected, actual });
}

/** A pinned tool may still not run here: another C library, a folder from which nothing may run. */
async function tryOut(request: ProvisionRequest, path: string): Promise<string> {
  const asked = await askVersion(request.descriptor, path, request);
  if (asked.version !== undefined) return asked.version;
  throw coreErrors.error('TOOL_UNUSABLE', { name: request.name, path, reason: asked.answer, ...remedy(request) });
}
