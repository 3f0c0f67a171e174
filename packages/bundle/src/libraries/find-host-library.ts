import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import type { ElfFacts } from '@waybill/binary';
import { readElfFile } from '../runtime/read-elf-file';
import { timeoutOf } from '../runtime/runtime-ports';
import type { RuntimePorts } from '../runtime/runtime-facts';

/** A library of this machine. */
export interface HostLibrary {
  soname: string;
  /** Real file, links resolved. */
  file: string;
  /** As it was found, which is what package databases know. */
  found: string;
  elf: ElfFacts;
}

/** What a wanted library must fit to. */
type Kind = Pick<ElfFacts, 'machine' | 'bits'>;

const LDCONFIG = ['/sbin/ldconfig', '/usr/sbin/ldconfig'];
const TRIPLETS: Readonly<Record<string, string>> = { x86_64: 'x86_64-linux-gnu', aarch64: 'aarch64-linux-gnu', i386: 'i386-linux-gnu' };
const MAX_INCLUDES = 100;

/** Folders of `/etc/ld.so.conf` and what it includes. */
export function readLoaderFolders(file: string, seen: Set<string> = new Set()): string[] {
  if (seen.has(file) || seen.size > MAX_INCLUDES || !existsSync(file)) return [];
  seen.add(file);
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const text = line.replace(/#.*/, '').trim();
      const include = /^include\s+(.+)$/.exec(text)?.[1];
      if (!include) return text.startsWith('/') ? [text] : [];
      return expand(include, dirname(file)).flatMap((name) => readLoaderFolders(name, seen));
    });
}

/** The one kind of glob that ld.so.conf has: stars in the last component. */
function expand(pattern: string, folder: string): string[] {
  const absolute = isAbsolute(pattern) ? pattern : join(folder, pattern);
  const parent = dirname(absolute);
  const last = new RegExp(
    `^${absolute
      .slice(parent.length + 1)
      .replace(/[.+^$(){}|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
  return existsSync(parent)
    ? readdirSync(parent)
        .filter((name) => last.test(name))
        .sort()
        .map((name) => join(parent, name))
    : [];
}

/** Lines of `ldconfig -p`: `libz.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libz.so.1`. */
export function parseLoaderCache(text: string): Map<string, string[]> {
  const cache = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const match = /^\s+(\S+) \(.*\) => (\/.*)$/.exec(line);
    if (match) cache.set(match[1] ?? '', [...(cache.get(match[1] ?? '') ?? []), match[2] ?? '']);
  }
  return cache;
}

/** Finds libraries of this machine as its loader would, for a class and machine. */
export class HostLibraries {
  private cache: Promise<Map<string, string[]>> | undefined;
  private readonly known = new Map<string, string[]>();

  constructor(
    private readonly searchFolders: readonly string[],
    private readonly ports: RuntimePorts,
  ) {}

  /** Folders that were looked into, for error messages. */
  folders(architecture: string): string[] {
    const before = this.known.get(architecture);
    if (before) return before;
    const triplet = TRIPLETS[architecture];
    const standard = [...(triplet ? [`/lib/${triplet}`, `/usr/lib/${triplet}`] : []), '/lib64', '/usr/lib64', '/lib', '/usr/lib', '/usr/local/lib'];
    const folders = [...new Set([...this.searchFolders, ...readLoaderFolders('/etc/ld.so.conf'), ...standard])];
    this.known.set(architecture, folders);
    return folders;
  }

  /** The first file of that name, class and machine: caller's folders, own search paths of the file that needs it, loader's cache, system's folders. */
  async find(soname: string, neededBy: ElfFacts, ownFolders: readonly string[]): Promise<HostLibrary | undefined> {
    const inFolders = [...this.searchFolders, ...ownFolders].map((folder) => join(folder, soname));
    const cached = (await this.loaderCache()).get(soname) ?? [];
    const inSystem = this.folders(neededBy.architecture).map((folder) => join(folder, soname));
    for (const found of [...inFolders, ...cached, ...inSystem]) {
      const elf = existsSync(found) ? readElfFile(found) : undefined;
      if (elf && fits(elf, neededBy)) return { soname, file: realpathSync(found), found, elf };
    }
    return undefined;
  }

  private loaderCache(): Promise<Map<string, string[]>> {
    this.cache ??= this.readCache();
    return this.cache;
  }

  private async readCache(): Promise<Map<string, string[]>> {
    const file = LDCONFIG.find((path) => existsSync(path));
    if (!file) return new Map();
    const result = await this.ports.processes.run({ file, args: ['-p'], env: this.ports.environment, timeoutMs: timeoutOf(this.ports) });
    return result.exitCode === 0 ? parseLoaderCache(result.stdout) : new Map();
  }
}

const fits = (elf: ElfFacts, wanted: Kind): boolean => elf.machine === wanted.machine && elf.bits === wanted.bits && elf.type === 'shared';
