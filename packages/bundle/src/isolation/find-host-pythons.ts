import { readdir, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';

const PROGRAM = /^(python|pypy)(\d+(\.\d+)*)?[a-z]*$/;
const LIBRARY = /^(libpython\d.*\.(so|a)(\.[\d.]+)?|python(\d+(\.\d+)?)?|pypy[\d.]*)$/;
const SETTINGS = /^python\d?(\.\d+)?$/;

export interface HostPython {
  path: string;
  kind: 'program' | 'library';
}

/** Folders in which systems keep programs and libraries, and so Pythons. */
const PROGRAM_FOLDERS = ['/usr/bin', '/usr/local/bin', '/bin', '/usr/sbin', '/opt/bin', '/snap/bin'];
const LIBRARY_FOLDERS = ['/usr/lib', '/usr/lib64', '/usr/local/lib', '/usr/local/lib64', '/lib', '/lib64'];

/** Every Python of the machine that a program could meet: programs, libpythons and standard libraries, by their real paths. */
export async function findHostPythons(environment: Readonly<Record<string, string | undefined>>): Promise<HostPython[]> {
  const onPath = (environment['PATH'] ?? '').split(':').filter(isAbsolute);
  const multiarch = (await namesIn('/usr/lib'))
    .filter((name) => /-linux-(gnu|musl)/.test(name))
    .flatMap((name) => [`/usr/lib/${name}`, `/lib/${name}`]);
  const searches = [
    ...[...onPath, ...PROGRAM_FOLDERS].map((folder) => ({ folder, pattern: PROGRAM, kind: 'program' as const })),
    ...[...LIBRARY_FOLDERS, ...multiarch].map((folder) => ({ folder, pattern: LIBRARY, kind: 'library' as const })),
    { folder: '/etc', pattern: SETTINGS, kind: 'library' as const },
  ];
  const found = new Map<string, HostPython>();
  for (const { folder, pattern, kind } of searches) {
    for (const name of (await namesIn(folder)).filter((candidate) => pattern.test(candidate))) {
      const path = await realpath(join(folder, name)).catch(() => undefined);
      if (path) found.set(path, { path, kind });
    }
  }
  return [...found.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** Prefixes of the programs found: `/root/.pyenv/versions/3.11.7` of `/root/.pyenv/versions/3.11.7/bin/python3.11`. */
export function prefixesOf(pythons: readonly HostPython[]): string[] {
  const prefixes = pythons.filter(({ kind, path }) => kind === 'program' && dirname(path).endsWith('/bin')).map(({ path }) => dirname(dirname(path)));
  return [...new Set(prefixes)];
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
