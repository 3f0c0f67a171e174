import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PATCHELF, STRIP } from '@waybill/core';
import { readElfFile } from '../../../runtime/read-elf-file';
import { compileC, realWorld } from '../../../testing/real-world';
import { finishNatives, type FinishNativesRequest } from './finish-natives';
import { readNativeTree } from './native-tree';

const PLATFORM = `linux-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}`;

describe('finishNatives with real tools', () => {
  const world = realWorld();
  let base: string;
  let root: string;
  let build: string;

  beforeEach(() => {
    base = realpathSync(mkdtempSync(join(tmpdir(), 'waybill-natives-')));
    [root, build] = [join(base, 'bundle'), join(base, 'build')];
    for (const folder of [root, build]) mkdirSync(folder);
    compileC(join(build, 'libfoo.so.1'), 'int foo(void) { return 7; }', ['-shared', '-fPIC', '-Wl,-soname,libfoo.so.1']);
    const path = `const char *where = "${base}/src/main.c"; `;
    compileC(place('bin/app-bin'), `${path}extern int foo(void); int main(void) { return foo() + (where[0] == 0); }`, [
      join(build, 'libfoo.so.1'),
      `-Wl,-rpath,${build}`,
      '-g',
      '-Wl,--build-id=sha1',
    ]);
    compileC(place('python/vendor/wheel/_mod.so'), 'extern int foo(void); int mod(void) { return foo(); }', [
      '-shared',
      '-fPIC',
      join(build, 'libfoo.so.1'),
      '-Wl,-rpath,$ORIGIN',
      '-Wl,--enable-new-dtags',
    ]);
    compileC(place('python/vendor/other/_mod.so'), 'int mod(void) { return 1; }', [
      '-shared',
      '-fPIC',
      '-Wl,-rpath,$ORIGIN',
      '-Wl,--enable-new-dtags',
    ]);
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const place = (path: string): string => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    return join(root, path);
  };
  const elf = (path: string) => readElfFile(join(root, path))!;

  const finish = async (more: Partial<FinishNativesRequest> = {}) =>
    finishNatives({
      root,
      tree: await readNativeTree(root),
      platform: PLATFORM,
      applicationFiles: ['bin/app-bin'],
      options: { enabled: true, allow: [], deny: [], fromHost: [], licences: { 'libfoo.so.1': 'MIT' } },
      searchFolders: [build],
      symbolsRoot: join(base, 'symbols'),
      stripTool: await world.tools.resolve(STRIP),
      patchelf: await world.tools.resolve(PATCHELF),
      leakTokens: [{ id: 'workspace', path: base }],
      ports: { ...world },
      ...more,
    });

  it('carries what the program needs, and the program, linked with an absolute search path (T24), finds it wherever it stands', async () => {
    const { carried, floor } = await finish();
    expect(carried.map(({ path, licence }) => [path, licence])).toEqual([['lib/libfoo.so.1', 'MIT']]);
    expect(elf('bin/app-bin')).toMatchObject({ rpath: '$ORIGIN/../python/runtime/lib:$ORIGIN/../lib' });
    expect(elf('bin/app-bin').runpath).toBeUndefined();
    rmSync(build, { recursive: true });
    expect(() => execFileSync(join(root, 'bin/app-bin'), [], { env: {} })).toThrow(expect.objectContaining({ status: 7 }));
    expect(floor.after.version).toMatch(/^2\.\d+$/);
  });

  it('strips the program, keeps its debug data by build id, and leaves no path of this machine in it', async () => {
    const buildId = elf('bin/app-bin').buildId!;
    await finish();
    expect(existsSync(join(base, 'symbols/.build-id', buildId.slice(0, 2), `${buildId.slice(2)}.debug`))).toBe(true);
    expect(elf('bin/app-bin').buildId).toBe(buildId);
    expect(readFileSync(join(root, 'bin/app-bin')).includes(base)).toBe(false);
  });

  it('adds the library folder to a file of a wheel whose RUNPATH would hide it, and leaves others alone', async () => {
    const before = readFileSync(join(root, 'python/vendor/other/_mod.so'));
    await finish();
    expect(elf('python/vendor/wheel/_mod.so')).toMatchObject({ rpath: '$ORIGIN:$ORIGIN/../../../lib' });
    expect(readFileSync(join(root, 'python/vendor/other/_mod.so'))).toEqual(before);
  });

  it.each([
    ['/usr/local/lib64:$ORIGIN', [], '$ORIGIN'],
    ['/usr/local/lib64', [], undefined],
    ['/opt/vendor/lib:', ['libgone.so.1'], '/opt/vendor/lib'],
  ])('takes %s out of a file of a wheel, unless what it needs (%j) can only be there', async (rpath, needs, expected) => {
    const libraries = needs.map((name) =>
      compileC(join(build, 'gone', name), 'int gone(void) { return 1; }', ['-shared', '-fPIC', `-Wl,-soname,${name}`]),
    );
    const source = needs.length > 0 ? 'extern int gone(void); int mod(void) { return gone(); }' : 'int mod(void) { return 1; }';
    compileC(place('python/vendor/made/_mod.so'), source, ['-shared', '-fPIC', ...libraries, `-Wl,-rpath,${rpath}`, '-Wl,--enable-new-dtags']);
    await finish({ options: { enabled: false, allow: [], deny: [], fromHost: [], licences: {} } });
    const { rpath: after, runpath } = elf('python/vendor/made/_mod.so');
    expect(after ?? runpath).toBe(expected);
  });

  it('leaves a program as it is that needs no stripping', async () => {
    await finish({ stripTool: undefined });
    expect(existsSync(join(base, 'symbols'))).toBe(false);
  });
});
