import { normaliseDistribution } from './distribution-name';
import { distFolder, outputsLine } from './dist-layout';
import { artifactBaseName, checkFileName, nameOfProject, renderNameTemplate } from './file-name';
import { formatPlatform, glibcVersion, hostPlatform, parsePlatform } from './platform';
import { checkVersion, isPrerelease, parseVersion, pep440ToSemver, sameVersion, semverToPep440 } from './version';

const report = (header: object): { getReport(): unknown } => ({ getReport: () => ({ header }) });

it.each(['My__Pkg.-x', 'my.pkg-x', 'MY-PKG-X', 'my---pkg_x'])('%s is one distribution, however it is written', (name) => {
  expect(normaliseDistribution(name)).toBe('my-pkg-x');
});

describe('platforms', () => {
  it.each(['linux-x86_64', 'linux-aarch64', 'linux-x86_64-musl', 'macos-aarch64', 'macos-universal2', 'windows-x86_64'])(
    '%s is read and written',
    (text) => {
      expect(formatPlatform(parsePlatform(text))).toBe(text);
    },
  );

  it.each(['', 'linux', 'linux-amd64', 'darwin-arm64', 'linux-universal2', 'macos-x86_64-musl', 'Linux-x86_64', 'linux-x86_64-gnu'])(
    '%p is refused',
    (text) => {
      expect(() => parsePlatform(text)).toThrow(expect.objectContaining({ code: 'OPTION_PLATFORM' }));
    },
  );

  it.each([
    [{ platform: 'linux', arch: 'x64', report: report({ glibcVersionRuntime: '2.36' }) }, 'linux-x86_64'],
    [{ platform: 'linux', arch: 'arm64', report: report({}) }, 'linux-aarch64-musl'],
    [{ platform: 'linux', arch: 'arm64' }, 'linux-aarch64'],
    [{ platform: 'darwin', arch: 'arm64', report: report({}) }, 'macos-aarch64'],
    [{ platform: 'win32', arch: 'x64' }, 'windows-x86_64'],
  ])('%p is %s', (host, expected) => {
    expect(formatPlatform(hostPlatform(host))).toBe(expected);
  });

  it('names this machine, and refuses one that has no name', () => {
    expect(formatPlatform(hostPlatform(process))).toMatch(/^(linux|macos|windows)-(x86_64|aarch64)(-musl)?$/);
    expect(() => hostPlatform({ platform: 'freebsd', arch: 'x64' })).toThrow(expect.objectContaining({ code: 'OPTION_HOST' }));
    expect(glibcVersion({ platform: 'linux', arch: 'x64', report: report({ glibcVersionRuntime: '2.36' }) })).toBe('2.36');
    expect(glibcVersion({ platform: 'darwin', arch: 'x64' })).toBeUndefined();
  });
});

