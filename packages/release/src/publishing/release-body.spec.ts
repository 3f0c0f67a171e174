import { changelogExcerpt, releaseBody } from './release-body';

const NX = `## 1.4.0-rc.1 (2026-01-02)

### Features

- count faster

## 1.3.0 (2026-01-01)

- first

### Thank You

- A
`;
const KEEP = '# Changelog\r\n\r\n## [Unreleased]\r\n\r\n- soon\r\n\r\n## [1.3.0] - 2026-01-01\r\n\r\n- first\r\n\r\n## 2026 plans\r\n\r\n- none\r\n';

it.each([
  ['of Nx, in its own form', NX, '1.4.0rc1', '### Features\n\n- count faster'],
  ['of Nx, to its end', NX, '1.3', '- first\n\n### Thank You\n\n- A'],
  ['by hand', KEEP, '1.3.0', '- first'],
  ['with one heading a version', '# v1.3.0\n- first\n# v1.2.0\n', '1.3.0', '- first'],
  ['with comments in code', '## 1.3.0\n```sh\n# x\n## 1.2.0\n```\n- first\n## 1.2.0\n- no', '1.3.0', '```sh\n# x\n## 1.2.0\n```\n- first'],
  ['with code in code', '## 1.3.0\n````md\n```\n# x\n```\n````\n- first\n# 1.2.0', '1.3.0', '````md\n```\n# x\n```\n````\n- first'],
  ['that says nothing of it', NX, '1.4.0', ''],
  ['that is empty', '', '1.4.0', ''],
])('takes the part of a changelog %s', (_, text, version, expected) => expect(changelogExcerpt(text, version)).toBe(expected));

const COMMANDS = { install: ['pip install a==1'], verify: ['npx @waybill/verify a-1'] };
const INSTALL = '### Install\n\n```sh\npip install a==1\n```';
const VERIFY = '### Verify\n\n```sh\nnpx @waybill/verify a-1\n```';

it('adds the commands that the changelog has not yet', () => {
  expect(releaseBody('- first', COMMANDS)).toBe(`- first\n\n${INSTALL}\n\n${VERIFY}`);
  expect(releaseBody(`- first\n\n${INSTALL}`, COMMANDS)).toBe(`- first\n\n${INSTALL}\n\n${VERIFY}`);
  expect(releaseBody('### Installer', COMMANDS)).toBe(`### Installer\n\n${INSTALL}\n\n${VERIFY}`);
  expect(releaseBody('', { install: [], verify: [] })).toBe('');
});

it('shortens a long changelog, so that the commands have room', () => {
  const body = releaseBody('- a change\n'.repeat(5_000), COMMANDS);
  expect(body.length).toBeLessThan(31_000);
  expect(body).toContain(`- a change\n\n… The changelog says the rest.\n\n${INSTALL}\n\n${VERIFY}`);
});
