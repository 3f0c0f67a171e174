import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanEnvironment, createProcesses, createTools, PATCHELF, readTree, STRIP, type ResolvedTool } from '@waybill/core';
import { prepareRuntime } from './preparation/prepare-runtime';
import { readElfFile } from './read-elf-file';
import { resolveRuntime } from './resolve-runtime';
import type { PreparedRuntime, RuntimeFacts, RuntimePorts } from './runtime-facts';

/**
 * The whole way with the interpreter and the tools of this machine: what is prepared runs elsewhere, alone, and is the same twice.
 * `platform` is this machine's, so that any Linux can run it.
 */
const processes = createProcesses();
const ports: RuntimePorts = {
  processes,
  tools: createTools({ processes, environment: process.env }),
  environment: cleanEnvironment(process.env, []),
};
const platform = `linux-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}`;

let scratch: string;
let runtime: RuntimeFacts;
let tools: { patchelf: ResolvedTool; stripTool: ResolvedTool };
let prepared: PreparedRuntime;
let root: string;

const prepare = (outputRoot: string, more: object = {}): Promise<PreparedRuntime> => {
  mkdirSync(outputRoot, { recursive: true });
  return prepareRuntime({
    runtime,
    outputRoot,
    workspaceRoot: scratch,
    platform,
    embedded: runtime.libpython !== undefined,
    prune: { preset: 'safe', keep: [], drop: [] },
    strip: true,
    pyc: 'unchecked-hash',
    vendorLibraries: { enabled: true, allow: [], deny: [], fromHost: [], licences: {} },
    symbolsRoot: `${outputRoot}-symbols`,
    ...tools,
    ports,
    ...more,
  });
};

/** One line a file: mode, digest or link target, path. */
async function fingerprint(folder: string): Promise<string[]> {
  const items = (await readTree(folder)).filter(({ kind }) => kind !== 'directory');
  return items.map(
    ({ path, kind, mode, linkTarget }) =>
      `${mode.toString(8)} ${
        kind === 'symlink'
          ? linkTarget
          : createHash('sha256')
              .update(readFileSync(join(folder, path)))
              .digest('hex')
      } ${path}`,
  );
}

async function python(code: string, home = root): Promise<string> {
  const result = await processes.run({ file: join(home, prepared.python), args: ['-I', '-c', code], cwd: '/', env: {}, timeoutMs: 60_000 });
  if (result.exitCode !== 0) throw new Error(result.stderr);
  return result.stdout.trim();
}

