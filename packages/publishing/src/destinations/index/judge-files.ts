import type { Finding } from '@waybill/core';
import type { PublishFile, Release } from '../../destination';
import { readDistributionName } from './distribution-name';
import type { ListedFile } from './read-simple-page';

const MIB = 1024 * 1024;
/** Until the index gave a project more. */
const FILE_LIMIT_MIB = 100;
const WINDOW_MS = 14 * 24 * 3_600_000;

/** What the public indexes refuse, known before the first byte. Pure. */
export function judgePublicFiles(
  release: Release,
  files: readonly PublishFile[],
  { listed, nowMs, fileLimitMib = FILE_LIMIT_MIB }: { listed: readonly ListedFile[]; nowMs: number; fileLimitMib?: number | undefined },
): readonly Finding[] {
  const error = (path: string, message: string, fix: string): Finding => ({ check: 'index', level: 'error', path, message, fix });
  const names = new Set(listed.map(({ name }) => name));
  const first = Math.min(...listed.flatMap(({ uploadedMs }) => uploadedMs ?? []));
  const late = nowMs - first > WINDOW_MS ? files.filter(({ name }) => !names.has(name)) : [];
  const sdists = files.filter(({ kind }) => kind === 'sdist');
  return [
    ...(release.version.includes('+')
      ? [error(release.version, 'a version with a local part (`+…`) is not taken by a public index', 'release a version without it')]
      : []),
    ...files
      .filter(({ size }) => size > fileLimitMib * MIB)
      .map(({ name, size }) =>
        error(
          name,
          `it has ${size} bytes, and the index takes ${fileLimitMib * MIB} (${fileLimitMib} MiB)`,
          `make it smaller; or ask the index for more, and once it gave more set \`"fileLimitMib": ${Math.ceil(size / MIB)}\` at the destination`,
        ),
      ),
    ...files
      .filter(({ name }) => /^linux_/.test(readDistributionName(name)?.platform ?? ''))
      .map(({ name }) => error(name, 'wheels for plain `linux_…` are not taken', 'build it for manylinux or musllinux')),
    ...late.map(({ name }) => error(name, 'the release is older than 14 days and takes no new files', 'release a new version')),
    ...sdists.slice(1).map(({ name }) => error(name, 'a release has one sdist', 'publish one of them')),
  ];
}
