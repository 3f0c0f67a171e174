import type { ErrorText } from '@waybill/core';

const list = (paths: readonly string[]): string => paths.map((path) => `\`${path}\``).join(' and ');

/** Errors of packaging an application. Sorted by code. */
export const packageErrorTexts = {
  BUNDLE_BINARY_AMBIGUOUS: (args: { pattern: string; files: readonly string[] }): ErrorText => ({
    message: `\`${args.pattern}\` fits ${args.files.length} files: ${list(args.files)}`,
    fix: `name the one to package: \`"binary": "${args.files[0]!}"\``,
  }),
  BUNDLE_BINARY_ARCHITECTURE: (args: { file: string; expected: string; actual: string }): ErrorText => ({
    message: `\`${args.file}\` is made for another machine than the bundle`,
    fix: `build it for \`${args.expected}\`, or package for what it is made for with the option \`platform\``,
    details: [`expected ${args.expected}`, `actual ${args.actual}`],
  }),
  BUNDLE_BINARY_FORMAT: (args: { file: string; reason: string }): ErrorText => ({
    message: `\`${args.file}\` is no ELF program: ${args.reason}`,
    fix: 'build the program again, and name the executable itself with the option `binary`',
  }),
  BUNDLE_BINARY_LIBPYTHON: (args: { file: string; expected: string; actual: readonly string[] }): ErrorText => ({
    message: `no \`libpython\` match: \`${args.file}\` is not linked to the Python of the bundle`,
    fix:
      args.actual.length === 0
        ? 'link the program to the shared libpython (PyO3: the feature `auto-initialize` and an interpreter built with `--enable-shared`)'
        : 'build the program with the interpreter that the bundle gets (`PYO3_PYTHON`), or choose that one with the option `runtime`',
    details: [`expected \`${args.expected}\``, `actual ${args.actual.length === 0 ? 'none' : list(args.actual)}`],
  }),
  BUNDLE_BINARY_MISSING: (args: { pattern: string }): ErrorText => ({
    message: `\`${args.pattern}\` names no file`,
    fix: 'let the target depend on the one that builds the program (`"dependsOn": ["build"]`), or correct the option `binary`: it is relative to the workspace',
  }),
  BUNDLE_BINARY_MODE: (args: { file: string; mode: string }): ErrorText => ({
    message: `\`${args.file}\` is not executable`,
    fix: `\`chmod +x ${args.file}\`, or have the build do it`,
    details: ['expected a mode with `x`', `actual ${args.mode}`],
  }),
  BUNDLE_BINARY_SCRIPT: (args: { file: string; firstLine: string }): ErrorText => ({
    message: `\`${args.file}\` is a script, not a native program`,
    fix: 'a Python program is packaged with `entry` (`{"module": …}` or `{"script": …}`) in place of `binary`',
    details: [`actual \`${args.firstLine}\``],
  }),
  BUNDLE_BINARY_STATIC: (args: { file: string }): ErrorText => ({
    message: `\`${args.file}\` is linked statically and cannot load the Python of the bundle`,
    fix: 'link the program dynamically: for Rust build for a `-gnu` target without `+crt-static`',
  }),
  BUNDLE_ENTRY_MISSING: (args: { entry: string; searched: readonly string[] }): ErrorText => ({
    message: `the module \`${args.entry}\` that \`entry\` names cannot be started: the bundle has no such module`,
    fix: 'let the target depend on `build-wheel` of the project, add the distribution to `requirements`, or copy the package with `include`',
    details: args.searched.map((path) => `looked for \`${path}\``),
  }),
  BUNDLE_ENTRY_SCRIPT: (args: { script: string }): ErrorText => ({
    message: `the script \`${args.script}\` that \`entry\` names does not exist`,
    fix: 'correct `entry.script`: it is relative to the workspace',
  }),
  BUNDLE_GLIBC: (args: { allowed: string; needed: string; holders: readonly { path: string; symbol: string; version: string }[] }): ErrorText => ({
    message: `the bundle needs glibc ${args.needed}, and \`glibc\` allows ${args.allowed}`,
    fix: `build what needs more on an older system (or with \`cargo zigbuild --target …-gnu.${args.allowed}\`), or raise the option to \`${args.needed}\``,
    details: [
      `expected glibc ≤ ${args.allowed}`,
      ...args.holders.map(({ path, symbol, version }) => `actual \`${path}\` needs ${symbol === '' ? '' : `\`${symbol}\` of `}glibc ${version}`),
    ],
  }),
  BUNDLE_INCLUDE_CONFLICT: (args: { path: string; from: readonly string[] }): ErrorText => ({
    message: `\`${args.path}\` in the bundle would come from ${list(args.from)}`,
    fix: 'give one of them another place with `to`',
  }),
  BUNDLE_INCLUDE_MISSING: (args: { pattern: string }): ErrorText => ({
    message: `\`include\` names \`${args.pattern}\`, which fits no file`,
    fix: 'correct the entry: it is relative to the workspace, and a folder or glob that fits nothing is a mistake',
  }),
  BUNDLE_INCLUDE_OUTSIDE: (args: { path: string; linkTarget: string }): ErrorText => ({
    message: `the link \`${args.path}\` leaves what \`include\` copies: it points to \`${args.linkTarget}\``,
    fix: 'include the file that it points to, or replace the link by a copy',
  }),
  BUNDLE_INCLUDE_SPECIAL: (args: { path: string; kind: string }): ErrorText => ({
    message: `\`${args.path}\` is a ${args.kind}, which no archive can carry`,
    fix: 'take it out of the folder that `include` names',
  }),
  BUNDLE_PLATFORM: (args: { platform: string }): ErrorText => ({
    message: `bundles for \`${args.platform}\` cannot be made yet`,
    fix: 'package for `linux-x86_64` or `linux-aarch64`',
  }),
  BUNDLE_RUNTIME_ARTIFACT: (args: {
    artifact: string;
    target: string;
    differences: readonly { what: string; expected: string; actual: string }[];
  }): ErrorText => ({
    message: `the runtime \`${args.artifact}\` that \`${args.target}\` prepared does not fit the options of this target`,
    fix: 'give both targets the same `platform`, `runtime`, `prune`, `strip` and `pyc`, or remove the dependency: the runtime is then prepared here',
    details: args.differences.flatMap(({ what, expected, actual }) => [`expected ${what} ${expected}`, `actual ${what} ${actual}`]),
  }),
  BUNDLE_SIZE: (args: { limit: string; size: string; folders: readonly { path: string; size: string }[] }): ErrorText => ({
    message: `the unpacked bundle has ${args.size}, and \`sizeLimit\` allows ${args.limit}`,
    fix: 'drop what is not used (`prune.preset: "small"`, `prune.drop`, fewer requirements), or raise `sizeLimit`',
    details: args.folders.map(({ path, size }) => `${size} in \`${path}\``),
  }),
  OPTION_LAUNCHER_ENV: (args: { variable: string }): ErrorText => ({
    message: `\`launcherEnv\` cannot set \`${args.variable}\`: the launcher needs it to be its own`,
    fix: `remove \`${args.variable}\`; the bundle finds its Python and its libraries without it`,
  }),
  OPTION_NAME_RESERVED: (args: { name: string }): ErrorText => ({
    message: `\`${args.name}\` cannot be the name of a launcher: a folder of the bundle is called so`,
    fix: 'choose another with the option `name`; `bin`, `lib`, `python` and `share` are taken',
  }),
};
