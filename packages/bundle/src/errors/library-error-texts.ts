import type { ErrorText } from '@waybill/core';

/** How a file is left out: by the option for parts of Python and of wheels, by hand what the application brings. */
function leaveOut(path: string): string {
  const entry = /^python\/(?:vendor\/.*|runtime\/(.*))$/.exec(path);
  return entry === null ? `leave \`${path}\` out` : `leave the file out: \`prune: { "drop": ["${entry[1] ?? path}"] }\` (globs and folders too)`;
}

/** Errors of host libraries that a bundle carries. Sorted by code. */
export const libraryErrorTexts = {
  BUNDLE_LIBRARY_CONFLICT: (args: { soname: string; files: readonly string[] }): ErrorText => ({
    message: `two different libraries are called \`${args.soname}\``,
    fix: `name one with \`vendorLibraries.deny: ["${args.soname}"]\` and let the file that needs it bring its own`,
    details: args.files.map((file) => `found \`${file}\``),
  }),
  BUNDLE_LIBRARY_DENIED: (args: { soname: string; neededBy: string; reason: string; desktop: boolean; also: readonly string[] }): ErrorText => ({
    message: `\`${args.neededBy}\` needs \`${args.soname}\`, which a bundle does not carry: ${args.reason}`,
    fix: `${args.desktop ? 'if the app is for desktops, take their libraries from them: `vendorLibraries: { "fromHost": ["desktop"] }`; ' : ''}if you may ship it, add \`"${args.soname}"\` to \`vendorLibraries.allow\`; otherwise ${leaveOut(args.neededBy)}`,
    details: args.also,
  }),
  BUNDLE_LIBRARY_GLIBC: (args: { path: string }): ErrorText => ({
    message: `\`${args.path}\` is a part of glibc, which belongs to the system the bundle runs on`,
    fix: 'remove it from `include` and from the folders of the build: a bundle that carries half a glibc crashes at its start',
  }),
  BUNDLE_LIBRARY_LICENCE: (args: { soname: string; file: string; neededBy: string; also: readonly string[] }): ErrorText => ({
    message: `the licence of \`${args.soname}\` (needed by \`${args.neededBy}\`) is not known`,
    fix: `name it: \`vendorLibraries: { "licences": { "${args.soname}": "<SPDX expression>" } }\``,
    details: [`found \`${args.file}\``, ...args.also],
  }),
  BUNDLE_LIBRARY_MISSING: (args: { soname: string; neededBy: string; searched: readonly string[]; also: readonly string[] }): ErrorText => ({
    message: `\`${args.neededBy}\` needs \`${args.soname}\`, and this machine has none for the platform of the bundle`,
    fix: `install the package that holds \`${args.soname}\` (\`apt-file search ${args.soname}\`), or ${leaveOut(args.neededBy)}`,
    details: [`looked in ${args.searched.map((folder) => `\`${folder}\``).join(', ')}`, ...args.also],
  }),
} as const;