beforeAll(async () => {
  scratch = realpathSync(mkdtempSync(join(tmpdir(), 'waybill-prepare-')));
  runtime = await resolveRuntime(
    { provider: 'interpreter', version: '>=3.9', projectRoot: scratch, workspaceRoot: scratch, platform, embedded: false },
    ports,
  );
  tools = { patchelf: await ports.tools.resolve(PATCHELF), stripTool: await ports.tools.resolve(STRIP) };
  await prepare(join(scratch, 'first place')).then((result) => (prepared = result));
  root = join(scratch, 'moved', 'ünï $x');
  mkdirSync(join(root, '..'));
  renameSync(join(scratch, 'first place'), root);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it('runs in another place, with its own version, library and libraries', async () => {
  const told = JSON.parse(
    await python(
      'import sys, os, json, ssl, sqlite3, ctypes, zlib, lzma; print(json.dumps([sys.version.split()[0], sys.prefix, os.__file__, sys.path]))',
    ),
  ) as [string, string, string, string[]];
  expect(told[0]).toBe(runtime.version);
  expect(told[1]).toBe(join(root, prepared.home));
  for (const place of [told[2], ...told[3]]) expect(place.startsWith(`${root}/`)).toBe(true);
});

it('is refused where a module is to be kept whose library may not be carried: it is not left out in silence', async () => {
  const left = ['readline', 'tkinter'].filter((name) => prepared.pruned.some(({ path }) => new RegExp(`/lib-dynload/_?${name}\\.`).test(path)));
  const prune = { preset: 'safe', keep: left, drop: [] };
  const outcome = prepare(join(scratch, 'kept'), { prune }).then(
    () => 'kept',
    ({ code }: { code: string }) => code,
  );
  expect(await outcome).toBe(left.length > 0 ? 'BUNDLE_LIBRARY_DENIED' : 'kept');
});

it('imports every extension module that it kept', async () => {
  const code = `
import importlib, os, sys
folder = [path for path in sys.path if path.endswith('lib-dynload')][0]
names = sorted({name.split('.')[0] for name in os.listdir(folder) if name.endswith('.so')})
failed = []
for name in names:
    try: importlib.import_module(name)
    except ImportError as error: failed.append('%s: %s' % (name, error))
print(len(names), failed)`;
  expect(await python(code)).toMatch(/^\d+ \[\]$/);
});

it('tells sysconfig where it stands now', async () => {
  const told = await python(
    'import sysconfig; print(sysconfig.get_config_var("prefix"), sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("BINDIR"), sep="|")',
  );
  expect(told.split('|')).toEqual([join(root, prepared.home), join(root, prepared.home, 'lib'), join(root, prepared.home, 'bin')]);
});

it('holds no path of its origin in any byte (T16, T31)', async () => {
  const origins = [...runtime.leakOrigins, scratch];
  for (const { path, kind } of await readTree(root)) {
    if (kind !== 'file') continue;
    const bytes = readFileSync(join(root, path));
    for (const origin of origins) expect(bytes.includes(origin) ? `${path} holds ${origin}` : '').toBe('');
  }
});

it('searches the bundle first: DT_RPATH, relative, no RUNPATH (T2), standard places only', async () => {
  for (const { path, kind } of await readTree(root)) {
    const elf = kind === 'file' ? readElfFile(join(root, path)) : undefined;
    if (!elf?.dynamic) continue;
    expect({ path, runpath: elf.runpath }).toEqual({ path, runpath: undefined });
    for (const entry of (elf.rpath ?? '$ORIGIN').split(':')) expect(entry).toMatch(/^\$ORIGIN(\/|$)/);
  }
  expect(readElfFile(join(root, prepared.python))?.rpath).toBe('$ORIGIN/../lib:$ORIGIN/../../../lib');
});

it('survives a broken landmark in a folder above it (T28)', async () => {
  const name = `python${runtime.series.replace('.', '')}${runtime.abiFlags}.zip`;
  mkdirSync(join(scratch, 'moved/lib'), { recursive: true });
  writeFileSync(join(scratch, 'moved/lib', name), '');
  expect(readFileSync(join(root, prepared.home, runtime.platlibdir, name))).toHaveLength(22);
  expect(await python('print("alive")')).toBe('alive');
});

it('has byte code that no date can make stale, with relative names (T14, T15)', async () => {
  const files = (await readTree(root)).filter(({ path }) => path.endsWith('.pyc'));
  expect(files.length).toBeGreaterThan(200);
  for (const { path } of files) {
    const bytes = readFileSync(join(root, path));
    expect({ path, flags: bytes.readUInt32LE(4) }).toEqual({ path, flags: 1 });
    expect(bytes.includes('/first place/')).toBe(false);
  }
  expect(await python('import json; print(json.decoder.__cached__.endswith(".pyc"), json.loads.__code__.co_filename == json.__file__)')).toBe(
    'True True',
  );
});

it('is the same, byte for byte, from another place, umask and locale', async () => {
  const before = process.umask(0o077);
  try {
    const again = await prepare(join(scratch, 'second'));
    expect({ ...again, stepMs: {} }).toEqual({ ...prepared, stepMs: {} });
    expect(await fingerprint(join(scratch, 'second'))).toEqual(await fingerprint(root));
    expect(await fingerprint(join(scratch, 'second-symbols')).catch(() => [])).toEqual(
      await fingerprint(join(scratch, 'first place-symbols')).catch(() => []),
    );
  } finally {
    process.umask(before);
  }
});

it('says what it carries and what it left out, and lists every file', async () => {
  for (const { path, name, version, licence, licenceFiles } of prepared.carried) {
    expect({ path, there: existsSync(join(root, path)), name, version: version !== '', licence: licence !== '' }).toEqual({
      path,
      there: true,
      name,
      version: true,
      licence: true,
    });
    for (const file of licenceFiles) expect(existsSync(join(root, file))).toBe(true);
  }
  for (const { path, reason } of prepared.pruned)
    expect({ path, there: existsSync(join(root, path)), reason: reason !== '' }).toEqual({
      path,
      there: path.endsWith('dist-packages'),
      reason: true,
    });
  expect(prepared.files).toEqual((await readTree(root)).filter(({ kind }) => kind !== 'directory').map(({ path }) => path));
  expect(JSON.stringify(prepared)).not.toContain(scratch);
});

it('has only links that stay inside, and modes that say what a file is', async () => {
  for (const { path, kind } of await readTree(root)) {
    if (kind === 'symlink') expect(readlinkSync(join(root, path))).toMatch(/^[^/.]/);
    if (kind === 'file')
      expect({ path, mode: lstatSync(join(root, path)).mode & 0o777 }).toEqual({ path, mode: path === prepared.python ? 0o755 : 0o644 });
  }
});

it('keeps debug data by build id', () => {
  for (const { buildId, path } of prepared.symbols) {
    expect(path).toBe(`.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`);
    expect(readElfFile(join(scratch, 'first place-symbols', path))?.buildId).toBe(buildId);
  }
});

it('prepares without byte code and without strip when asked', async () => {
  const plain = await prepare(join(scratch, 'plain'), { strip: false, pyc: 'none', symbolsRoot: undefined, stripTool: undefined });
  expect(plain.facts.compiled).toBe(false);
  expect(plain.files.filter((path) => path.endsWith('.pyc'))).toEqual([]);
  expect(plain.symbols).toEqual([]);
});

it('does not start what is made for another machine, and says that there is no byte code', async () => {
  const foreign = { ...runtime, runsHere: false };
  const result = await prepare(join(scratch, 'foreign'), { runtime: foreign });
  expect(result.facts.compiled).toBe(false);
  expect(result.findings).toContainEqual(expect.objectContaining({ check: 'bytecode', level: 'warning' }));
});

it('refuses a runtime whose version is not what it was', async () => {
  await expect(prepare(join(scratch, 'wrong'), { runtime: { ...runtime, version: '3.0.0' }, pyc: 'none' })).rejects.toMatchObject({
    code: 'BUNDLE_RUNTIME_BROKEN',
  });
});
