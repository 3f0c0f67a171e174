import { isAbsolute, relative } from 'node:path';
import type { Processes } from '@waybill/core';

const TIMEOUT_MS = 30_000;

/**
 * Paths (relative to `root`) of files that carry `security.capability`, read by one `getcap` for the whole tree: Node has no way to read
 * extended attributes. A reason instead when the tool is not there.
 */
export async function readCapabilities(
  root: string,
  processes: Processes,
  environment: Readonly<Record<string, string>>,
): Promise<ReadonlySet<string> | string> {
  const path = `${environment['PATH'] ?? ''}:/usr/sbin:/sbin`;
  try {
    const { exitCode, stdout } = await processes.run({
      file: 'getcap',
      args: ['-r', root],
      env: { ...environment, PATH: path },
      timeoutMs: TIMEOUT_MS,
    });
    return exitCode === 0 ? new Set(parseGetcap(root, stdout)) : '`getcap` cannot read the tree';
  } catch (error) {
    if ((error as { code?: string }).code === 'PROCESS_START') return '`getcap` (package libcap2-bin) is not installed';
    throw error;
  }
}

/** Lines `path cap_net_raw=ep` (libcap 2.41 and newer) or `path = cap_net_raw+ep`. */
export function parseGetcap(root: string, output: string): string[] {
  return output.split('\n').flatMap((line) => {
    const match = /^(.*?)(?: =)? (?:cap_\S+|=\S+)$/.exec(line);
    const path = match?.[1] === undefined ? undefined : relative(root, match[1]);
    return path === undefined || isAbsolute(path) || path.startsWith('..') ? [] : [path];
  });
}
