import { readArchiveEntries } from '@waybill/core';
import type { UpstreamArtifact } from '@waybill/plugin-kit';

const WHERE = { wheel: /^[^/]+\.dist-info\/METADATA$/, sdist: /^[^/]+\/PKG-INFO$/ } as const;

/** METADATA of a wheel, PKG-INFO of an sdist; empty when there is none. */
export async function readDistributionMetadata({ file, name, kind, sha256 }: UpstreamArtifact): Promise<string> {
  const where = WHERE[kind === 'sdist' ? 'sdist' : 'wheel'];
  for await (const entry of readArchiveEntries(file, { sha256, shown: name })) {
    if (entry.kind !== 'file' || !where.test(entry.path)) continue;
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry.content()) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  }
  return '';
}
