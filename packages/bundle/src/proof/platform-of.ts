import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatPlatform, hostPlatform, MANIFEST_PATH } from '@waybill/artifacts';

/** What a bundle of any origin is made for: what its manifest says, else this machine. A damaged manifest is found later, by name. */
export async function platformOf(bundleRoot: string): Promise<string> {
  const text = await readFile(join(bundleRoot, MANIFEST_PATH), 'utf8').catch(() => '');
  const platform = /"platform":\s*"([a-z0-9_-]+)"/.exec(text)?.[1];
  return platform ?? formatPlatform(hostPlatform(process));
}
