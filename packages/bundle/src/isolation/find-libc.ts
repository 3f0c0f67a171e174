import { readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesAsSource, readElf } from '@waybill/binary';
import type { LibcFiles } from './plan-root';

/** What Debian's libc6 package holds, by name: the loader, libc and the libraries that belong to it. */
const PARTS =
  /^(ld-linux.*\.so\.\d|ld64\.so\.\d|ld-musl-.*\.so\.1|libc\.so\.6|lib(m|mvec|dl|pthread|rt|resolv|util|nsl|anl|thread_db|BrokenLocale|c_malloc_debug|nss_\w+)\.so\.\d+)$/;

/** Loaders by architecture, where programs name them (PT_INTERP), and the folders that each loader searches by itself. */
const LAYOUTS: Readonly<Record<string, { loader: string; folders: readonly string[] }>> = {
  'linux-x86_64': {
    loader: '/lib64/ld-linux-x86-64.so.2',
    folders: ['/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu', '/lib64', '/usr/lib64', '/lib', '/usr/lib'],
  },
  'linux-aarch64': {
    loader: '/lib/ld-linux-aarch64.so.1',
    folders: ['/lib/aarch64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/lib64', '/usr/lib64', '/lib', '/usr/lib'],
  },
  'linux-x86_64-musl': { loader: '/lib/ld-musl-x86_64.so.1', folders: ['/lib', '/usr/lib'] },
  'linux-aarch64-musl': { loader: '/lib/ld-musl-aarch64.so.1', folders: ['/lib', '/usr/lib'] },
};

/**
 * The C library of the machine, or of an unpacked libc6 package below `root`. A file stands where its loader looks for it: in the folder
 * where it was found. `undefined` when there is none for the platform.
 */
export async function findLibc(platform: string, root = ''): Promise<LibcFiles | undefined> {
  const layout = LAYOUTS[platform];
  if (!layout) return undefined;
  const loader = await firstReal(
    [layout.loader, ...layout.folders.map((folder) => join(folder, layout.loader.split('/').at(-1)!))].map((path) => `${root}${path}`),
  );
  if (!loader) return undefined;
  const files = [{ path: layout.loader, source: loader }];
  const seen = new Set<string>([layout.loader.split('/').at(-1)!]);
  for (const folder of layout.folders) {
    const names = (await readdir(`${root}${folder}`).catch(() => [])).filter((name) => PARTS.test(name) && !seen.has(name));
    for (const name of names.sort()) {
      const source = await firstReal([`${root}${folder}/${name}`]);
      if (source === undefined) continue;
      seen.add(name);
      files.push({ path: `${folder}/${name}`, source });
    }
  }
  return { files };
}

async function firstReal(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const real = await realpath(path).catch(() => undefined);
    if (real) return real;
  }
  return undefined;
}

/** The shell of the machine and what it needs beyond the C library: scripts are started by `/bin/sh`, which every system has. */
export async function findShell(platform: string): Promise<LibcFiles['files']> {
  const shell = await firstReal(['/bin/sh']);
  return shell === undefined ? [] : withNeeds([{ path: '/bin/sh', source: shell }], foldersOf(platform));
}

/** Libraries of the machine by name, and what they need beyond the C library; those that it has. */
export async function findLibraries(platform: string, sonames: readonly string[]): Promise<LibcFiles['files']> {
  const folders = foldersOf(platform);
  const found = await Promise.all(sonames.map((name) => findIn(folders, name)));
  return withNeeds(
    found.filter((file) => file !== undefined),
    folders,
  );
}

const foldersOf = (platform: string): readonly string[] => LAYOUTS[platform]?.folders ?? [];

type MachineFile = LibcFiles['files'][number];

async function findIn(folders: readonly string[], name: string): Promise<MachineFile | undefined> {
  for (const folder of folders) {
    const source = await firstReal([`${folder}/${name}`]);
    if (source !== undefined) return { path: `${folder}/${name}`, source };
  }
  return undefined;
}

/** The files with all that they need beyond the C library, each once. */
async function withNeeds(files: readonly MachineFile[], folders: readonly string[]): Promise<MachineFile[]> {
  const found = new Map<string, MachineFile>();
  const queue = [...files];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    const name = file.path.split('/').at(-1)!;
    if (found.has(name)) continue;
    found.set(name, file);
    const reading = readElf(bytesAsSource(await readFile(file.source)), { symbols: false });
    for (const needed of reading.ok ? reading.facts.needed : []) {
      const next = PARTS.test(needed) || found.has(needed) ? undefined : await findIn(folders, needed);
      if (next !== undefined) queue.push(next);
    }
  }
  return [...found.values()];
}

/** Another C library than the machine's: an unpacked libc6 package. */
export interface LibcSource {
  root?: string;
  /** With `/bin/sh` of this machine. */
  withShell?: boolean;
  /** With these libraries of this machine, as far as it has them: what a bundle takes from the system it runs on. */
  libraries?: readonly string[];
}
