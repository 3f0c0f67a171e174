import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** All packages carry one version. */
export async function ownVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(__dirname, '..', 'package.json'), 'utf8')) as { version: string };
  return version;
}
