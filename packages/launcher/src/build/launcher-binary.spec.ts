import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LauncherError } from '../errors/launcher-errors';
import { buildPorts, findZig, processes } from '../testing/native-launcher';
import { skipUnless } from '../testing/skip-unless';
import { buildLauncher, launcherBinary, type CompilerProcesses, type LauncherBinaryRequest } from './launcher-binary';
import { buildLaunchers } from './build-all';
import { compilerArguments, launcherDigest } from './launcher-sources';
import { LAUNCHER_PLATFORMS, LAUNCHER_VARIANTS, variantFor } from './variants';

const zig = findZig();
const needsZig = skipUnless(zig !== undefined, 'zig is not here (name it in WAYBILL_ZIG)');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-build-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A compiler that writes a file, or fails. Counts its runs. */
function standIn(exitCode = 0): CompilerProcesses & { requests: Parameters<CompilerProcesses['run']>[0][] } {
  const requests: Parameters<CompilerProcesses['run']>[0][] = [];
  return {
    requests,
    run: (request) => {
      requests.push(request);
      const output = request.args[request.args.indexOf('-o') + 1]!;
      writeFileSync(output, exitCode === 0 ? 'launcher' : 'half');
      return Promise.resolve({ exitCode, stdout: '', stderr: 'windows.c:1:1: error: no\n\nsecond line\n' });
    },
  };
}

const request = (compiler: CompilerProcesses, changes: Partial<LauncherBinaryRequest> = {}): LauncherBinaryRequest => ({
  ...buildPorts({ path: '/opt/zig', prefixArgs: ['-m', 'ziglang'], version: '0.17.0' }, folder),
  platform: 'windows-aarch64',
  prebuiltFolder: join(folder, 'assets'),
  processes: compiler,
  ...changes,
});

describe('variants', () => {
  it('are eight', () => {
    expect(LAUNCHER_VARIANTS.map(({ name }) => name).sort()).toEqual([
      'aarch64-linux-gnu.2.17',
      'aarch64-linux-musl',
      'aarch64-macos',
      'aarch64-windows',
      'x86_64-linux-gnu.2.17',
      'x86_64-linux-musl',
      'x86_64-macos',
      'x86_64-windows',
    ]);
  });

  it.each([
    ['linux-x86_64', 'x86_64-linux-musl'],
    ['linux-aarch64', 'aarch64-linux-musl'],
    ['linux-x86_64-musl', 'x86_64-linux-musl'],
    ['macos-aarch64', 'aarch64-macos'],
    ['windows-x86_64', 'x86_64-windows'],
    ['linux-riscv64', undefined],
    ['linux', undefined],
    ['freebsd-x86_64', undefined],
    ['linux-x86_64-gnu', undefined],
  ])('%s gets %s', (platform, name) => {
    expect(variantFor(platform)?.name).toBe(name);
  });

  it('every platform has one', () => {
    expect(LAUNCHER_PLATFORMS.map((platform) => typeof variantFor(platform)?.name)).toEqual(LAUNCHER_PLATFORMS.map(() => 'string'));
  });
});

describe('the compiler’s command line', () => {
  it('names no folder but the one that is mapped away', () => {
    const args = compilerArguments(variantFor('linux-x86_64')!, 'out').filter((part) => !part.startsWith('-ffile-prefix-map='));
    expect(args.filter((part) => part.includes('/'))).toEqual([]);
    expect(args).toEqual(expect.arrayContaining(['-target', 'x86_64-linux-musl', '-Os', '-s', '-g0', '-static']));
  });

  it('takes the sources of its system', () => {
    expect(compilerArguments(variantFor('windows-x86_64')!, 'out')).toContain('windows.c');
    expect(compilerArguments(variantFor('windows-x86_64')!, 'out')).not.toContain('supervise.c');
    expect(compilerArguments(variantFor('macos-x86_64')!, 'out')).toContain('supervise.c');
  });

  it('gives every variant a digest of its own', async () => {
    const digests = await Promise.all(LAUNCHER_VARIANTS.map(launcherDigest));
    expect(new Set(digests).size).toBe(8);
    expect(digests.every((digest) => /^[0-9a-f]{64}$/.test(digest))).toBe(true);
  });
});

