import type { ElfFacts } from '@waybill/binary';
import type { Finding } from '@waybill/core';
import type { BundleEntry, BundleFacts } from '../bundle-facts';
import type { CheckId } from '../check-table';
import type { RelocationPolicy } from '../relocation-policy';
import { runStaticChecks } from '../run-static-checks';

export const POLICY: RelocationPolicy = {
  platform: 'linux-x86_64',
  leakTokens: [
    { id: 'runtime-origin', path: '/root/.pyenv/versions/3.11.7' },
    { id: 'home', path: '/root' },
    { id: 'cargo-home', path: '/root/.cargo' },
    { id: 'workspace', path: '/srv/build/workspace' },
  ],
};

export type Change = (entries: BundleEntry[]) => BundleEntry[];

export const add =
  (...more: BundleEntry[]): Change =>
  (entries) => [...entries, ...more];

export const drop =
  (...paths: string[]): Change =>
  (entries) =>
    entries.filter(({ path }) => !paths.includes(path));

/** Changes one entry; a path that is not there is a fault of the test. */
export const alter =
  (path: string, change: (entry: BundleEntry) => Partial<BundleEntry>): Change =>
  (entries) => {
    if (!entries.some((entry) => entry.path === path)) throw new Error(`no entry ${path}`);
    return entries.map((entry) => (entry.path === path ? { ...entry, ...change(entry) } : entry));
  };

export const alterElf = (path: string, facts: Partial<ElfFacts>): Change => alter(path, ({ elf }) => ({ elf: { ...elf!, ...facts } }));

/** Errors and warnings of one check. */
export function findingsOf(check: CheckId, facts: BundleFacts, policy: RelocationPolicy = POLICY): Finding[] {
  const result = runStaticChecks(facts, policy).find((candidate) => candidate.check === check);
  return (result?.findings ?? []).filter(({ level }) => level !== 'info');
}

/** `level path message` of each finding, so that a test compares text. */
export function describeFindings(findings: readonly Finding[]): string[] {
  return findings.map(({ level, path, message }) => [level, path ?? '-', message].join(' '));
}
