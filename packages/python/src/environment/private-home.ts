import { existsSync, readdirSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import type { Workplace } from '../workplace/workplace-path';

/**
 * What tools keep in a home folder: caches, toolchains, their settings, credentials for indexes. Relative to it. A build sees these as they are, and nothing
 * else of the home: neither settings that change what is built (`.pydistutils.cfg`), nor files of the user.
 */
const OF_TOOLS: readonly string[] = [
  ...['.cache', '.cargo', '.rustup', '.ccache', '.conan', '.conan2', '.docker', '.git-credentials', '.gitconfig', '.netrc', '.pip', '.pyenv'],
  ...['.asdf', '.tool-versions', '.npm', '.npmrc', '.nvm', '.volta', '.yarn', '.yarnrc', '.yarnrc.yml', '.pnpm-store', '.bun', '.node-gyp'],
  ...['go', '.cmake', '.gradle', '.m2', '.dotnet', '.nuget', '.aws', '.local/state'],
  ...['gcloud', 'go', 'python_keyring'].map((name) => `.config/${name}`),
  ...['ccache', 'cibuildwheel', 'containers', 'git', 'mise', 'npm', 'pip', 'pnpm', 'sccache', 'uv', 'yarn'].map((name) => `.config/${name}`),
  ...['containers', 'hatch', 'mise', 'pdm', 'pip', 'pnpm', 'python_keyring', 'uv', 'virtualenv'].map((name) => `.local/share/${name}`),
  ...['Caches', 'Application Support/pip', 'Application Support/uv', 'Keychains', 'Preferences'].map((name) => `Library/${name}`),
];

/** Variables by which users keep these folders of a home elsewhere (XDG Base Directory Specification). */
const XDG: readonly (readonly [folder: string, variable: string])[] = [
  ['.cache', 'XDG_CACHE_HOME'],
  ['.config', 'XDG_CONFIG_HOME'],
  ['.local/share', 'XDG_DATA_HOME'],
  ['.local/state', 'XDG_STATE_HOME'],
];

/** The folder that such a variable names: the specification says that one which is empty or relative counts for nothing. */
function namedBy(variable: string, base: Readonly<Record<string, string>>): string | undefined {
  const value = base[variable];
  return value !== undefined && isAbsolute(value) ? value : undefined;
}

/** Where the user has what a home keeps at `path`. */
function placeOf(path: string, real: string, base: Readonly<Record<string, string>>): string {
  const [folder, variable] = XDG.find(([one]) => path === one || path.startsWith(`${one}/`)) ?? [];
  const named = variable === undefined ? undefined : namedBy(variable, base);
  return named === undefined ? join(real, path) : join(named, path.slice(folder!.length));
}

/**
 * A home folder for one build: empty but for links to what tools keep in the user's. `base` is the environment that names that. What a build puts beside
 * them is found by `strangersIn`.
 */
export async function openHome(home: string, base: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(home, { mode: 0o700 });
  const real = base['HOME'];
  if (real === undefined) return;
  for (const path of OF_TOOLS) {
    const place = placeOf(path, real, base);
    if (!existsSync(place)) continue;
    await mkdir(dirname(join(home, path)), { recursive: true });
    await symlink(place, join(home, path));
  }
}

/** Where a build has that home. Windows has no HOME, and its tools ask the system for their folders. */
export const homeIn = ({ root }: Workplace, system: string): string | undefined => (system === 'win32' ? undefined : `${root}/home`);

/** Variables that name that home, and leave caches and toolchains where they are. `base` is the environment with the user's home. */
export function homeVariables(home: string, base: Readonly<Record<string, string>>, system: string): Record<string, string> {
  const real = base['HOME'];
  if (real === undefined) return { HOME: home };
  const cache = namedBy('XDG_CACHE_HOME', base) ?? join(real, '.cache');
  const places = {
    CARGO_HOME: join(real, '.cargo'),
    RUSTUP_HOME: join(real, '.rustup'),
    UV_CACHE_DIR: join(cache, 'uv'),
    PIP_CACHE_DIR: system === 'darwin' ? join(real, 'Library/Caches/pip') : join(cache, 'pip'),
  };
  const moved = XDG.filter(([, variable]) => namedBy(variable, base) !== undefined).map(([folder, variable]) => [variable, join(home, folder)]);
  return { ...places, ...Object.fromEntries(Object.entries(base).filter(([name]) => name in places)), ...Object.fromEntries(moved), HOME: home };
}

/** Of what `strangersIn` gives: where programs leave settings, caches and state without being asked, which nobody misses. */
export const isHidden = (path: string): boolean => /^(?:\.|Library\/)/.test(path);

/** What a build left in its home that no tool keeps there: the topmost folders and files, relative to it, sorted. */
export function strangersIn(home: string): readonly string[] {
  const strangers = (folder: string): string[] =>
    readdirSync(join(home, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (OF_TOOLS.includes(path)) return [];
      return entry.isDirectory() && OF_TOOLS.some((one) => one.startsWith(`${path}/`)) ? strangers(path) : [path];
    });
  return strangers('').sort();
}
