import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const HOME = '@WAYBILL_HOME@';

/** Variables that name places in the home. With a prefix that systems share (`/usr`) only these are made relative. */
const PLACES = [
  'prefix',
  'exec_prefix',
  'BINDIR',
  'BINLIBDEST',
  'CONFINCLUDEDIR',
  'CONFINCLUDEPY',
  'DESTLIB',
  'DESTSHARED',
  'INCLUDEDIR',
  'INCLUDEPY',
  'LIBDEST',
  'LIBDIR',
  'LIBP',
  'LIBPC',
  'LIBPL',
  'MACHDESTLIB',
  'MANDIR',
  'SCRIPTDIR',
  'datarootdir',
] as const;

/** Appended once; the module is imported by `sysconfig` whenever a build variable is asked for. */
const RELOCATE = `

def _relocate():
    # The places above are those of this copy, wherever it stands.
    import sys
    for name, value in build_time_vars.items():
        if isinstance(value, str) and '${HOME}' in value:
            build_time_vars[name] = value.replace('${HOME}', sys.base_prefix)


_relocate()
del _relocate
`;

const escape = (text: string): string => text.replace(/[.*+?^$(){}|[\]\\]/g, '\\$&');

/** Folders that only the building machine has before the names of compilers and tools (python-build-standalone: `/tools/llvm/bin/clang`). */
const TOOL_FOLDER = /(?<=['" ])\/(?:tools|build|opt|home|root|tmp)\/[\w@.+/-]*\/bin\/(?=[\w+-]+['" ])/g;

/**
 * Text of a `_sysconfigdata*.py` whose places are computed from `sys.base_prefix` at import. `homes` are the paths under which the
 * runtime was installed or built for, `others` further paths of the machine (build folders). Pure; running it twice changes nothing.
 */
export function relocatableSysconfig(text: string, homes: readonly string[], others: readonly string[]): string {
  if (text.includes(HOME)) return text;
  let result = text;
  const specific = homes.filter((home) => home.split('/').length > 2 && !/^\/usr(\/local)?$/.test(home));
  for (const home of [...specific].sort((left, right) => right.length - left.length)) result = result.replaceAll(home, HOME);
  for (const home of homes) {
    const places = new RegExp(`('(?:${PLACES.join('|')})': ')${escape(home)}(?=['/])`, 'g');
    result = result.replace(places, `$1${HOME}`);
  }
  for (const other of others) result = result.replaceAll(other, '/nonexistent');
  result = result
    .replace(TOOL_FOLDER, '')
    .replace(/('LIBDIR': ')[^']*(?=')/, `$1${HOME}/lib`)
    .replace(/('WHEEL_PKG_DIR': ')[^']*(?=')/, '$1');
  return result + RELOCATE;
}

/** Is a path that of a file that states how and where the runtime was built. */
export const isSysconfig = (path: string): boolean => /(^|\/)_sysconfigdata[^/]*\.py$/.test(path);

/** Rewrites every `_sysconfigdata*.py` (files, not links) of a standard library. Returns their names. */
export function rewriteSysconfig(stdlib: string, homes: readonly string[], others: readonly string[]): string[] {
  const files = readdirSync(stdlib, { withFileTypes: true }).filter((entry) => entry.isFile() && isSysconfig(entry.name));
  for (const { name } of files) {
    const file = join(stdlib, name);
    writeFileSync(file, relocatableSysconfig(readFileSync(file, 'utf8'), homes, others));
  }
  return files.map(({ name }) => name).sort();
}

/** The path that a `_sysconfigdata*.py` states as its prefix. */
export function statedPrefix(stdlib: string): string | undefined {
  const name = readdirSync(stdlib).find(isSysconfig);
  return name ? /'prefix': '([^']+)'/.exec(readFileSync(join(stdlib, name), 'utf8'))?.[1] : undefined;
}
