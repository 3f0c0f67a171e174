import { lstat, realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { hashFiles, mapConcurrently } from '@waybill/core';
import { pluginKitErrors } from '../errors/plugin-kit-errors';
import type { UpstreamArtifact } from '../stage-definition';
import { describeFolder } from './folder-entries';

/** An artifact, the folder of its record, and how messages name its file. */
export interface ArtifactToVerify {
  artifact: UpstreamArtifact;
  folder: string;
  pathInWorkspace: string;
}

const LOOKERS = 4;

/**
 * The bytes on disk are the ones that were recorded, and they lie in the folder of the record; else `RECORD_DIGEST`. Files are hashed in
 * parallel, as many at a time as the machine has cores.
 */
export async function verifyArtifacts(subjects: readonly ArtifactToVerify[]): Promise<void> {
  const kinds = await mapConcurrently(subjects, LOOKERS, lookAt);
  const files = subjects.filter((_, index) => kinds[index] === 'file');
  const folders = subjects.filter((_, index) => kinds[index] === 'folder');
  const hashed = await hashFiles(files.map(({ artifact }) => artifact.file));
  files.forEach((subject, index) => compare(subject, hashed[index]!.digests.sha256!, hashed[index]!.size));
  for (const subject of folders) {
    const { sha256, size } = await describeFolder(subject.artifact.file);
    compare(subject, sha256, size);
  }
}

function refuse({ artifact, pathInWorkspace }: ArtifactToVerify, expected: string, actual: string): never {
  throw pluginKitErrors.error('RECORD_DIGEST', { path: pathInWorkspace, run: `${artifact.project}:${artifact.target}`, expected, actual });
}

/** What can be told without reading. */
async function lookAt(subject: ArtifactToVerify): Promise<'file' | 'folder'> {
  const { artifact, folder } = subject;
  const stats = await lstat(artifact.file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw cause;
  });
  if (!stats) return refuse(subject, 'a file or folder', 'nothing');
  if (!stats.isFile() && !stats.isDirectory()) return refuse(subject, 'a file or folder', 'a link or special file');
  const real = await realpath(artifact.file);
  if (!real.startsWith((await realpath(folder)) + sep)) refuse(subject, 'a path in the folder of the record', 'a link that leads out of it');
  if (stats.isFile() && stats.size !== artifact.size) refuse(subject, `${artifact.size} bytes`, `${stats.size} bytes`);
  return stats.isFile() ? 'file' : 'folder';
}

function compare(subject: ArtifactToVerify, sha256: string, size: number): void {
  const { artifact } = subject;
  if (sha256 !== artifact.sha256) refuse(subject, `sha256 ${artifact.sha256}`, `sha256 ${sha256}`);
  if (size !== artifact.size) refuse(subject, `${artifact.size} bytes`, `${size} bytes`);
}
