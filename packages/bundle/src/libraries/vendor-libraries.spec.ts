import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readElf, bytesAsSource } from '@waybill/binary';
import { temporaryFolder } from '@waybill/core/testing';
import { fakeProcesses } from '@waybill/plugin-kit/testing';
import type { BundleEntry, BundleFacts } from '@waybill/relocation';
import { buildNative, type NativeRecipe } from '../runtime/testing/build-native';
import { HostLibraries, parseLoaderCache, readLoaderFolders } from './find-host-library';
import { librariesFromHost, vendorLibraries } from './vendor-libraries';
import type { VendorLibrariesOptions, VendorLibrariesRequest } from './vendor-types';

const folder = temporaryFolder();
const DYNLOAD = 'python/runtime/lib/python3.11/lib-dynload';
const refused = (code: string): unknown => expect.objectContaining({ code, fix: expect.stringMatching(/\S/) });

/** Native files of a bundle, on disk and as facts. */
function bundle(natives: Record<string, NativeRecipe>): BundleFacts {
  const entries = Object.entries(natives).map(([path, recipe]): BundleEntry => {
    const bytes = buildNative(recipe);
    mkdirSync(join(folder.path, 'bundle', dirname(path)), { recursive: true });
    writeFileSync(join(folder.path, 'bundle', path), bytes);
    const reading = readElf(bytesAsSource(bytes));
    if (!reading.ok) throw new Error(reading.refusal.message);
    return { path, kind: 'file', mode: 0o644, size: bytes.length, mtimeMs: 0, elf: reading.facts, content: 'elf' };
  });
  return { platform: 'linux-x86_64', entries, layout: { sitePackages: [] } };
}

/** Libraries of this machine, in one folder. */
function host(libraries: Record<string, NativeRecipe>, place = 'host'): string {
  const root = join(folder.path, place);
  mkdirSync(root, { recursive: true });
  for (const [name, recipe] of Object.entries(libraries)) writeFileSync(join(root, name), buildNative({ soname: name, ...recipe }));
  return root;
}

const none: VendorLibrariesOptions = { enabled: true, allow: [], deny: [], fromHost: [], licences: {} };

function vendor(facts: BundleFacts, options: Partial<VendorLibrariesOptions> = {}, more: Partial<VendorLibrariesRequest> = {}) {
  const processes = fakeProcesses(({ file }) => (file.endsWith('ldconfig') || file === '/patchelf' ? {} : undefined));
  const result = vendorLibraries({
    bundleRoot: join(folder.path, 'bundle'),
    facts,
    options: { ...none, ...options },
    searchFolders: [join(folder.path, 'host')],
    patchelf: { id: 'patchelf', path: '/patchelf', prefixArgs: [], version: '0.19', source: 'path' },
    ports: { processes, tools: { resolve: () => Promise.reject(new Error('no tools')) }, environment: { PATH: '' } },
    ...more,
  });
  return { result, commands: () => processes.commands };
}

const carriedFiles = (): string[] => (existsSync(join(folder.path, 'bundle/lib')) ? readdirSync(join(folder.path, 'bundle/lib')).sort() : []);

