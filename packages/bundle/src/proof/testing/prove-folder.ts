import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatPlatform, hostPlatform } from '@waybill/artifacts';
import { createProcesses, type Finding } from '@waybill/core';
import type { Proof, ProofRequest } from '../../ground/proof-request';
import { machinePorts } from '../proof-ports';
import { runProof } from '../run-proof';

export const PLATFORM = formatPlatform(hostPlatform(process));

/** Runs the proof on a folder with what users get by default. */
export async function proveFolder(bundleRoot: string, rest: Partial<ProofRequest> = {}): Promise<Proof> {
  const workFolder = mkdtempSync(join(tmpdir(), 'waybill-proof-'));
  const request: ProofRequest = {
    bundleRoot,
    platform: PLATFORM,
    hide: [],
    ...(process.env['HOME'] && { home: process.env['HOME'] }),
    expect: {},
    command: ['--smoke-python'],
    commandIsDefault: true,
    imports: [],
    allow: [],
    isolation: 'strongest',
    minIsolation: 'namespace',
    glibcMatrix: [],
    workFolder,
    runTimeoutMs: 60_000,
    ...rest,
  };
  try {
    return await runProof(request, machinePorts(createProcesses(), process.env));
  } finally {
    rmSync(workFolder, { recursive: true, force: true });
  }
}

export const errorsOf = ({ findings }: Proof): Finding[] => findings.filter(({ level }) => level === 'error');
export const redChecks = (proof: Proof): string[] => [...new Set(errorsOf(proof).map(({ check }) => check))];

export function freshFolder(path: string): string {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  return path;
}
