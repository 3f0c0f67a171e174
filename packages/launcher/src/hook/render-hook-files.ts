import type { LauncherFile } from '../launcher-config';

/** The Python start hook, to be placed in the runtime's own site-packages (`sitePackages` is that folder's path in the bundle). */
export function renderHookFiles(_sitePackages: string): LauncherFile[] {
  throw new Error('not yet');
}
