import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from './run-tool';

/** A GnuPG home of its own for tests; the path is short because of the agent's socket. */
export interface GpgHome {
  path: string;
  run(...args: string[]): string;
  /** Fingerprints, the primary's first. */
  fingerprints(user: string): readonly string[];
  exportPublic(user: string): string;
  exportSecret(user: string): string;
  sign(name: string, payload: Uint8Array, user: string, ...args: string[]): Buffer;
  remove(): void;
}

export function gpgHome(): GpgHome {
  const path = mkdtempSync('/tmp/wbg-');
  const base = ['--homedir', path, '--batch', '--no-tty', '--pinentry-mode', 'loopback', '--passphrase', ''];
  const run = (...args: string[]): string => runTool('gpg', [...base, ...args]);
  return {
    path,
    run,
    fingerprints: (user) => [...run('--with-colons', '--list-keys', user).matchAll(/^fpr:+([0-9A-F]{40}):/gm)].map((match) => match[1]!),
    exportPublic: (user) => run('--armor', '--export', user),
    exportSecret: (user) => run('--armor', '--export-secret-keys', user),
    sign: (name, payload, user, ...args) => {
      const file = join(path, name);
      writeFileSync(file, payload);
      run('--yes', '--armor', '--local-user', user, ...args, '--output', `${file}.asc`, '--detach-sign', file);
      return readFileSync(`${file}.asc`);
    },
    remove: () => {
      spawnSync('gpgconf', ['--homedir', path, '--kill', 'all']);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
