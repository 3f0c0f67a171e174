import { realpath, stat } from 'node:fs/promises';
import { isGenericPath } from '@waybill/relocation';
import { prefixesOf, type HostPython } from './find-host-pythons';

/** Something of the building machine that must be out of reach. */
export interface HiddenPlace {
  path: string;
  kind: 'file' | 'folder';
  why: 'workspace' | 'home' | 'python' | 'prefix' | 'asked for';
}

export interface HideRequest {
  /** Absolute paths that the user named. */
  asked: readonly string[];
  workspaceRoot?: string;
  home?: string;
  pythons: readonly HostPython[];
}

/** What a machine is made of. */
const SYSTEM = new Set([
  '/',
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/etc',
  '/dev',
  '/proc',
  '/sys',
  '/tmp',
  '/usr/bin',
  '/usr/lib',
  '/usr/local',
]);

/**
 * What is hidden, each path as given and with symlinks resolved. Folders that a system is made of (`/usr`, `/lib`…) are never hidden as a
 * whole: there the Pythons are, one by one.
 */
export async function hiddenPlaces({ asked, workspaceRoot, home, pythons }: HideRequest): Promise<HiddenPlace[]> {
  const wanted: { path: string | undefined; why: HiddenPlace['why'] }[] = [
    ...asked.map((path) => ({ path, why: 'asked for' as const })),
    { path: workspaceRoot, why: 'workspace' },
    { path: home, why: 'home' },
    ...prefixesOf(pythons).map((path) => ({ path, why: 'prefix' as const })),
    ...pythons.map(({ path }) => ({ path, why: 'python' as const })),
  ];
  const places = new Map<string, HiddenPlace>();
  for (const { path, why } of wanted) {
    if (path === undefined || SYSTEM.has(path) || (isGenericPath(path) && why !== 'home' && why !== 'asked for')) continue;
    for (const form of await formsOf(path)) {
      const kind = await kindOf(form);
      // `/nonexistent` is the home of users who have none.
      if (kind === undefined && why === 'home') continue;
      if (!places.has(form)) places.set(form, { path: form, kind: kind ?? 'folder', why });
    }
  }
  return [...places.values()];
}

async function formsOf(path: string): Promise<string[]> {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, '') : path;
  const real = await realpath(trimmed).catch(() => trimmed);
  return [...new Set([trimmed, real])];
}

const kindOf = (path: string): Promise<HiddenPlace['kind'] | undefined> =>
  stat(path).then(
    (found) => (found.isDirectory() ? 'folder' : 'file'),
    () => undefined,
  );
