import { normaliseDistribution } from '@waybill/artifacts';
import { mapConcurrently } from '@waybill/core';
import { parseRecordText } from '@waybill/distributions';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstalledDistribution } from './find-conflicts';

const CONCURRENCY = 16;

/** Distributions that are installed in a vendor folder, as their dist-info folders tell, sorted by folder; none when there is no folder. */
export async function readDistributions(vendor: string): Promise<InstalledDistribution[]> {
  const folders = existsSync(vendor)
    ? readdirSync(vendor)
        .filter((name) => name.endsWith('.dist-info'))
        .sort()
    : [];
  return mapConcurrently(folders, CONCURRENCY, async (distInfo) => {
    const [name = '', version = ''] = distInfo.slice(0, -'.dist-info'.length).split('-');
    const record = join(vendor, distInfo, 'RECORD');
    const lines = existsSync(record) ? parseRecordText(await readFile(record, 'utf8')) : [];
    return { name: normaliseDistribution(name), version, distInfo, lines };
  });
}
