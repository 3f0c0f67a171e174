import { lstat, readlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { HiddenPlace } from './hidden-places';
import type { RootMount, RootPlan } from './root-plan';
import type { Place } from './sandbox';

/** Folders of a machine that programs may count on; everything else (`/home`, `/opt`, `/srv`, `/mnt`, `/var`, `/run`…) is not there. */
const SYSTEM_FOLDERS = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/etc'];
const DEVICES = ['/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom', '/dev/tty', '/dev/ptmx'];

export const ASSETS_INSIDE = '/.waybill';
export const HOME_INSIDE = '/home/probe';

/** What every root has, whatever else is in it. All paths outside are absolute. */
export interface RootFrame {
  bundleRoot: string;
  places: readonly Place[];
  /** Folder with the scripts that run inside. */
  assetsFolder: string;
  /** Folders outside that stand for `/tmp` and for the home of the user inside, both writable for all. */
  temporaryFolder: string;
  homeFolder: string;
  /** Further folders of the proof, inside → outside, read-only. */
  extras: Readonly<Record<string, string>>;
  /** Empty files and links of the skeleton. */
  emptyFiles?: readonly string[];
  links?: readonly { path: string; target: string }[];
}

/** The machine as users have it, without what is hidden: a root that only holds what is on the list. */
export async function planHostRoot(
  frame: RootFrame,
  hidden: readonly HiddenPlace[],
  masks: { emptyFolder: string; lockedFile: string },
): Promise<RootPlan> {
  const folders: string[] = [];
  const links: { path: string; target: string }[] = [];
  for (const path of SYSTEM_FOLDERS) {
    const found = await lstat(path).catch(() => undefined);
    if (found?.isSymbolicLink()) links.push({ path, target: await readlink(path) });
    else if (found) folders.push(path);
  }
  const below = hidden.filter(({ path }) => folders.some((folder) => path.startsWith(`${folder}/`)));
  const outermost = below.filter(({ path }) => !below.some((other) => path.startsWith(`${other.path}/`)));
  const masked = outermost.map(({ path, kind }): RootMount => ({
    kind: 'bind',
    source: kind === 'folder' ? masks.emptyFolder : masks.lockedFile,
    target: path,
  }));
  const system = folders.map((path): RootMount => ({ kind: 'bind', source: path, target: path, recursive: true }));
  return withFrame({ folders, links, copies: [], emptyFiles: [], mounts: [...system, ...masked] }, frame);
}

/** Files of a C library and where programs expect them: nothing else is in a bare root. */
export interface LibcFiles {
  files: readonly { path: string; source: string }[];
}

/** Nothing but the C library: no shell, no other library, no passwd, no certificate. */
export function planBareRoot(frame: RootFrame, libc: LibcFiles): RootPlan {
  const folders = [...new Set(libc.files.map(({ path }) => dirname(path)))];
  return withFrame({ folders, links: [], copies: libc.files, emptyFiles: [], mounts: [] }, frame);
}

function withFrame(base: RootPlan, frame: RootFrame): RootPlan {
  const bundles = frame.places.flatMap((place) => placeMounts(place, frame.bundleRoot));
  const extras = Object.entries({ [ASSETS_INSIDE]: frame.assetsFolder, ...frame.extras });
  return {
    folders: [
      ...base.folders,
      '/proc',
      '/dev/shm',
      '/tmp',
      HOME_INSIDE,
      ...frame.places.map(({ path }) => path),
      ...extras.map(([inside]) => inside),
    ],
    links: [...base.links, ...(frame.links ?? []), ...standardStreams],
    copies: base.copies,
    emptyFiles: [...base.emptyFiles, ...DEVICES, ...(frame.emptyFiles ?? [])],
    mounts: [
      ...base.mounts,
      { kind: 'proc', target: '/proc' },
      ...DEVICES.map((path): RootMount => ({ kind: 'bind', source: path, target: path, writable: true })),
      { kind: 'tmpfs', target: '/dev/shm', mode: '1777' },
      { kind: 'bind', source: frame.temporaryFolder, target: '/tmp', writable: true },
      { kind: 'bind', source: frame.homeFolder, target: HOME_INSIDE, writable: true },
      ...extras.map(([inside, source]): RootMount => ({ kind: 'bind', source, target: inside })),
      ...bundles,
    ],
  };
}

const standardStreams = [
  { path: '/dev/fd', target: '/proc/self/fd' },
  { path: '/dev/stdin', target: '/proc/self/fd/0' },
  { path: '/dev/stdout', target: '/proc/self/fd/1' },
  { path: '/dev/stderr', target: '/proc/self/fd/2' },
];

function placeMounts(place: Place, bundleRoot: string): RootMount[] {
  const whole: RootMount = { kind: 'bind', source: place.source ?? bundleRoot, target: place.path, ...(place.writable && { writable: true }) };
  const replaced = Object.entries(place.overrides ?? {}).map(([path, source]): RootMount => ({
    kind: 'bind',
    source,
    target: `${place.path}/${path}`,
  }));
  return [whole, ...replaced];
}
