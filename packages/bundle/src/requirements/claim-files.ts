import { normaliseDistribution } from '@waybill/artifacts';
import { writeFileAtomic } from '@waybill/core';
import { renderRecordText } from '@waybill/distributions';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readDistributions } from './read-distributions';

export interface ClaimRequest {
  /** Absolute. */
  vendor: string;
  /** Of the application. */
  name: string;
  version: string;
  /** Relative to the vendor folder. */
  files: readonly string[];
}

/**
 * Makes a distribution of files that stand among installed packages without a wheel: a dist-info of the application's name, so that
 * every file there belongs to one, and `importlib.metadata` knows the application. Digests follow when records are rewritten.
 */
export async function claimFiles({ vendor, name, version, files }: ClaimRequest): Promise<void> {
  if (files.length === 0) return;
  const taken = new Set((await readDistributions(vendor)).map((distribution) => distribution.name));
  const free = taken.has(normaliseDistribution(name)) ? `${name}-application` : name;
  const distInfo = `${normaliseDistribution(free).replaceAll('-', '_')}-${version}.dist-info`;
  const own = {
    [`${distInfo}/METADATA`]: `Metadata-Version: 2.1\nName: ${free}\nVersion: ${version}\n`,
    [`${distInfo}/INSTALLER`]: 'waybill\n',
  };
  mkdirSync(join(vendor, distInfo), { recursive: true });
  for (const [path, text] of Object.entries(own)) await writeFileAtomic(join(vendor, path), text);
  const lines = [...files, ...Object.keys(own), `${distInfo}/RECORD`].map((path) => ({ path }));
  await writeFileAtomic(join(vendor, distInfo, 'RECORD'), renderRecordText(lines));
}
