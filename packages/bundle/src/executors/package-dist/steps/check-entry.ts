import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bundleErrors } from '../../../errors/bundle-errors';
import { PYTHON_APP } from '../options';
import type { EntryFacts } from '../package-facts';
import { VENDOR } from './bundle-places';

/**
 * `python -m` starts `a/b.py` or `a/b/__main__.py`; one of them must be in the bundle or in the standard library (absolute folder).
 * Asked as soon as the wheels are there, long before the archive is.
 */
export function checkEntry(entry: EntryFacts | undefined, root: string, stdlib: string): void {
  if (entry === undefined || 'script' in entry) return;
  const path = entry.module.replaceAll('.', '/');
  const candidates = [`${path}.py`, `${path}/__main__.py`];
  const folders = [join(root, PYTHON_APP), join(root, VENDOR), stdlib];
  if (folders.some((folder) => candidates.some((candidate) => existsSync(join(folder, candidate))))) return;
  const searched = [PYTHON_APP, VENDOR].flatMap((folder) => candidates.map((candidate) => `${folder}/${candidate}`));
  throw bundleErrors.error('BUNDLE_ENTRY_MISSING', { entry: entry.module, searched });
}
