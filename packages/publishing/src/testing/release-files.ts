import { createHash } from 'node:crypto';
import { RELEASE_SCHEMA, renderRelease } from '@waybill/artifacts';
import { createHttpClient, type HttpClient } from '@waybill/core';
import type { PublishFile, Release } from '../destination';

export const RELEASE: Release = {
  project: 'pychat',
  name: 'pychat',
  version: '1.2.0',
  channel: 'stable',
  tag: 'v1.2.0',
  commit: 'c0ffee',
  sourceDateEpoch: 1,
};

export const releaseOf = (version: string): Release => ({
  ...RELEASE,
  version,
  tag: `v${version}`,
  channel: /[a-z]/.test(version) ? 'prerelease' : 'stable',
});

/** A file of these bytes, read in small pieces. */
export function publishFile(name: string, text: string | Buffer, more: Partial<PublishFile> = {}): PublishFile {
  const bytes = Buffer.from(text);
  const content = {
    size: bytes.length,
    open: async function* () {
      for (let at = 0; at < bytes.length; at += 4_096) yield bytes.subarray(at, at + 4_096);
    },
  };
  return { name, kind: 'bundle-archive', size: bytes.length, sha256: sha256Of(bytes), madeFrom: [], content, ...more };
}

export const sha256Of = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');

export const PROGRESS = { timeoutMs: 10_000, onSent: (): void => undefined };

/** `release.json` of one archive. */
export const describeRelease = (version: string, sums: string, { name, kind, size, sha256 }: PublishFile): string =>
  renderRelease({
    ...{ schema: RELEASE_SCHEMA, project: 'pychat', name: 'pychat', version, sourceDateEpoch: 1_580_601_600, tools: {}, sums: [sums] },
    ...{ artifacts: [{ name, kind, size, sha256 }], signatures: [], proofs: [], unsigned: [], records: [] },
  });

/** Retries at once: what is waited for is told by its own specs. */
export const testClient = (options: { readOnly?: boolean } = {}): HttpClient =>
  createHttpClient({ readOnly: false, userAgent: 'waybill/test', env: {}, pause: async () => undefined, ...options });
