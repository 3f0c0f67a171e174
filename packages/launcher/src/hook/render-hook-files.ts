import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LauncherFile } from '../launcher-config';

const HOOK_FILES = ['_waybill.pth', '_waybill_site.py'];

/**
 * The Python start hook, to be placed in the runtime's own site-packages (`sitePackages` is that folder's path in the bundle), before
 * byte code is compiled. What it does stands in `_waybill_site.py`.
 */
export function renderHookFiles(sitePackages: string): LauncherFile[] {
  return HOOK_FILES.map((name) => ({
    path: `${sitePackages}/${name}`,
    mode: 0o644,
    content: readFileSync(join(__dirname, name), 'utf8'),
  }));
}
