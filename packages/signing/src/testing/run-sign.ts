import type { ArtifactRecord } from '@waybill/artifacts';
import { createProcesses, hashBytes } from '@waybill/core';
import { CHECKS } from '@waybill/relocation';
import { runExecutor, type ExecutorRequest, type ExecutorRun } from '@waybill/plugin-kit/testing';
import { sign } from '../executors/sign/sign';

export const ARCHIVE = 'app-0.3.0-linux-x86_64.tar.gz';
export const CONTENT = 'the archive that ships\n';
export const DIGEST = `sha256:${hashBytes(CONTENT)}`;

/** Facts of a proof without faults. */
export const PROVED: ArtifactRecord['facts'] = {
  tested: [DIGEST],
  verdict: 'passed',
  isolation: 'root-namespace',
  checksRun: CHECKS.filter((row) => !('onDemand' in row) && row.id !== 'bare-root').map(({ id }) => id),
  checksSkipped: [{ check: 'bare-root', reason: 'no root here' }],
  allow: [],
};

type Upstream = NonNullable<ExecutorRequest['upstream']>;
export const PACKAGED: Upstream[number] = {
  target: 'package-linux',
  stage: 'package',
  artifacts: [{ name: ARCHIVE, kind: 'bundle-archive', content: CONTENT, platform: 'linux-x86_64' }],
};
export const smoked = (facts: ArtifactRecord['facts'] = PROVED): Upstream[number] => ({ target: 'smoke-linux', stage: 'smoke', facts });

const runs: ExecutorRun[] = [];

/** Runs `sign` behind a packaged and proved application, with the real programs of this machine. */
export async function runSign(options: object, environment: Record<string, string> = {}, request: ExecutorRequest = {}): Promise<ExecutorRun> {
  const run = await runExecutor(sign, {
    target: 'sign-linux',
    upstream: [PACKAGED, smoked()],
    options,
    environment: { PATH: process.env['PATH']!, ...environment },
    processes: createProcesses(),
    ...request,
  });
  if (!request.again) runs.push(run);
  return run;
}

export async function removeRuns(): Promise<void> {
  for (const run of runs.splice(0)) await run.remove();
}
