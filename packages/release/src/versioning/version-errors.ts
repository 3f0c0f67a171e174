import { defineCatalog } from '@waybill/core';

/** What `nx release version` is refused for a Python project. */
export const versionErrors = defineCatalog({
  VERSION_SPECIFIER: (a: { project: string; specifier: string }) => ({
    message: `\`${a.specifier}\` is no version that \`${a.project}\` can get`,
    details: [
      'expected major, minor, patch, premajor, preminor, prepatch, prerelease, or a version such as `1.4.0` or `1.4.0rc1`',
      `actual \`${a.specifier}\``,
    ],
    fix: 'give one of them: `nx release version minor`',
  }),
  VERSION_PRERELEASE: (a: { project: string; version: string }) => ({
    message: `The new version \`${a.version}\` of \`${a.project}\` has no PEP 440 form`,
    details: ['expected a pre-release that is called alpha, beta, rc or dev and has one number', `actual \`${a.version}\``],
    fix: 'name the pre-release: `nx release version prerelease --preid=rc`',
  }),
  VERSION_REGISTRY: (a: { project: string }) => ({
    message: `The current version of \`${a.project}\` cannot be read from an index`,
    fix: 'set `"currentVersionResolver": "disk"` or `"git-tag"` at `release.version` in nx.json',
  }),
  VERSION_NOWHERE: (a: { project: string; root: string }) => ({
    message: `No file of \`${a.project}\` says its version`,
    details: [`expected one in \`pyproject.toml\`, \`Cargo.toml\` or \`package.json\` of \`${a.root}\`, or in the file that its build backend reads`],
    fix: 'write a version into one of them; where git tags are the version, set `"currentVersionResolver": "git-tag"` at `release.version`',
  }),
  VERSION_SHARED: (a: { path: string; one: string; other: string }) => ({
    message: `The version in \`${a.path}\` is shared by projects that would get different ones`,
    details: [`one gets ${a.one}`, `the other ${a.other}`],
    fix: 'put the projects into one release group with `"projectsRelationship": "fixed"`, or give each a version of its own',
  }),
  VERSION_PLACE: (a: { path: string; version: string }) => ({
    message: `\`${a.path}\` no longer holds \`${a.version}\` where it was read`,
    fix: `correct the version in \`${a.path}\` by hand, commit, and run \`nx release version\` again`,
  }),
  VERSION_RANGE: (a: { path: string; dependency: string; range: string; version: string }) => ({
    message: `The range \`${a.range}\` of \`${a.dependency}\` in \`${a.path}\` cannot be moved to ${a.version}`,
    details: ['expected a pin, `1.2.*`, `~=`, `^`, `~`, a lower bound, or an upper bound'],
    fix: `write a range that allows ${a.version} into \`${a.path}\`, such as \`>=${a.version}\``,
  }),
});
