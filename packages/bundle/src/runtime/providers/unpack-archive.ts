import { existsSync } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { extractArchive, hashFile, withFileLock, withStagedFolder } from '@waybill/core';
import { bundleErrors } from '../../errors/bundle-errors';
import { fetchArchive, publicUrl } from './fetch-archive';
import { cacheFolderOf, step } from '../runtime-ports';
import type { RuntimePorts, RuntimeRequest } from '../runtime-facts';

const LOCK_TIMEOUT_MS = 600_000;
/** A full python-build-standalone archive unpacks to about 900 MB; text of Python packs well below 1 : 20. */
const LIMITS = { maxEntries: 200_000, maxTotalBytes: 4 * 1024 ** 3, maxEntryBytes: 1024 ** 3, maxRatio: 60 };

export interface UnpackedArchive {
  /** Absolute folder in which the archive, or the given folder, stands unpacked. */
  folder: string;
  source: string;
  /** Absent for a folder. */
  sha256?: string;
}

/** Refuses a request that names no archive, two, or a URL without its digest. Pure. */
export function checkArchiveRequest(request: RuntimeRequest): void {
  if (Boolean(request.path) === Boolean(request.url)) {
    const reason = request.path ? 'has both `path` and `url`' : 'has neither `path` nor `url`';
    throw bundleErrors.error('OPTION_RUNTIME_SOURCE', { provider: request.provider, reason });
  }
  if (request.url && !request.sha256)
    throw bundleErrors.error('OPTION_RUNTIME_SHA256', { reason: 'is missing: what is fetched from a URL is verified' });
  if (request.sha256 && !/^[0-9a-fA-F]{64}$/.test(request.sha256)) {
    throw bundleErrors.error('OPTION_RUNTIME_SHA256', { reason: `is not a SHA-256 digest: \`${request.sha256}\`` });
  }
  if (request.url && !/^https?:\/\/[^/]/.test(request.url)) {
    throw bundleErrors.error('OPTION_RUNTIME_SOURCE', {
      provider: request.provider,
      reason: `fetches from http and https only, not \`${request.url}\``,
    });
  }
}

/** A name that tells the format, whatever stands behind the file's name in a URL. Maven's `.jar` is a zip, npm's `.tgz` a tar.gz. */
function archiveName(name: string): string {
  return name.replace(/\.jar$|\.whl$/, '.zip').replace(/\.tgz$/, '.tar.gz');
}

const nameInUrl = (url: string): string => decodeURIComponent(basename(new URL(url).pathname)) || 'archive';

/** Unpacks once per digest, under a lock; a folder is there whole or not at all. */
async function unpackOnce(digest: string, cache: string, ports: RuntimePorts, fetchInto: (stage: string) => Promise<string>): Promise<string> {
  const folder = join(cache, digest);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  return withFileLock(
    `${folder}.lock`,
    { timeoutMs: LOCK_TIMEOUT_MS, onWait: () => ports.progress?.line('waiting for another run that unpacks the same runtime') },
    async () => {
      if (existsSync(folder)) return folder;
      const download = `${folder}.download`;
      await rm(download, { recursive: true, force: true });
      try {
        const archive = await fetchInto(download);
        await withStagedFolder(folder, async (stage) => {
          await step(ports, 'unpack runtime', () => extractArchive({ archive, destination: stage, sha256: digest, limits: LIMITS }));
        });
      } finally {
        await rm(download, { recursive: true, force: true });
      }
      return folder;
    },
  );
}

async function fromFile(path: string, request: RuntimeRequest, cache: string, ports: RuntimePorts): Promise<UnpackedArchive> {
  const file = resolve(request.workspaceRoot, path);
  const found = await stat(file).catch(() => undefined);
  const source = `archive ${basename(file)}`;
  if (!found) throw bundleErrors.error('BUNDLE_RUNTIME_MISSING', { searched: [`\`${path}\` (the option \`runtime.path\`): no such file`] });
  if (found.isDirectory()) return { folder: file, source };
  const { sha256 } = await hashFile(file);
  if (request.sha256 && request.sha256.toLowerCase() !== sha256) {
    throw bundleErrors.error('BUNDLE_RUNTIME_DIGEST', { source, expected: request.sha256.toLowerCase(), actual: sha256 });
  }
  return { folder: await unpackOnce(sha256, cache, ports, () => Promise.resolve(file)), source, sha256 };
}

async function fromUrl(url: string, sha256: string, cache: string, ports: RuntimePorts): Promise<UnpackedArchive> {
  const digest = sha256.toLowerCase();
  const name = nameInUrl(url);
  const folder = await unpackOnce(digest, cache, ports, async (download) => {
    const output = join(download, archiveName(name));
    ports.progress?.line(`fetching ${publicUrl(url)}`);
    await step(ports, 'fetch runtime', () => fetchArchive(url, digest, output, ports));
    return output;
  });
  return { folder, source: `archive ${name}`, sha256: digest };
}

/** The archive of a request, unpacked: verified, cached by digest. Nothing is left behind when it fails. */
export async function unpackRuntimeArchive(request: RuntimeRequest, ports: RuntimePorts): Promise<UnpackedArchive> {
  checkArchiveRequest(request);
  const cache = cacheFolderOf(ports, join(request.workspaceRoot, 'node_modules', '.cache', 'waybill', 'runtimes'));
  if (request.path) return fromFile(request.path, request, cache, ports);
  return fromUrl(request.url ?? '', request.sha256 ?? '', cache, ports);
}
