import { defineCatalog } from '@waybill/core';

/** What `npx @waybill/release` refuses. */
export const commandErrors = defineCatalog({
  OPTION_RELEASE_COMMAND: (a: { argument: string; expected: string }) => ({
    message: a.argument === '' ? 'no command was given' : `\`${a.argument}\` is nothing that \`npx @waybill/release\` knows`,
    details: [`expected ${a.expected}`, `actual \`${a.argument}\``],
    fix: 'read what there is: `npx @waybill/release --help`',
  }),
  GRAPH_WORKSPACE: (a: { folder: string; reason: string }) => ({
    message: `The project graph of \`${a.folder}\` cannot be read: ${a.reason}`,
    fix: 'run the command inside of an Nx workspace in which `nx show projects` works',
  }),
  SIGN_KEY_TYPE: (a: { type: string; made: string }) => ({
    message: `A key of \`${a.type}\` is made by its own tool`,
    fix: `make it outside of the repository by \`${a.made}\`, and go on as \`docs/guides/sign-on-linux.md\` says`,
  }),
  SIGN_KEY_EXISTS: (a: { path: string }) => ({
    message: `\`${a.path}\` is there already, and a key is never overwritten`,
    fix: 'name another file: `--out=other.key`',
  }),
  SIGN_KEY_INSIDE: (a: { path: string }) => ({
    message: `\`${a.path}\` is inside of a git repository that does not ignore it: a secret key there is soon a commit`,
    fix: 'name a file outside: `--out="$HOME/release.key"`',
  }),
});
