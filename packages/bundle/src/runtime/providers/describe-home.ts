import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { bundleErrors } from '../../errors/bundle-errors';
import { checkFitsBundle, checkPython } from './check-runtime';
import { checkLibpythonVersion, findLibpython, versionInBytes } from '../find-libpython';
import { findLicenceFiles } from '../find-licence-files';
import { leakOriginsOf } from '../leak-origins';
import { hasElfMagic, readElfFile } from '../read-elf-file';
import type { RuntimeFacts, RuntimeRequest } from '../runtime-facts';

const SERIES = /^python(3\.\d+)(t?)$/;
const MAX_DEPTH = 6;

/** Where the standard library stands: `home/platlibdir/python3.x`. */
interface Home {
  home: string;
  platlibdir: string;
  stdlib: string;
  series: string;
  abiFlags: string;
}

const folders = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();

function homeAt(folder: string): Home | undefined {
  for (const platlibdir of ['lib', 'lib64']) {
    const libraries = join(folder, platlibdir);
    if (!existsSync(libraries)) continue;
    for (const name of folders(libraries)) {
      const match = SERIES.exec(name);
      if (match && existsSync(join(libraries, name, 'os.py'))) {
        return { home: folder, platlibdir, stdlib: join(libraries, name), series: match[1] ?? '', abiFlags: match[2] ?? '' };
      }
    }
  }
  return undefined;
}

/** The shallowest folder that is a home: `python`, `python/install`, `package/python`, `usr`, a jar's deep folder. */
export function findHome(root: string): Home | undefined {
  let level = [root];
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth += 1) {
    for (const folder of level) {
      const home = homeAt(folder);
      if (home) return home;
    }
    level = level.flatMap((folder) => folders(folder).map((name) => join(folder, name)));
  }
  return undefined;
}

/** The native interpreter of a home; scripts and damaged files are passed over. */
function findExecutable(home: Home): string | undefined {
  const names = [`python${home.series}${home.abiFlags}`, 'python3', 'python'];
  const places = names.flatMap((name) => [join(home.home, 'bin', name), join(home.home, name)]);
  const found = places.find((file) => existsSync(file) && statSync(file).isFile() && hasElfMagic(file));
  return found && realpathSync(found);
}

const libraryFolders = (home: Home): string[] => {
  const lib = join(home.home, home.platlibdir);
  const multiarch = folders(lib)
    .filter((name) => name.includes('-linux-'))
    .map((name) => join(lib, name));
  return [join(home.home, 'lib'), lib, ...multiarch, home.home];
};

/** `PY_VERSION` of `patchlevel.h`, else the text in libpython or the executable. */
function versionOf(home: Home, native: string): string | undefined {
  const header = join(home.home, 'include', `python${home.series}${home.abiFlags}`, 'patchlevel.h');
  const stated = existsSync(header) ? /#define\s+PY_VERSION\s+"([^"]+)"/.exec(readFileSync(header, 'utf8'))?.[1] : undefined;
  return stated ?? versionInBytes(readFileSync(native), home.series);
}

/** Paths that the build wrote into `_sysconfigdata*.py`. */
function builtPaths(stdlib: string): string[] {
  const files = readdirSync(stdlib).filter((name) => /^_sysconfigdata.*\.py$/.test(name));
  return files.flatMap((name) => {
    const text = readFileSync(join(stdlib, name), 'utf8');
    const build = /'abs_builddir': '([^']+)'/.exec(text)?.[1];
    return [/'prefix': '([^']+)'/.exec(text)?.[1], build, build && dirname(build)].filter((path): path is string => Boolean(path));
  });
}

/** Facts of an unpacked runtime, read from its files: works for machines of another kind and for archives that lost modes and links. */
export function describeHome(root: string, label: { source: string; sha256?: string }, request: RuntimeRequest): RuntimeFacts {
  const { source } = label;
  const home = findHome(root);
  if (!home) throw bundleErrors.error('BUNDLE_RUNTIME_INCOMPLETE', { source, missing: 'standard library (`lib/python3.x/os.py`)' });
  const executable = findExecutable(home);
  if (!executable)
    throw bundleErrors.error('BUNDLE_RUNTIME_INCOMPLETE', {
      source,
      missing: `native interpreter (\`bin/python${home.series}\`)`,
      searched: [relative(root, join(home.home, 'bin')) || 'bin'],
    });
  const searched = libraryFolders(home);
  const libpython = findLibpython(searched, home.series, home.abiFlags);
  const version = versionOf(home, libpython?.file ?? executable);
  if (!version) throw bundleErrors.error('BUNDLE_RUNTIME_INCOMPLETE', { source, missing: 'version in `patchlevel.h` or its native files' });
  checkPython({ implementation: 'cpython', version }, request, source);
  if (libpython) checkLibpythonVersion(libpython, version);
  const elf = readElfFile(executable);
  const soname = `libpython${home.series}${home.abiFlags}.so.1.0`;
  checkFitsBundle({ elf, source, libpython, soname, searched: searched.map((folder) => relative(root, folder) || '.') }, request);
  const staticInterpreter = !elf?.needed.some((name) => basename(name).startsWith('libpython'));
  return {
    provider: 'archive',
    version,
    series: home.series,
    abiFlags: home.abiFlags,
    executable,
    prefix: home.home,
    realPrefix: realpathSync(home.home),
    stdlib: home.stdlib,
    dynload: join(home.stdlib, 'lib-dynload'),
    platlibdir: home.platlibdir,
    ...(libpython && { libpython: { file: libpython.file, soname: libpython.soname } }),
    staticInterpreter,
    buildId: request.embedded || !staticInterpreter ? libpython?.buildId : elf?.buildId,
    architecture: elf?.architecture ?? 'unknown',
    runsHere: elf?.architecture === hostArchitecture(),
    ...label,
    licenceFiles: findLicenceFiles(home.stdlib, home.home, home.series),
    leakOrigins: leakOriginsOf([...builtPaths(home.stdlib), root, realpathSync(root)]),
    layout: basename(home.home) === 'usr' ? 'system' : 'home',
  };
}

/** `x86_64` or `aarch64`, as ELF facts name it. */
export function hostArchitecture(): string {
  return { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
}