describe('versions', () => {
  it.each([
    ['1.4.0', '1.4.0'],
    ['v1.4', '1.4'],
    ['01.04', '1.4'],
    ['1.0-rc.1', '1.0rc1'],
    ['1.0ALPHA', '1.0a0'],
    ['1.0.beta2', '1.0b2'],
    ['1.0c3', '1.0rc3'],
    ['1.0-pre1', '1.0rc1'],
    ['1.0-1', '1.0.post1'],
    ['1.0.post', '1.0.post0'],
    ['1.0-r4', '1.0.post4'],
    ['1.0.dev456', '1.0.dev456'],
    ['1.0a2.dev3', '1.0a2.dev3'],
    ['1.0rc1.post2.dev3+Ubuntu-01', '1.0rc1.post2.dev3+ubuntu.1'],
    ['20261121.1200', '20261121.1200'],
    [' 1.0 ', '1.0'],
  ])('%p is %s in PEP 440', (text, expected) => {
    expect(checkVersion(text)).toBe(expected);
    expect(checkVersion(expected)).toBe(expected);
  });

  it.each(['', 'x', '1.', '1..2', '1.0-nightly.3', '1.0+', '1.0+a/b', '1.0 0', '../1', '1'.repeat(200), '99999999999999999999.0', '1.0\n2'])(
    '%p is refused',
    (text) => {
      expect(() => checkVersion(text)).toThrow(expect.objectContaining({ code: 'VERSION_FORM' }));
    },
  );

  it('refuses an epoch and says how to release without it', () => {
    expect(() => checkVersion('1!2.0')).toThrow(
      expect.objectContaining({ code: 'VERSION_EPOCH', fix: expect.stringContaining('--releaseVersion=2.0') }),
    );
  });

  it.each([
    ['1.2.3', '1.2.3'],
    ['1.2.3-alpha.1', '1.2.3a1'],
    ['1.2.3-beta.2', '1.2.3b2'],
    ['1.2.3-rc.3', '1.2.3rc3'],
    ['1.2.3-dev.4', '1.2.3.dev4'],
    ['1.2.3-rc.1.dev.2', '1.2.3rc1.dev2'],
    ['1.2.3-rc.1+build.5', '1.2.3rc1+build.5'],
  ])('SemVer %s is %s and back', (semver, pep440) => {
    expect(semverToPep440(semver)).toBe(pep440);
    expect(pep440ToSemver(pep440)).toBe(semver);
  });

  it.each(['1.2', '1.2.3-1', '1.2.3-post.1', '1.2.3-canary.1'])('%s has another or no meaning as SemVer', (text) => {
    expect(() => semverToPep440(text)).toThrow(expect.objectContaining({ code: 'VERSION_FORM' }));
  });

  it.each(['1.0.post1', '1.2.3.4'])('%s has no SemVer form', (text) => {
    expect(() => pep440ToSemver(text)).toThrow(expect.objectContaining({ code: 'VERSION_NO_SEMVER' }));
  });

  it('fills up what SemVer wants', () => expect(pep440ToSemver('1.4')).toBe('1.4.0'));

  it.each([
    ['1.0', '1.0.0', true],
    ['1.0.0-rc.1', '1.0rc1', true],
    ['0', '0.0.0', true],
    ['1.0', '1.0.1', false],
    ['1.0', '1.0.dev1', false],
  ])('%s and %s: the same is %p', (one, other, expected) => {
    expect(sameVersion(one, other)).toBe(expected);
  });

  it('knows pre-releases', () => {
    expect(['1.0', '1.0.post1', '1.0a1', '1.0.dev1'].map(isPrerelease)).toEqual([false, false, true, true]);
    expect(parseVersion('1.0').release).toEqual([1, 0]);
  });
});

describe('file names', () => {
  it.each(['pychat', 'a', 'A.b_c+d-e', '7zip'])('%p is one', (name) => expect(checkFileName(name, 'name')).toBe(name));

  it.each([
    ['', 'empty'],
    ['@scope/pychat', '`@`'],
    ['py chat', '` `'],
    ['pychät', '`ä`'],
    ['.hidden', 'begin'],
    ['-x', 'begin'],
    ['x.', 'dot'],
    ['con', 'device'],
    ['LPT1.txt', 'device'],
    ['x'.repeat(201), 'longer'],
  ])('%p is none: %s', (name, reason) => {
    expect(() => checkFileName(name, 'option `name`')).toThrow(
      expect.objectContaining({ code: 'OPTION_NAME', message: expect.stringContaining(reason) }),
    );
  });

  it.each([
    ['pychat', 'pychat'],
    ['@acme/pychat', 'acme-pychat'],
    ['libs/py/chat', 'libs-py-chat'],
    ['@pychat', '@pychat'],
  ])('of the project %p begin with %p', (project, expected) => expect(nameOfProject(project)).toBe(expected));

  it('fills templates', () => {
    const parts = { name: 'pychat', version: '0.3.0', platform: 'linux-x86_64-musl' };
    expect(artifactBaseName(parts)).toBe('pychat-0.3.0-linux-x86_64-musl');
    expect(renderNameTemplate('{name}_{os}', { ...parts, platform: { os: 'macos', arch: 'universal2', musl: false } })).toBe('pychat_macos');
    expect(() => renderNameTemplate('{name}-{toString}', parts)).toThrow(expect.objectContaining({ code: 'OPTION_NAME_TEMPLATE' }));
    expect(() => renderNameTemplate('{name}/{version}', parts)).toThrow(expect.objectContaining({ code: 'OPTION_NAME' }));
  });

  it('lays out dist', () => {
    expect(distFolder('apps/pychat', 'package-linux')).toBe('dist/apps/pychat/package-linux');
    expect(distFolder('.', 'checksum')).toBe('dist/checksum');
    expect(outputsLine('checksum')).toBe('{workspaceRoot}/dist/{projectRoot}/checksum');
  });
});