describe('launcherBinary', () => {
  it('has no launcher for an unknown platform: TOOL_LAUNCHER_PLATFORM', async () => {
    const failure = launcherBinary(request(standIn(), { platform: 'linux-riscv64' }));
    await expect(failure).rejects.toThrow(LauncherError);
    await expect(failure).rejects.toMatchObject({ code: 'TOOL_LAUNCHER_PLATFORM', fix: expect.stringContaining('launcher: "shell"') });
  });

  it('builds once, in a clean environment with a cache of its own', async () => {
    const compiler = standIn();
    const first = await launcherBinary(request(compiler));
    const second = await launcherBinary(request(compiler));
    expect([second, compiler.requests.length]).toEqual([first, 1]);
    expect(first).toBe(join(folder, 'launchers', `${await launcherDigest(variantFor('windows-aarch64')!)}-zig-0.17.0`, 'launcher.exe'));
    const { file, args, env } = compiler.requests[0]!;
    expect([file, ...args.slice(0, 4)]).toEqual(['/opt/zig', '-m', 'ziglang', 'cc', '-target']);
    expect(env).toEqual({ PATH: '/usr/bin:/bin', ZIG_GLOBAL_CACHE_DIR: join(folder, 'zig'), ZIG_LOCAL_CACHE_DIR: join(folder, 'zig') });
  });

  it('asks for the compiler only when it must build', async () => {
    await launcherBinary(request(standIn()));
    const unneeded = () => Promise.reject(new Error('the compiler was asked for'));
    expect(await launcherBinary(request(standIn(), { zig: unneeded }))).toContain(folder);
  });

  it('builds again with another compiler', async () => {
    const compiler = standIn();
    const first = await launcherBinary(request(compiler));
    const other = buildPorts({ path: '/opt/zig', prefixArgs: [], version: '0.18.0' }, folder);
    expect(await launcherBinary(request(compiler, { zig: other.zig, zigVersion: other.zigVersion }))).not.toBe(first);
    expect(compiler.requests.length).toBe(2);
  });

  it('takes a prebuilt one, unless it was made from other sources', async () => {
    const assets = join(folder, 'assets');
    await buildLaunchers(assets, request(standIn()));
    const compiler = standIn();
    const file = join(assets, 'aarch64-windows', 'launcher.exe');
    expect([await launcherBinary(request(compiler)), compiler.requests]).toEqual([file, []]);
    writeFileSync(join(assets, 'aarch64-windows', 'sources.sha256'), `${'0'.repeat(64)}\n`);
    expect(await launcherBinary(request(compiler))).not.toBe(file);
    expect(compiler.requests.length).toBe(1);
  });

  it('looks again under the lock', async () => {
    const compiler = standIn();
    const file = join(folder, 'launchers', `${await launcherDigest(variantFor('windows-aarch64')!)}-zig-0.17.0`, 'launcher.exe');
    const withFileLock: LauncherBinaryRequest['withFileLock'] = (_path, _options, work) => {
      writeFileSync(file, 'built by another process');
      return work();
    };
    expect(await launcherBinary(request(compiler, { withFileLock }))).toBe(file);
    expect(compiler.requests).toEqual([]);
  });

  it('leaves nothing behind when the compiler fails: TOOL_LAUNCHER_BUILD', async () => {
    await expect(launcherBinary(request(standIn(1)))).rejects.toMatchObject({
      code: 'TOOL_LAUNCHER_BUILD',
      message: 'zig `0.17.0` could not build the launcher for `aarch64-windows-gnu`',
      details: ['windows.c:1:1: error: no', 'second line'],
    });
    expect(readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile())).toEqual([]);
  });
});

describe('building', () => {
  it('writes each variant with the digest of its sources', async () => {
    const files = await buildLaunchers(folder, request(standIn()));
    expect(files.map((file) => file.slice(folder.length + 1))).toEqual(LAUNCHER_VARIANTS.map(({ name, fileName }) => `${name}/${fileName}`));
    const digest = readFileSync(join(folder, 'x86_64-macos', 'sources.sha256'), 'utf8').trim();
    expect(digest).toBe(await launcherDigest(variantFor('macos-x86_64')!));
  });

  const variants = process.env['WAYBILL_TEST_FULL'] ? LAUNCHER_VARIANTS : [variantFor(`linux-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}`)!];
  needsZig(
    `a rebuild in another folder with a fresh cache gives the same bytes (${variants.map(({ name }) => name).join(', ')})`,
    async () => {
      for (const variant of variants) {
        const bytes: Buffer[] = [];
        for (const place of ['one', 'two/deeper']) {
          const cacheFolder = join(folder, place, 'cache');
          mkdirSync(cacheFolder, { recursive: true });
          const output = join(folder, place, variant.fileName);
          await buildLauncher(variant, output, { ...buildPorts(zig!, cacheFolder), processes });
          bytes.push(readFileSync(output));
          rmSync(cacheFolder, { recursive: true });
        }
        expect(bytes[0]!.equals(bytes[1]!)).toBe(true);
        expect([folder, '.tmp'].filter((text) => bytes[0]!.includes(text))).toEqual([]);
      }
    },
    3_600_000,
  );
});
