import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTree } from '@waybill/core';
import { parseRecordText, parseRequirements } from '@waybill/distributions';
import { findUv, hostPython, realWorld } from '../testing/real-world';
import { writeWheel, type WheelSpec } from '../testing/write-wheel';
import { checkRequirements } from './check-requirements';
import { cleanVendor } from './clean-vendor';
import { insecureHosts, installArguments, installWheels } from './install-wheels';
import { readDistributions } from './read-distributions';
import { rewriteRecords } from './rewrite-records';

const PLATFORM = `linux-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}`;

const DEMO: WheelSpec = {
  name: 'demo',
  files: {
    'demo/__init__.py': 'value = 1\n',
    'demo/LICENSE.txt': 'be kind\n',
    'demo-1.0.data/scripts/hello': '#!python\nprint("hello")\n',
    'demo-1.0.data/scripts/plain': '#!/bin/sh\necho plain\n',
    'demo-1.0.data/scripts/native': Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 1]),
    'demo-1.0.data/headers/demo.h': '// for compilers\n',
    'demo-1.0.data/data/share/demo/table.txt': 'a table\n',
  },
  entryPoints: '[console_scripts]\ndemo = demo:main\n',
};

describe('wheels of a lock, by the real uv', () => {
  const world = realWorld();
  const python = hostPython();
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'waybill-wheels-'));
    mkdirSync(join(root, 'scratch'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** A lock over wheels in `wheels/`, installed into `vendor/`. */
  const install = async (lines: string, more: { wheels?: { name: string; file: string }[]; vendor?: string } = {}) => {
    writeFileSync(join(root, 'requirements.lock'), `--no-index\n--find-links wheels\n${lines}`);
    await installWheels({
      vendor: join(root, more.vendor ?? 'vendor'),
      scratch: join(root, 'scratch'),
      workspaceRoot: root,
      lock: parseRequirements('requirements.lock', (path) => readFileSync(join(root, path), 'utf8')),
      wheels: more.wheels ?? [],
      python: python.executable,
      series: python.series,
      platform: PLATFORM,
      uv: await findUv(world),
      processes: world.processes,
      environment: world.environment,
      timeoutMs: 60_000,
      offline: true,
    });
  };
  const clean = async (vendor: string, drop: string[] = []) => cleanVendor(vendor, await readDistributions(vendor), drop);
  const vendorFiles = async (vendor = 'vendor') =>
    (await readTree(join(root, vendor))).filter(({ kind }) => kind !== 'directory').map(({ path }) => path);

  it('come without what `drop` fits: files, folders and globs; metadata and licences stay, and RECORD tells the truth', async () => {
    const files = { ...DEMO.files, 'demo/qml/a.so': 'a', 'demo/qml/deep/b.so': 'b', 'demo/plugins/c.so': 'c', 'demo/plugins/keep.so': 'k' };
    const wheel = await writeWheel(join(root, 'wheels'), { ...DEMO, files });
    await install(`demo==1.0 --hash=sha256:${wheel.sha256}\n`);
    const { removed } = await clean(join(root, 'vendor'), ['python/vendor/demo/qml', 'python/vendor/*/plugins/c*', 'python/vendor/demo-*']);
    expect(removed.filter(({ reason }) => reason === 'named in `prune.drop`').map(({ path }) => path)).toEqual(['demo/plugins/c.so', 'demo/qml']);
    const left = await vendorFiles();
    expect(left).toEqual(expect.arrayContaining(['demo/LICENSE.txt', 'demo/__init__.py', 'demo/plugins/keep.so', 'demo-1.0.dist-info/METADATA']));
    expect(left.filter((path) => /qml|c\.so/.test(path))).toEqual([]);
    await rewriteRecords(join(root, 'vendor'));
    const record = readFileSync(join(root, 'vendor/demo-1.0.dist-info/RECORD'), 'utf8');
    expect(record).toContain('demo/plugins/keep.so');
    expect(record).not.toMatch(/qml|c\.so/);
  });

  it('come without console scripts, headers and notes of this machine, with licences and data', async () => {
    const wheel = await writeWheel(join(root, 'wheels'), DEMO);
    await install(`demo==1.0 --hash=sha256:${wheel.sha256}\n`);
    const { distributions, removed } = await clean(join(root, 'vendor'));
    expect(distributions).toEqual([{ name: 'demo', version: '1.0' }]);
    expect(await vendorFiles()).toEqual([
      'bin/native',
      'bin/plain',
      'demo-1.0.dist-info/INSTALLER',
      'demo-1.0.dist-info/METADATA',
      'demo-1.0.dist-info/RECORD',
      'demo-1.0.dist-info/WHEEL',
      'demo-1.0.dist-info/entry_points.txt',
      'demo/LICENSE.txt',
      'demo/__init__.py',
      'share/demo/table.txt',
    ]);
    expect(removed.map(({ path }) => path)).toEqual(expect.arrayContaining(['bin/demo', 'bin/hello', 'include/demo/demo.h']));
    expect(readFileSync(join(root, 'vendor/demo-1.0.dist-info/INSTALLER'), 'utf8')).toBe('waybill\n');
  });

  it('get a RECORD that says what is there, byte code too', async () => {
    const wheel = await writeWheel(join(root, 'wheels'), DEMO);
    await install(`demo==1.0 --hash=sha256:${wheel.sha256}\n`);
    const vendor = join(root, 'vendor');
    await clean(vendor);
    mkdirSync(join(vendor, 'demo/__pycache__'));
    writeFileSync(join(vendor, 'demo/__pycache__/__init__.cpython-311.pyc'), 'code');
    writeFileSync(join(vendor, 'demo/__init__.py'), 'value = 2\n');
    const digests = await rewriteRecords(vendor);
    const record = parseRecordText(readFileSync(join(vendor, 'demo-1.0.dist-info/RECORD'), 'utf8'));
    expect(record.map(({ path }) => path)).toEqual(await vendorFiles());
    expect(record.find(({ path }) => path === 'demo/__init__.py')!.hash).toBe(
      `sha256=${Buffer.from(digests.get('demo/__init__.py')!.sha256, 'hex').toString('base64url')}`,
    );
    expect(record.find(({ path }) => path.endsWith('RECORD'))).toEqual({ path: 'demo-1.0.dist-info/RECORD' });
  });

  const LINE = 'requirements.lock` line 3: `demo==1.0`';
  const refusal = (code: string) => ({ code, message: expect.stringContaining(LINE) as string });

  it('WHEEL_LOCKED_DIGEST: another digest than the lock’s, with its line, both digests and uv’s own words', async () => {
    const { sha256 } = await writeWheel(join(root, 'wheels'), DEMO);
    await expect(install(`demo==1.0 --hash=sha256:${'0'.repeat(64)}\n`)).rejects.toMatchObject({
      ...refusal('WHEEL_LOCKED_DIGEST'),
      details: expect.arrayContaining([`expected sha256:${'0'.repeat(64)}`, `actual sha256:${sha256}`, expect.stringMatching(/hash/i)]) as string[],
    });
  });

  it('WHEEL_LOCKED_SDIST: are never built from source', async () => {
    mkdirSync(join(root, 'wheels'));
    writeFileSync(join(root, 'wheels/demo-1.0.tar.gz'), 'no sdist');
    await expect(install(`demo==1.0 --hash=sha256:${'0'.repeat(64)}\n`)).rejects.toMatchObject({
      ...refusal('WHEEL_LOCKED_SDIST'),
      fix: expect.stringContaining("pip wheel --no-deps --wheel-dir vendor/wheels 'demo==1.0'") as string,
    });
  });

  it('WHEEL_LOCKED_TAGS: a wheel of another Python, with what uv says that there is', async () => {
    const wheel = await writeWheel(join(root, 'wheels'), { ...DEMO, tag: 'cp27-cp27m-any' });
    await expect(install(`demo==1.0 --hash=sha256:${wheel.sha256}\n`)).rejects.toMatchObject({
      ...refusal('WHEEL_LOCKED_TAGS'),
      details: expect.arrayContaining([expect.stringContaining('`cp27`')]) as string[],
    });
  });

  it('WHEEL_LOCKED_ABSENT: a version that is nowhere', async () => {
    await writeWheel(join(root, 'wheels'), { ...DEMO, version: '2.0' });
    await expect(install(`demo==1.0 --hash=sha256:${'0'.repeat(64)}\n`)).rejects.toMatchObject(refusal('WHEEL_LOCKED_ABSENT'));
  });

  it('come by their path too, held to their hash, and leave no word of where they lay', async () => {
    mkdirSync(join(root, 'wheels'));
    const { name, sha256 } = await writeWheel(join(root, 'my wheels'), DEMO);
    const line = `demo @ file://${root}/my%20wheels/${name}`;
    await install(`${line} --hash=sha256:${sha256}\n`);
    expect((await clean(join(root, 'vendor'))).distributions).toEqual([{ name: 'demo', version: '1.0' }]);
    expect((await vendorFiles()).filter((path) => path.endsWith('direct_url.json'))).toEqual([]);
    await expect(install(`${line} --hash=sha256:${'0'.repeat(64)}\n`, { vendor: 'other' })).rejects.toMatchObject(refusal('WHEEL_LOCKED_DIGEST'));
  });

  it('of the workspace are installed as they are now, not as uv remembers them', async () => {
    const first = await writeWheel(join(root, 'own'), DEMO);
    await install('', { wheels: [first], vendor: 'one' });
    const second = await writeWheel(join(root, 'own'), { ...DEMO, files: { ...DEMO.files, 'demo/__init__.py': 'value = 3\n' } });
    await install('', { wheels: [second], vendor: 'two' });
    expect(readFileSync(join(root, 'two/demo/__init__.py'), 'utf8')).toBe('value = 3\n');
  });

  it('of the workspace join those of the lock', async () => {
    const wheel = await writeWheel(join(root, 'wheels'), DEMO);
    const own = await writeWheel(join(root, 'own'), { name: 'own_code', files: { 'own_code.py': '' } });
    await install(`demo==1.0 --hash=sha256:${wheel.sha256}\n`, { wheels: [own] });
    expect((await clean(join(root, 'vendor'))).distributions.map(({ name }) => name)).toEqual(['demo', 'own-code']);
  });

  it('WHEEL_DEPENDENCIES: a dependency of the workspace’s wheel that neither the lock nor another wheel brings, all at once', async () => {
    const wheel = await writeWheel(join(root, 'wheels'), { ...DEMO, metadata: 'Requires-Dist: not-asked\n' });
    const requires = ['Demo>=1', 'other.code (>=2)', 'Web_Kit[fast]~=3.1', 'tomli; python_version < "3.0"', 'docs; extra == "docs"'];
    const own = await writeWheel(join(root, 'own'), {
      name: 'own_code',
      files: { 'own_code.py': '' },
      metadata: requires.map((requirement) => `Requires-Dist: ${requirement}\n`).join(''),
    });
    const other = await writeWheel(join(root, 'own'), { name: 'other_code', files: { 'other_code.py': '' } });
    await install(`demo==1.0 --hash=sha256:${wheel.sha256}\n`, { wheels: [own, other] });
    const vendor = join(root, 'vendor');
    await expect(checkRequirements(vendor, await readDistributions(vendor), [own.name, other.name])).rejects.toMatchObject({
      code: 'WHEEL_DEPENDENCIES',
      message: '`own-code` requires `Web_Kit`: nothing brings that into the bundle',
    });
    await checkRequirements(vendor, await readDistributions(vendor), [other.name]);
  });

  it('WHEEL_CONFLICT: two that install different content under one path', async () => {
    const one = await writeWheel(join(root, 'own'), { name: 'one', files: { 'tool.py': '1\n', 'ns/__init__.py': '' } });
    const two = await writeWheel(join(root, 'own'), { name: 'two', files: { 'tool.py': '2\n', 'ns/__init__.py': '' } });
    await install('', { wheels: [one, two] });
    await expect(clean(join(root, 'vendor'))).rejects.toMatchObject({
      code: 'WHEEL_CONFLICT',
      message: expect.stringContaining('`tool.py`') as string,
    });
  });

  it('that share a file of the same content are told, not refused', async () => {
    const one = await writeWheel(join(root, 'own'), { name: 'one', files: { 'ns/__init__.py': '' } });
    const two = await writeWheel(join(root, 'own'), { name: 'two', files: { 'ns/__init__.py': '' } });
    await install('', { wheels: [one, two] });
    expect((await clean(join(root, 'vendor'))).conflicts).toEqual([{ path: 'ns/__init__.py', distributions: ['one', 'two'], same: true }]);
  });

  it('have the same bytes and modes under any umask', async () => {
    const wheel = await writeWheel(join(root, 'wheels'), DEMO);
    const trees: unknown[] = [];
    for (const [index, umask] of [0o022, 0o077].entries()) {
      const previous = process.umask(umask);
      await install(`demo==1.0 --hash=sha256:${wheel.sha256}\n`, { vendor: `v${index}` });
      process.umask(previous);
      await clean(join(root, `v${index}`));
      await rewriteRecords(join(root, `v${index}`));
      const items = (await readTree(join(root, `v${index}`))).filter(({ kind }) => kind === 'file');
      trees.push(items.map(({ path, mode }) => [path, mode.toString(8), readFileSync(join(root, `v${index}`, path), 'latin1')]));
    }
    expect(trees[1]).toEqual(trees[0]);
  });
});

it('tells uv of hosts whose certificates are not checked: what comes is held to its hash', () => {
  expect(insecureHosts({ indexOptions: ['--no-index', '--trusted-host a.example:8443', '--trusted-host=b.example'] })).toEqual([
    '--allow-insecure-host',
    'a.example:8443',
    '--allow-insecure-host',
    'b.example',
  ]);
});

describe('installArguments', () => {
  it('asks the interpreter when it runs here, and names the platform when not', () => {
    const request = { vendor: '/v', series: '3.11', platform: 'linux-aarch64' };
    expect(installArguments({ ...request, python: '/p' })).toEqual(expect.arrayContaining(['--python', '/p', '--no-deps']));
    expect(installArguments(request).join(' ')).toContain('--python-version 3.11 --python-platform aarch64-manylinux_2_40');
  });
});
