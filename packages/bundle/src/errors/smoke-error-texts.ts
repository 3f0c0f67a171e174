import type { ErrorText } from '@waybill/core';

const list = (values: readonly string[]): string => values.map((value) => `\`${value}\``).join(', ');

/** Errors of the proof. Sorted by code. What a bundle does wrong is a finding, not an error. */
export const smokeErrorTexts = {
  BUNDLE_SMOKE_ARCHIVE: (args: { target: string; artifacts: readonly string[] }): ErrorText => ({
    message: `\`${args.target}\` depends on no target that makes a bundle`,
    fix: 'let it depend on the target that packages the bundle: `"dependsOn": ["package-linux"]`',
    details: [
      'expected one artifact of kind `bundle-archive` for the platform',
      `actual ${args.artifacts.length === 0 ? 'none' : list(args.artifacts)}`,
    ],
  }),
  BUNDLE_SMOKE_EMPTY: (args: { path: string }): ErrorText => ({
    message: `\`${args.path}\` holds no bundle: there is nothing in it that starts`,
    fix: 'name the folder that holds the launcher, or the launcher itself with `--launcher=<path in the bundle>`',
  }),
  BUNDLE_SMOKE_FORMAT: (args: { path: string }): ErrorText => ({
    message: `\`${args.path}\` is no archive that can be unpacked`,
    fix: 'give a folder, or a file that ends in `.tar`, `.tar.gz`, `.tgz`, `.tar.zst` or `.zip`',
  }),
  BUNDLE_SMOKE_LAUNCHER: (args: { launcher: string; candidates: readonly string[] }): ErrorText => ({
    message: `the bundle has no launcher \`${args.launcher}\``,
    fix: args.candidates.length === 0 ? 'name an executable file of the bundle, relative to its folder' : `name one of ${list(args.candidates)}`,
  }),
  BUNDLE_SMOKE_MISSING: (args: { path: string }): ErrorText => ({
    message: `\`${args.path}\` does not exist`,
    fix: 'give the folder or the archive of a bundle: `npx @waybill/bundle prove <folder|archive>`',
  }),
  BUNDLE_SMOKE_NOEXEC: (args: { folders: readonly string[] }): ErrorText => ({
    message: `programs cannot be started in ${list(args.folders)}: the file system is mounted \`noexec\``,
    fix: 'set `TMPDIR` to a folder on a file system that allows execution',
  }),
  OPTION_ARGUMENT: (args: { argument: string; known: readonly string[] }): ErrorText => ({
    message: `\`${args.argument}\` is no argument of this command`,
    fix: `use ${list(args.known)}`,
  }),
  OPTION_CHECK: (args: { check: string; known: readonly string[] }): ErrorText => ({
    message: `there is no check \`${args.check}\``,
    fix: `name one of ${list(args.known)}`,
  }),
  OPTION_COMMAND: (args: { command: string }): ErrorText => ({
    message: args.command === '' ? 'no command was given' : `there is no command \`${args.command}\``,
    fix: '`npx @waybill/bundle prove <folder|archive>`',
  }),
  OPTION_VALUE: (args: { argument: string; expected: string }): ErrorText => ({
    message: `\`${args.argument}\` has no usable value`,
    fix: `write ${args.expected}`,
  }),
};
