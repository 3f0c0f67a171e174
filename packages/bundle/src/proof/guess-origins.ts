import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TreeItem } from '@waybill/core';
import { isGenericPath } from '@waybill/relocation';

const SOURCES: readonly { name: RegExp; pattern: RegExp }[] = [
  { name: /(^|\/)_sysconfigdata[^/]*\.py$/, pattern: /'(?:exec_)?prefix': '(\/[^']+)'/g },
  { name: /(^|\/)pyvenv\.cfg$/, pattern: /^home\s*=\s*(\/.+?)(?:\/bin)?\s*$/gm },
  { name: /(^|\/)build-details\.json$/, pattern: /"base_prefix":\s*"(\/[^"]+)"/g },
];
/** Where builders of portable runtimes pretend to install: no machine has these. */
const PRETENDED = /^\/(install|build|tools)(\/|$)/;

/** Where the Python of a bundle of unknown origin was installed before, from what it says of itself. */
export async function guessOrigins(root: string, items: readonly TreeItem[]): Promise<string[]> {
  const origins = new Set<string>();
  for (const { path, kind } of items) {
    const source = kind === 'file' ? SOURCES.find(({ name }) => name.test(path)) : undefined;
    if (!source) continue;
    for (const [, origin] of (await readFile(join(root, path), 'utf8')).matchAll(source.pattern)) {
      if (origin !== undefined && origin.split('/').length > 2 && !isGenericPath(origin) && !PRETENDED.test(origin)) origins.add(origin);
    }
  }
  return [...origins];
}
