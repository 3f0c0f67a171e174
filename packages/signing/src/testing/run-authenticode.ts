import { join } from 'node:path';
import { createProcesses, createTools, extractArchive } from '@waybill/core';
import type { ExecutorRequest, ExecutorRun } from '@waybill/plugin-kit/testing';
import { mkdtemp } from 'node:fs/promises';
import { runSign } from './run-sign';
import { TOP } from './windows-bundle';

export const ZIP = `${TOP}.zip`;

/** Runs `sign` with Authenticode in the target `sign-windows` behind an archive for Windows, with the real osslsigncode. No proof is there: that is allowed. */
export function runAuthenticode(
  options: object,
  environment: Record<string, string>,
  content: Uint8Array,
  request: ExecutorRequest = {},
): Promise<ExecutorRun> {
  const name = content[0] === 0x1f ? `${TOP}.tar.gz` : ZIP;
  const variables = { PATH: process.env['PATH']!, ...environment };
  const upstream = [
    { target: 'package-windows', stage: 'package', artifacts: [{ name, kind: 'bundle-archive' as const, content, platform: 'windows-x86_64' }] },
  ];
  return runSign({ backend: 'authenticode', allowUnproved: 'no Windows here', ...options }, environment, {
    target: 'sign-windows',
    upstream,
    tools: createTools({ processes: createProcesses(), environment: variables }),
    ...request,
  });
}

/** Unpacks the signed archive below `folder`; gives the bundle's root. */
export async function unpackSigned(run: ExecutorRun, folder: string, name = ZIP): Promise<string> {
  const destination = await mkdtemp(join(folder, 'signed-'));
  await extractArchive({ archive: join(run.folder, name), destination });
  return join(destination, TOP);
}
