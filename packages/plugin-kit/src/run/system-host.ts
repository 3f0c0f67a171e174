import { homedir } from 'node:os';
import { createProcesses, createTools } from '@waybill/core';
import { openAnswers } from '../fingerprint/open-answers';
import { probeTools } from '../fingerprint/probe-tools';
import type { StageHost } from './stage-host';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The machine itself. */
export function systemHost(): StageHost {
  return {
    variables: process.env,
    homeFolder: homedir(),
    machine: { platform: process.platform, arch: process.arch },
    write: (line) => void process.stdout.write(`${line}\n`),
    nowMs: () => performance.now(),
    createProcesses: (redact) => createProcesses({ redact }),
    createTools: (processes) => createTools({ processes, environment: process.env }),
    // from the same memory as the fingerprint: the executor compares it with what the tool itself says now
    probeTools: (ids) => probeTools(process.env, ids, openAnswers(process.env)),
    onEnd: (callback) => {
      const listeners = SIGNALS.map((signal) => [signal, () => callback(signal)] as const);
      listeners.forEach(([signal, listener]) => process.once(signal, listener));
      return () => listeners.forEach(([signal, listener]) => process.removeListener(signal, listener));
    },
    exit: (code) => process.exit(code),
  };
}
