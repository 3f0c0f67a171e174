import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { formatPlatform, hostPlatform } from '@waybill/artifacts';
import type { Processes } from '@waybill/core';
import type { ProofPorts } from '../ground/proof-request';

/** The ports of this machine. */
export function machinePorts(processes: Processes, environment: ProofPorts['environment'], onCheck?: ProofPorts['onCheck']): ProofPorts {
  return {
    processes,
    environment,
    concurrency: Math.max(2, availableParallelism()),
    isRoot: process.getuid?.() === 0,
    hostPlatform: formatPlatform(hostPlatform(process)),
    ...(onCheck && { onCheck }),
  };
}

/** Version of this package, for records and reports. */
export function toolVersion(): string {
  const { version } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as { version: string };
  return version;
}
