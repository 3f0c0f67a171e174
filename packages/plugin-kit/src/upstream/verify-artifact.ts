import { lstat, realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { hashFile } from '@waybill/core';
import { pluginKitErrors } from '../errors/plugin-kit-errors';
import type { UpstreamArtifact } from '../stage-definition';
import { describeFolder } from './folder-entries';

/** The bytes on disk are the ones that were recorded, and they lie in the folder of the record; else `RECORD_DIGEST`. */
export async function verifyArtifact(artifact: UpstreamArtifact, folder: string, pathInWorkspace: string): Promise<void> {
  const run = `${artifact.project}:${artifact.target}`;
  const refuse = (expected: string, actual: string): never => {
    throw pluginKitErrors.error('RECORD_DIGEST', { path: pathInWorkspace, run, expected, actual });
  };
  const stats = await lstat(artifact.file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw cause;
  });
  if (!stats) return refuse('a file or folder', 'nothing');
  if (!stats.isFile() && !stats.isDirectory()) return refuse('a file or folder', 'a link or special file');
  const real = await realpath(artifact.file);
  if (!real.startsWith((await realpath(folder)) + sep)) return refuse('a path in the folder of the record', 'a link that leads out of it');
  if (stats.isFile() && stats.size !== artifact.size) return refuse(`${artifact.size} bytes`, `${stats.size} bytes`);
  const actual = stats.isFile() ? await hashFile(artifact.file) : await describeFolder(artifact.file);
  if (actual.sha256 !== artifact.sha256) return refuse(`sha256 ${artifact.sha256}`, `sha256 ${actual.sha256}`);
  if (actual.size !== artifact.size) refuse(`${artifact.size} bytes`, `${actual.size} bytes`);
}
