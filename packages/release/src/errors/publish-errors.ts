import { defineCatalog } from '@waybill/core';

const list = (items: readonly string[]): string => items.map((item) => `\`${item}\``).join(', ');

/** What stands in the way of a publish before any destination is asked. */
export const publishErrors = defineCatalog({
  PUBLISH_NOTHING: (a: { target: string }) => ({
    message: `\`${a.target}\` has nothing to publish: no target before it recorded a file that ships`,
    fix: 'let it depend on `sign-checksums`, and that on `checksum`: `"dependsOn": ["sign-checksums", "^publish"]`',
  }),
  PUBLISH_NO_SUMS: (a: { target: string }) => ({
    message: `\`${a.target}\` publishes only what was summed, and no target before it is \`checksum\` of this project`,
    fix: 'let it depend on `sign-checksums`, and that on `checksum`',
  }),
  PUBLISH_SUMS: (a: { sums: string; problems: readonly string[]; run: string }) => ({
    message: `\`${a.sums}\` does not fit the files that would be published`,
    details: a.problems,
    fix: `run \`nx run ${a.run}\` again, behind everything that makes or changes files`,
  }),
  PUBLISH_UNSIGNED: (a: { sums: string; destinations: readonly string[] }) => ({
    message: `\`${a.sums}\` is not signed, and ${list(a.destinations)} ${a.destinations.length === 1 ? 'is' : 'are'} open to the world`,
    fix: 'let publish depend on `sign-checksums` with a key; or give that target a reason why there is none: `"allowUnsigned": "<reason>"`',
  }),
  PUBLISH_PROOF: (a: { problems: readonly string[] }) => ({
    message: 'It is not proved that what ships runs anywhere',
    details: a.problems,
    fix: 'run `smoke-…` on the bytes that ship, behind everything that changes them, and let checksum depend on it; or give a reason, `"allowUnproved": "<reason>"`',
  }),
  PUBLISH_DIRTY: (a: { destinations: readonly string[]; changes: readonly string[] }) => ({
    message: `The tree has changes that no commit holds, and ${list(a.destinations)} would get a release that nobody can build again`,
    details: a.changes,
    fix: 'commit, undo or remove them (what is only made goes into `.gitignore`) and make the release again; or publish to a folder alone with `--only=<id>`',
  }),
  PUBLISH_EARLY: (a: { ids: readonly string[]; places: readonly string[] }) => ({
    message: `\`nx release\` makes the release on GitHub public before its files exist, and ${list(a.ids)} would come too late for it`,
    details: a.places.map((place) => `nx.json: \`${place}\` is not \`false\``),
    fix: 'set each to `false` and delete the release that is there without files: publish makes it as a draft, with the files, and publishes it last',
  }),
  PUBLISH_TREE: (a: { exitCode: number | null; said: string }) => ({
    message: 'git did not say whether the tree is clean',
    details: [
      `expected exit code 0 of \`git status\``,
      `actual ${a.exitCode ?? 'none: it took too long'}`,
      ...(a.said.trim() === '' ? [] : [a.said.trim()]),
    ],
    fix: 'run `git status` by hand and mend what it says; folders with very many files that are only made go into `.gitignore`',
  }),
  PUBLISH_COMMIT: (a: { expected: string; actual: string }) => ({
    message: 'The release was summed at another commit than the one that is checked out',
    details: [`expected ${a.expected}`, `actual ${a.actual}`],
    fix: 'check out the commit of the release, or run the chain from its start; a tag that moved is set back, or a new version is released',
  }),
  PUBLISH_NOT_THERE: (a: { version: string; lines: readonly string[] }) => ({
    message: `No destination has a release \`${a.version}\` to take back`,
    details: a.lines,
    fix: 'correct `--release`; if it was published under another name or tag, fetch the tags (`git fetch --tags`), or take it back by hand as its receipt says',
  }),
  PUBLISH_ID_UNKNOWN: (a: { option: string; id: string; known: readonly string[] }) => ({
    message: `\`--${a.option}=${a.id}\` names no destination`,
    details: [`expected one of ${list(a.known)}`],
    fix: 'name an `id` of the list `to`',
  }),
  PUBLISH_ID_ONLY_SKIP: (a: { id: string }) => ({
    message: `\`only\` and \`skip\` both name \`${a.id}\``,
    details: ['it would go nowhere, and the target would be green'],
    fix: `take \`${a.id}\` out of one of them, on the command line or in the options of the target`,
  }),
  PUBLISH_ID_TWICE: (a: { id: string }) => ({
    message: `Two destinations are called \`${a.id}\``,
    fix: 'give each an `id` of its own',
  }),
  PUBLISH_SAME_PLACE: (a: { one: string; other: string; place: string }) => ({
    message: `\`${a.one}\` and \`${a.other}\` are the same place`,
    details: [`both ${a.place}`],
    fix: 'remove one of them from `to`, or give them different places',
  }),
  PUBLISH_CREDENTIAL: (a: { id: string; option: string; variable: string }) => ({
    message: `The variable ${a.variable}, which \`${a.id}\` needs, is not set`,
    details: [`expected its value in ${a.variable}, as \`${a.option}\` names it`, 'actual nothing'],
    fix: `put the value itself (not a path) into ${a.variable}, or name another variable with \`${a.option}\``,
  }),
  PUBLISH_NO_REGISTRY: (a: { id: string }) => ({
    message: `\`${a.id}\` names GitHub Packages, which has no registry for Python packages`,
    fix: 'publish to an index that takes uploads (devpi, pypiserver, Artifactory, GitLab), or keep a static index in a folder with `"simpleIndex": true`',
  }),
  PUBLISH_ADDRESS: (a: { id: string; option: string; actual: string }) => ({
    message: `\`${a.id}\` has no address that could be asked`,
    details: ['expected `pypi`, `testpypi`, or an address that begins with `https://` (`http://` on this machine alone)', `actual ${a.actual}`],
    fix: `correct \`${a.option}\``,
  }),
  PUBLISH_TWINE: (a: { repository: string; reason: string }) => ({
    message: `Where \`${a.repository}\` is could not be read from twine: ${a.reason}`,
    fix: 'remove the managed tool folder (WAYBILL_TOOLS_DIR) and run it again; this is our bug if it stays',
  }),
  PUBLISH_INSTALL: (a: { id: string; version: string; what: string; said: readonly string[] }) => ({
    message: `What \`${a.id}\` gives as ${a.version} cannot be used: ${a.what} failed in a fresh environment`,
    details: a.said,
    fix: 'mend what the installer says and release a new version; what else is to come gets nothing of this one. Where this machine cannot install it, set `"install": false`',
  }),
  PUBLISH_NO_PYTHON: (a: { id: string; said: readonly string[] }) => ({
    message: `uv finds no Python here to install what \`${a.id}\` gives; nothing was sent anywhere`,
    details: a.said,
    fix: 'install a Python that stands in PATH; or leave it untried with `"install": false`',
  }),
  PUBLISH_CHANGED: (a: { name: string; run: string; expected: string; actual: string }) => ({
    message: `\`${a.name}\` changed while it was published`,
    details: [`expected sha256 ${a.expected}`, `actual sha256 ${a.actual}`],
    fix: `run \`nx run ${a.run}\` again, with nothing else writing to its folder, and then publish`,
  }),
  PUBLISH_FOLDER: (a: { id: string; path: string; reason: string }) => ({
    message: `\`${a.id}\` cannot write to the folder \`${a.path}\`: ${a.reason}`,
    fix: 'name another folder with `path`, or make this one writable',
  }),
  PUBLISH_NOT_CONFIRMED: (a: { version: string; destinations: readonly string[] }) => ({
    message: `${a.version} would be taken back from ${list(a.destinations)}; this needs to be confirmed`,
    fix: `add \`--confirm\`, or look first with \`--dry-run\``,
  }),
  PUBLISH_NO_TARGET: (a: { project: string }) => ({
    message: `\`${a.project}\` has no target with the executor \`@waybill/release:publish\`, so nobody knows where its releases stand`,
    fix: 'add the target `publish` with its list `to`',
  }),
});
