import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { timeoutOf } from '../runtime/runtime-ports';
import type { RuntimePorts } from '../runtime/runtime-facts';

/** The system's package that owns a file. */
export interface OwningPackage {
  name: string;
  version: string;
  /** As the package says, where its database holds it (rpm). */
  licence?: string;
  /** Absolute paths of licence texts. */
  licenceFiles: readonly string[];
}

/** Both forms of a path on systems where `/lib` is a link to `/usr/lib`: databases may know either. */
export function pathForms(path: string): string[] {
  const other = path.startsWith('/usr/lib') ? path.slice('/usr'.length) : path.startsWith('/lib') ? `/usr${path}` : undefined;
  return other ? [path, other] : [path];
}

const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((name) => join(folder, name))
        .filter((file) => statSync(file).isFile())
    : [];

function debianTexts(name: string): string[] {
  const copyright = join('/usr/share/doc', name, 'copyright');
  return existsSync(copyright) ? [realpathSync(copyright)] : [];
}

/** `zlib1g:amd64: /lib/x86_64-linux-gnu/libz.so.1.2.13` → path → `zlib1g:amd64`. Diversions are no owners. */
export function parseDpkgSearch(output: string): Map<string, string> {
  const owners = new Map<string, string>();
  for (const line of output.split('\n')) {
    const match = /^((?!diversion by )[^\s,]+)(?:, [^/]*)?: (\/.+)$/.exec(line);
    if (match) owners.set(match[2] ?? '', match[1] ?? '');
  }
  return owners;
}

type Run = (file: string, args: readonly string[]) => Promise<string | undefined>;

async function askDpkg(files: readonly string[], run: Run): Promise<Map<string, OwningPackage>> {
  const forms = files.flatMap(pathForms);
  const owners = parseDpkgSearch((await run('dpkg-query', ['--search', ...forms])) ?? '');
  const names = [...new Set(owners.values())].sort();
  if (names.length === 0) return new Map();
  const shown = (await run('dpkg-query', ['--show', '--showformat', '${binary:Package}\t${Package}\t${Version}\n', ...names])) ?? '';
  const packages = new Map(
    shown
      .trim()
      .split('\n')
      .flatMap((line) => {
        const [key = '', name = '', version = ''] = line.split('\t');
        const entry: OwningPackage = { name, version, licenceFiles: debianTexts(name) };
        return [
          [key, entry],
          [name, entry],
        ] as [string, OwningPackage][];
      }),
  );
  return new Map(
    files.flatMap((file) => {
      const owner = pathForms(file)
        .map((form) => owners.get(form))
        .find(Boolean);
      const found = owner ? (packages.get(owner) ?? packages.get(owner.split(':')[0] ?? '')) : undefined;
      return found ? [[file, found] as [string, OwningPackage]] : [];
    }),
  );
}

async function askRpm(files: readonly string[], run: Run): Promise<Map<string, OwningPackage>> {
  const owned = new Map<string, OwningPackage>();
  for (const file of files) {
    const [name, version, licence] = ((await run('rpm', ['-qf', '--qf', '%{NAME}\t%{VERSION}-%{RELEASE}\t%{LICENSE}', file])) ?? '').split('\t');
    if (name && version && licence) owned.set(file, { name, version, licence, licenceFiles: filesIn(join('/usr/share/licenses', basename(name))) });
  }
  return owned;
}

/** Package databases in the order in which they are asked; each by the program that must be there. */
const DATABASES: readonly { program: string; ask: (files: readonly string[], run: Run) => Promise<Map<string, OwningPackage>> }[] = [
  { program: 'dpkg-query', ask: askDpkg },
  { program: 'rpm', ask: askRpm },
];

/** Which packages of this machine own the files; files without an owner are not in the answer. */
export async function identifyPackages(files: readonly string[], ports: RuntimePorts): Promise<Map<string, OwningPackage>> {
  const folders = (ports.environment.PATH ?? '').split(':').filter(Boolean);
  const run: Run = async (program, args) => {
    const file = folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
    if (!file) return undefined;
    const result = await ports.processes.run({ file, args, env: ports.environment, timeoutMs: timeoutOf(ports) });
    return result.stdout;
  };
  for (const { program, ask } of DATABASES) {
    if (files.length === 0 || !folders.some((folder) => existsSync(join(folder, program)))) continue;
    const owned = await ask(files, run);
    if (owned.size > 0) return owned;
  }
  return new Map();
}
