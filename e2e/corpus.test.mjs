/**
 * Well-known projects through `build-wheel`: their sdists, pinned by hash, are built twice, in two workspaces, with other umask, time zone and
 * locale, and come out the same, checked and installed.
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mustRun } from '../tools/run-command.mjs';
import { PLACE, buildAll, digestsOf, errorsOf, nameOf, resultOf, writeProject } from './wheels/wheel-workspace.mjs';
import { hasCargo, openWorkspace } from './workspace.mjs';

const LIST = fileURLToPath(new URL('./wheels/corpus.txt', import.meta.url));
/** Backends by hand, because isolating each would cost more than the builds. */
const BACKENDS = ['pip', 'setuptools', 'wheel', 'setuptools-scm', 'hatchling', 'hatch-vcs', 'hatch-fancy-pypi-readme', 'flit_core', 'poetry-core'];
const MORE_BACKENDS = ['pdm-backend', 'uv_build', 'maturin', 'Cython', 'meson-python'];
const RUST = 'rpds-py';
/** Their descriptions name no content type, which `strict` does not let pass. */
const OPTIONS = { six: { metadata: 'warn' }, toolz: { metadata: 'warn' } };

const NAMES = readFileSync(LIST, 'utf8')
  .split('\n')
  .flatMap((line) => /^([\w.-]+)==/.exec(line)?.[1] ?? []);

let workspace;
let root;
let other;
let downloads;

/** uv as the product finds it. */
async function findUv() {
  const { UV, createProcesses, createTools } = createRequire(join(root, 'package.json'))('@waybill/core');
  return (await createTools({ processes: createProcesses(), environment: process.env }).resolve(UV)).path;
}

/** The sdists of the list. pip asks each for its metadata, so the backends must be there. */
async function download() {
  downloads = mkdtempSync(join(tmpdir(), 'waybill-corpus-'));
  const uv = await findUv();
  const environment = join(downloads, 'environment');
  await mustRun(uv, ['venv', '--quiet', '--no-project', '--python', 'python3', environment], { quiet: true });
  const python = join(environment, 'bin/python');
  await mustRun(uv, ['pip', 'install', '--quiet', '--python', python, ...BACKENDS, ...MORE_BACKENDS], { quiet: true });
  const args = [
    '-m',
    'pip',
    'download',
    '--no-deps',
    '--no-binary',
    ':all:',
    '--no-build-isolation',
    '--require-hashes',
    '-r',
    LIST,
    '-d',
    downloads,
  ];
  await mustRun(python, args, { quiet: true, env: { PATH: `${environment}/bin:${process.env.PATH}` } });
}

/** Unpacks every sdist into a project of the workspace. What a .gitignore hides of it is no source: neither its own nor ours may. */
async function unpackAll(place) {
  for (const name of NAMES) {
    const { folder } = await writeProject(place, name, { files: {}, options: OPTIONS[name] });
    const sdist = readdirSync(downloads).find((file) => file.toLowerCase().replaceAll('_', '-').startsWith(`${name}-`));
    await mustRun('tar', ['-xzf', join(downloads, sdist), '-C', folder, '--strip-components=1', '--no-same-owner'], { quiet: true });
    rmSync(join(folder, '.gitignore'), { force: true });
  }
  writeFileSync(join(place, PLACE, '.gitignore'), '!Cargo.lock\n');
}

before(async () => {
  workspace = await openWorkspace();
  root = workspace.root;
  await download();
  await unpackAll(root);
  other = mkdtempSync(join(tmpdir(), 'waybill corpus-'));
  for (const file of ['package.json', 'package-lock.json', 'nx.json', '.nxignore']) copyFileSync(join(root, file), join(other, file));
  symlinkSync(join(root, 'node_modules'), join(other, 'node_modules'));
  mkdirSync(join(other, PLACE));
  await mustRun('git', ['init', '--quiet', other], { quiet: true });
  const umask = process.umask(0o077);
  try {
    await unpackAll(other);
  } finally {
    process.umask(umask);
  }
});
after(() => {
  for (const folder of [join(root, PLACE), join(root, 'dist', PLACE), other, downloads]) if (folder) rmSync(folder, { recursive: true, force: true });
  workspace.remove();
});

describe('well-known projects', () => {
  const built = NAMES.filter((name) => name !== RUST || hasCargo);

  before(async () => {
    const names = built.map(nameOf);
    const first = await buildAll(root, names);
    const umask = process.umask(0o077);
    const env = { TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8', LANG: 'C', PYTHONHASHSEED: '7', NX_CACHE_DIRECTORY: join(other, '.nx/cache') };
    const second = await buildAll(other, names, env).finally(() => process.umask(umask));
    for (const { exitCode, output } of [first, second]) if (exitCode !== 0) console.log(output);
  });

  for (const name of NAMES) {
    test(name, (t) => {
      if (!built.includes(name)) return t.skip('cargo is not installed');
      const project = `${PLACE}/${nameOf(name)}`;
      const [one, two] = [root, other].map((place) => resultOf(place, project));
      assert.deepEqual(one.report?.errors, []);
      assert.deepEqual(errorsOf(one.report), []);
      assert.equal(one.report.outcome, 'success');
      assert.deepEqual(one.record.artifacts.map(({ kind }) => kind).sort(), ['sdist', 'wheel']);
      assert.deepEqual(digestsOf(two.record), digestsOf(one.record), 'the same bytes');
      assert.ok(existsSync(join(one.folder, one.record.artifacts[0].path)));
    });
  }
});
