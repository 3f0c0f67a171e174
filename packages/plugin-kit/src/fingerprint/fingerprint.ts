import { type AnswerMemory, NO_MEMORY, statesOf } from './answer-memory';
import { LOADER_FILES, mayRemember } from './ask-program';
import { wantedPython } from './find-command';
import { interpreterAt, interpreterIdentity } from './interpreter-identity';
import { listPythons } from './list-pythons';
import { probeTools } from './probe-tools';

/** First line of every fingerprint: says that the command ran, and counts up when its meaning changes. */
export const FINGERPRINT_HEADER = 'waybill fingerprint 3';

/** What of Node's `process` the fingerprint shows. */
export interface FingerprintHost {
  platform: string;
  arch: string;
  versions: Readonly<Record<string, string | undefined>>;
  report?: { getReport(): unknown } | undefined;
  env: Readonly<Record<string, string | undefined>>;
  execPath?: string;
}

/**
 * What changes the bytes of cached targets and is in no file of the workspace: one line each. Nx hashes the lines. No paths and no host
 * name, so that equal machines share a cache.
 */
export async function fingerprintLines(host: FingerprintHost, memory = NO_MEMORY): Promise<readonly string[]> {
  const tools = await probeTools(host.env, undefined, memory);
  return [
    FINGERPRINT_HEADER,
    `platform ${host.platform}-${host.arch}`,
    `libc ${libcOf(host, memory)}`,
    // deflate output depends on zlib alone; other writers come with the package and are hashed with it
    `zlib ${host.versions['zlib'] ?? 'none'}`,
    ...[...tools].map(([id, version]) => `${id} ${version}`),
    `python-version ${wantedPython(process.cwd()) ?? 'none'}`,
    `pythons ${listPythons(host.env, memory).join(' ')}`.trim(),
  ];
}

/**
 * Identities of interpreters that a target names by paths outside of the workspace, for a runtime input of that target: what stands in no
 * file of the workspace, and is not found by version, only the target itself knows.
 */
export function interpreterLines(paths: readonly string[]): readonly string[] {
  return [FINGERPRINT_HEADER, ...paths.map((path) => `python ${interpreterIdentity(interpreterAt(path)) ?? 'missing'}`)];
}

/** A report of Node costs more than all the files that are looked at here. */
function libcOf(host: FingerprintHost, memory: AnswerMemory): string {
  if (host.platform !== 'linux' || !host.report) return 'none';
  const key = `libc ${host.execPath ?? ''}`;
  const remembers = host.execPath !== undefined && mayRemember(host.env);
  const known = remembers ? memory.recall(key) : undefined;
  if (known !== undefined) return known;
  const { header, sharedObjects = [] } = host.report.getReport() as Report;
  const libc = header?.glibcVersionRuntime ? `glibc-${header.glibcVersionRuntime}` : 'musl';
  const libraries = sharedObjects.filter((path) => path.startsWith('/'));
  if (remembers && libraries.some((path) => path.includes('/libc.so')))
    memory.remember(key, libc, statesOf([host.execPath!, ...libraries, ...LOADER_FILES]));
  return libc;
}

interface Report {
  header?: { glibcVersionRuntime?: string };
  sharedObjects?: readonly string[];
}