describe('vendorLibraries', () => {
  it('carries what files need beyond glibc, and what that needs, under its name', async () => {
    host({ 'libssl.so.3': { needed: ['libcrypto.so.3', 'libc.so.6'] }, 'libcrypto.so.3': { needed: ['libc.so.6'] } });
    const { result, commands } = vendor(bundle({ [`${DYNLOAD}/_ssl.so`]: { needed: ['libssl.so.3', 'libc.so.6', 'libm.so.6'] } }));
    expect((await result).carried.map(({ path, name, licence }) => ({ path, name, licence }))).toEqual([
      { path: 'lib/libcrypto.so.3', name: 'openssl', licence: 'Apache-2.0' },
      { path: 'lib/libssl.so.3', name: 'openssl', licence: 'Apache-2.0' },
    ]);
    expect(carriedFiles()).toEqual(['libcrypto.so.3', 'libssl.so.3']);
    expect(commands().filter((line) => line.startsWith('patchelf'))).toEqual([
      `patchelf --force-rpath --set-rpath $ORIGIN ${join(folder.path, 'bundle/lib/libssl.so.3')}`,
    ]);
  });

  it('leaves alone what the bundle has already, where everything finds it', async () => {
    host({ 'libz.so.1': {} });
    const facts = bundle({
      [`${DYNLOAD}/zlib.so`]: { needed: ['libz.so.1', 'libpython3.11.so.1.0'] },
      'lib/libz.so.1': { soname: 'libz.so.1' },
      'python/runtime/lib/libpython3.11.so.1.0': { soname: 'libpython3.11.so.1.0' },
    });
    expect((await vendor(facts).result).carried).toEqual([]);
  });

  it('does not carry a library that a wheel brings for itself, and says so', async () => {
    const facts = bundle({ 'python/vendor/a/x.so': { needed: ['libown.so.1'] }, 'python/vendor/b/libown.so.1': { soname: 'libown.so.1' } });
    const { carried, findings } = await vendor(facts).result;
    expect(carried).toEqual([]);
    expect(findings).toEqual([expect.objectContaining({ level: 'info', path: 'python/vendor/a/x.so' })]);
  });

  it('searches where the file itself says', async () => {
    host({}, 'host');
    const own = host({ 'libz.so.1': {} }, 'opt/zlib');
    const { result } = vendor(bundle({ 'bin/app': { needed: ['libz.so.1'], runpath: `${own}:$ORIGIN/x` } }), {}, { searchFolders: [] });
    expect((await result).carried.map(({ path }) => path)).toEqual(['lib/libz.so.1']);
  });

  it('passes over a library of another machine', async () => {
    host({ 'libxslt.so.99': { machine: 183 } });
    await expect(vendor(bundle({ 'bin/app': { needed: ['libxslt.so.99'] } })).result).rejects.toEqual(refused('BUNDLE_LIBRARY_MISSING'));
  });

  it.each<[string, string, NativeRecipe, Record<string, NativeRecipe>]>([
    ['is not there', 'BUNDLE_LIBRARY_MISSING', { needed: ['libnowhere.so.9'] }, {}],
    ['has no known licence', 'BUNDLE_LIBRARY_LICENCE', { needed: ['libfoo.so.1'] }, { 'libfoo.so.1': {} }],
    ['is strong copyleft', 'BUNDLE_LIBRARY_DENIED', { needed: ['libreadline.so.8'] }, { 'libreadline.so.8': {} }],
    ['belongs to the desktop', 'BUNDLE_LIBRARY_DENIED', { needed: ['libX11.so.6'] }, { 'libX11.so.6': {} }],
    ['is a second Python', 'BUNDLE_LIBRARY_DENIED', { needed: ['libpython3.12.so.1.0'] }, { 'libpython3.12.so.1.0': {} }],
    [
      'needs one that is refused',
      'BUNDLE_LIBRARY_DENIED',
      { needed: ['libedit.so.2'] },
      { 'libedit.so.2': { needed: ['libgdbm.so.6'] }, 'libgdbm.so.6': {} },
    ],
  ])('refuses a required file whose library %s', async (_, code, recipe, libraries) => {
    host(libraries);
    await expect(vendor(bundle({ 'bin/app': recipe })).result).rejects.toEqual(refused(code));
    expect(carriedFiles()).toEqual([]);
  });

  it('begins with a library that is not there, before one whose licence alone is not known: its file may go', async () => {
    host({ 'libfoo.so.1': {} });
    const facts = bundle({ 'python/vendor/a/nfc.so': { needed: ['libfoo.so.1'] }, 'python/vendor/a/odbc.so': { needed: ['libnowhere.so.2'] } });
    await expect(vendor(facts).result).rejects.toMatchObject({
      code: 'BUNDLE_LIBRARY_MISSING',
      fix: expect.stringContaining('"drop": ["python/vendor/a/odbc.so"]') as string,
      details: expect.arrayContaining(['`python/vendor/a/nfc.so` needs `libfoo.so.1`, whose licence is not known']) as string[],
    });
  });

  it('tells all libraries that are refused at once, each once', async () => {
    host({ 'libX11.so.6': {}, 'libfoo.so.1': {}, 'libdbus-1.so.3': {} });
    const facts = bundle({
      'bin/app': { needed: ['libX11.so.6'] },
      'python/vendor/a/x.so': { needed: ['libdbus-1.so.3', 'libX11.so.6'] },
      'python/vendor/b/y.so': { needed: ['libfoo.so.1'] },
      'python/vendor/b/z.so': { needed: ['libfoo.so.1'] },
    });
    await expect(vendor(facts).result).rejects.toMatchObject({
      code: 'BUNDLE_LIBRARY_DENIED',
      message: expect.stringContaining('`libX11.so.6`') as string,
      details: [
        'so does `python/vendor/a/x.so`',
        expect.stringContaining('`python/vendor/a/x.so` needs `libdbus-1.so.3`'),
        '`python/vendor/b/y.so`, `python/vendor/b/z.so` need `libfoo.so.1`, whose licence is not known',
      ] as string[],
    });
    expect(carriedFiles()).toEqual([]);
  });

  it.each([
    ['desktop', 'libX11.so.6'],
    ['desktop', 'libstdc++.so.6'],
    ['desktop', 'libgio-2.0.so.0'],
    ['libcuda.so.1', 'libcuda.so.1'],
    ['libcuda', 'libcuda.so.1'],
  ])('takes from the host what `fromHost: [%j]` stands for, whether this machine has it or not: %s', async (entry, soname) => {
    const facts = bundle({ 'python/vendor/a/x.so': { needed: [soname, 'libc.so.6'] } });
    const options = { ...none, fromHost: [entry] };
    expect((await vendor(facts, options).result).carried).toEqual([]);
    expect(librariesFromHost(facts, options)).toEqual([soname]);
    host({ [soname]: {} });
    expect((await vendor(facts, options).result).carried).toEqual([]);
    expect(librariesFromHost(facts, none)).toEqual([]);
  });

  it('carries a library without that of its needs which the host brings', async () => {
    host({ 'libcurl.so.4': { needed: ['libgio-2.0.so.0'] }, 'libgio-2.0.so.0': {} });
    const { carried } = await vendor(bundle({ 'bin/app': { needed: ['libcurl.so.4'] } }), { fromHost: ['desktop'] }).result;
    expect(carried.map(({ path }) => path)).toEqual(['lib/libcurl.so.4']);
  });

  it.each<[string, string, Partial<VendorLibrariesOptions>]>([
    ['a second Python', 'libpython3.12.so.1.0', { fromHost: ['libpython3.12.so.1.0'] }],
    ['Tk, which desktops come without', 'libtk8.6.so', { fromHost: ['desktop'] }],
    ['a library that is no desktop’s', 'libreadline.so.8', { fromHost: ['desktop'] }],
  ])('does not take from the host %s', async (_, soname, options) => {
    host({ [soname]: {} });
    const facts = bundle({ 'bin/app': { needed: [soname] } });
    await expect(vendor(facts, options).result).rejects.toEqual(refused('BUNDLE_LIBRARY_DENIED'));
    expect(librariesFromHost(facts, { ...none, ...options })).toEqual([]);
  });

  it('carries by name what `fromHost` would leave to the host', async () => {
    host({ 'libX11.so.6': {} });
    const facts = bundle({ 'bin/app': { needed: ['libX11.so.6'] } });
    const { carried } = await vendor(facts, { fromHost: ['desktop'], allow: ['libX11.so.6'] }).result;
    expect(carried.map(({ path }) => path)).toEqual(['lib/libX11.so.6']);
  });

  it('names the option that leaves a file of a wheel or of the runtime out', async () => {
    const fixOf = (path: string): Promise<string> =>
      vendor(bundle({ [path]: { needed: ['libnowhere.so.9'] } })).result.then(
        () => '',
        (error: { fix: string }) => error.fix,
      );
    expect(await fixOf('python/vendor/a/x.so')).toContain('`prune: { "drop": ["python/vendor/a/x.so"] }`');
    expect(await fixOf('python/runtime/lib/x.so')).toContain('`prune: { "drop": ["lib/x.so"] }`');
    expect(await fixOf('bin/app')).toContain('or leave `bin/app` out');
  });

  it('names `fromHost` where a library of desktops is denied', async () => {
    await expect(vendor(bundle({ 'bin/app': { needed: ['libGL.so.1'] } })).result).rejects.toMatchObject({
      code: 'BUNDLE_LIBRARY_DENIED',
      fix: expect.stringContaining('"fromHost": ["desktop"]') as string,
    });
  });

  it('carries what the user allows, by name, stem or licence, and takes licences that the user names', async () => {
    host({ 'libreadline.so.8': {}, 'libfoo.so.1': {} });
    const facts = bundle({ 'bin/app': { needed: ['libreadline.so.8', 'libfoo.so.1'] } });
    for (const allow of ['libreadline.so.8', 'libreadline', 'GPL-3.0-or-later']) {
      const { carried } = await vendor(facts, { allow: [allow], licences: { libfoo: 'MIT' } }).result;
      expect(carried.map(({ licence }) => licence)).toEqual(['MIT', 'GPL-3.0-or-later']);
    }
  });

  it('does not let a named licence slip past the policy', async () => {
    host({ 'libfoo.so.1': {} });
    await expect(vendor(bundle({ 'bin/app': { needed: ['libfoo.so.1'] } }), { licences: { 'libfoo.so.1': 'AGPL-3.0-only' } }).result).rejects.toEqual(
      refused('BUNDLE_LIBRARY_DENIED'),
    );
  });

  it('drops optional files with all that is useless without them', async () => {
    host({ 'libtk8.6.so': {}, 'libz.so.1': {} });
    const facts = bundle({ [`${DYNLOAD}/_tkinter.so`]: { needed: ['libz.so.1', 'libtk8.6.so'] } });
    mkdirSync(join(folder.path, 'bundle/python/runtime/lib/python3.11/tkinter'));
    const dispensable = () => ({ reason: 'the optional module `_tkinter`', alsoDrop: ['python/runtime/lib/python3.11/tkinter'] });
    const { dropped, carried } = await vendor(facts, {}, { dispensable }).result;
    expect(dropped.map(({ path }) => path)).toEqual([`${DYNLOAD}/_tkinter.so`, 'python/runtime/lib/python3.11/tkinter'].sort());
    expect(dropped[0]?.reason).toMatch(/_tkinter.*libtk8\.6\.so.*desktop/);
    expect(carried).toEqual([]);
    for (const { path } of dropped) expect(existsSync(join(folder.path, 'bundle', path))).toBe(false);
  });

  it('warns of a file whose library the user denies', async () => {
    host({ 'libz.so.1': {} });
    const { findings, carried } = await vendor(bundle({ 'bin/app': { needed: ['libz.so.1'] } }), { deny: ['libz'] }).result;
    expect(carried).toEqual([]);
    expect(findings).toEqual([expect.objectContaining({ level: 'warning', path: 'bin/app' })]);
  });

  it('drops an optional file whose library the user denies, and tells the judge that it was the user', async () => {
    host({ 'libz.so.1': {} });
    const asked: boolean[] = [];
    const dispensable = (_: string, byUser: boolean) => {
      asked.push(byUser);
      return byUser ? { reason: 'the module `zlib`', alsoDrop: [] } : undefined;
    };
    const { dropped } = await vendor(bundle({ [`${DYNLOAD}/zlib.so`]: { needed: ['libz.so.1'] } }), { deny: ['libz.so.1'] }, { dispensable }).result;
    expect({ asked, dropped: dropped.map(({ path }) => path) }).toEqual({ asked: [true], dropped: [`${DYNLOAD}/zlib.so`] });
  });

  it('refuses any part of glibc in the tree, whoever brought it', async () => {
    await expect(vendor(bundle({ 'python/vendor/x.libs/libm.so.6': { soname: 'libm.so.6' } }), { enabled: false }).result).rejects.toEqual(
      refused('BUNDLE_LIBRARY_GLIBC'),
    );
  });

  it('refuses two libraries of one name', async () => {
    const [one, two] = [host({ 'libz.so.1': { text: '1' } }, 'one'), host({ 'libz.so.1': { text: '2' } }, 'two')];
    const facts = bundle({ 'bin/a': { needed: ['libz.so.1'], rpath: one }, 'bin/b': { needed: ['libz.so.1'], rpath: two } });
    await expect(vendor(facts, {}, { searchFolders: [] }).result).rejects.toEqual(refused('BUNDLE_LIBRARY_CONFLICT'));
  });

  it('carries nothing when it is switched off', async () => {
    expect((await vendor(bundle({ 'bin/app': { needed: ['libz.so.1'] } }), { enabled: false }).result).carried).toEqual([]);
  });

  it('survives libraries that need each other', async () => {
    host({ 'libicuuc.so.72': { needed: ['libicudata.so.72'] }, 'libicudata.so.72': { needed: ['libicuuc.so.72'] } });
    const { carried } = await vendor(bundle({ 'bin/app': { needed: ['libicuuc.so.72'] } })).result;
    expect(carried.map(({ path }) => path)).toEqual(['lib/libicudata.so.72', 'lib/libicuuc.so.72']);
  });
});

describe('HostLibraries', () => {
  it('reads the loader’s cache and its folders', () => {
    expect([
      ...parseLoaderCache('2 libs found in cache\n\tlibz.so.1 (libc6,x86-64) => /lib/libz.so.1\n\tlibz.so.1 (libc6) => /lib32/libz.so.1\n'),
    ]).toEqual([['libz.so.1', ['/lib/libz.so.1', '/lib32/libz.so.1']]]);
    mkdirSync(join(folder.path, 'conf.d'));
    writeFileSync(join(folder.path, 'conf.d/b.conf'), '/opt/b # comment\n');
    writeFileSync(join(folder.path, 'conf.d/a.conf'), `/opt/a\ninclude ${join(folder.path, 'ld.so.conf')}\n`);
    writeFileSync(join(folder.path, 'ld.so.conf'), '# own\ninclude conf.d/*.conf\n/opt/last\n');
    expect(readLoaderFolders(join(folder.path, 'ld.so.conf'))).toEqual(['/opt/a', '/opt/b', '/opt/last']);
  });

  it('says where it looked', () => {
    const libraries = new HostLibraries(['/first'], {
      processes: fakeProcesses(),
      tools: { resolve: () => Promise.reject(new Error()) },
      environment: {},
    });
    expect(libraries.folders('aarch64')).toEqual(expect.arrayContaining(['/first', '/usr/lib/aarch64-linux-gnu', '/usr/lib64']));
  });
});
