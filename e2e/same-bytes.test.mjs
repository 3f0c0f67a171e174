/** Packaging again in another folder, with another umask, time zone and locale, gives the same bytes; a killed run leaves the old result or none. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { copyExamples } from '../tools/install-examples.mjs';
import { hasCargo, nx, openWorkspace, recordOf } from './workspace.mjs';

const full = Boolean(process.env.WAYBILL_TEST_FULL);
let workspace;
let root;

before(async () => {
  workspace = await openWorkspace();
  root = workspace.root;
});
after(() => workspace.remove());

const project = hasCargo ? 'pychat' : 'studio';

test(`${project}: the same bytes from another folder, umask, time zone and locale`, async () => {
  const first = await nx(root, ['run', `${project}:package-linux`]);
  assert.equal(first.exitCode, 0, first.output);
  const other = mkdtempSync(join(tmpdir(), 'waybill other-'));
  const umask = process.umask(0o077);
  try {
    await copyExamples(other);
    cpSync(join(root, 'package.json'), join(other, 'package.json'));
    cpSync(join(root, 'package-lock.json'), join(other, 'package-lock.json'));
    symlinkSync(join(root, 'node_modules'), join(other, 'node_modules'));
    if (project === 'pychat') {
      for (const file of ['pychat/target/release/pychat', 'dist/wordtally']) cpSync(join(root, file), join(other, file), { recursive: true });
    }
    const env = {
      TZ: 'Asia/Kathmandu',
      LC_ALL: 'tr_TR.UTF-8',
      LANG: 'C',
      NX_CACHE_DIRECTORY: join(other, '.nx/cache'),
      PYTHONDONTWRITEBYTECODE: '1',
    };
    const second = await nx(other, ['run', `${project}:package-linux`, '--skip-nx-cache', '--excludeTaskDependencies'], env);
    assert.equal(second.exitCode, 0, second.output);
  } finally {
    process.umask(umask);
  }
  const digests = (place) => recordOf(place, project, 'package-linux').artifacts.map(({ name, sha256 }) => `${name} ${sha256}`);
  assert.deepEqual(digests(other), digests(root));
  rmSync(other, { recursive: true, force: true });
});

const place = () => join(root, 'dist/studio');
const sha256Of = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** The record as text, once its archives are what it says of them. */
function wholeResult() {
  const { artifacts } = recordOf(root, 'studio', 'package-linux');
  for (const { path, sha256 } of artifacts) assert.equal(sha256Of(join(place(), 'package-linux', path)), sha256, path);
  return readFileSync(join(place(), 'package-linux/artifacts.json'), 'utf8');
}

const MEMORY = '/dev/shm';

/** Folders in memory in which bundles are made; those of other tests that run at the same time are among them. */
const inMemory = () => (existsSync(MEMORY) ? readdirSync(MEMORY).filter((name) => name.startsWith('.waybill-package.staging-')) : []);

/** Names in the folders that are being filled, at any depth; none before there is one. `others`: folders in memory that were there before. */
function staged(others) {
  const stage = readdirSync(place()).find((name) => name.startsWith('.package-linux.staging-'));
  if (stage === undefined) return undefined;
  const own = inMemory().filter((name) => !others.has(name));
  try {
    return [join(place(), stage), ...own.map((name) => join(MEMORY, name))].flatMap((folder) => readdirSync(folder, { recursive: true }));
  } catch (error) {
    // The run moves and prunes folders while they are read: the next look sees more.
    assert.equal(error.code, 'ENOENT');
    return undefined;
  }
}

/** What a killed run had got to. */
const MOMENTS = [
  ['the folder is there', (names) => names !== undefined],
  ['the runtime is being copied', (names = []) => names.some((name) => name.includes('python/runtime/lib'))],
  ['the archive is being written', (names = []) => names.some((name) => name.includes('.tar.gz'))],
];

async function killedRun(reached, moreMs) {
  const others = new Set(inMemory());
  const child = spawn(process.execPath, [join(root, 'node_modules/nx/dist/bin/nx.js'), 'run', 'studio:package-linux', '--skip-nx-cache'], {
    cwd: root,
    env: { ...process.env, NX_DAEMON: 'false' },
    stdio: 'ignore',
    detached: true,
  });
  const exited = once(child, 'exit');
  let ended = false;
  void exited.then(() => (ended = true));
  while (!ended && !reached(staged(others))) await delay(10);
  await Promise.race([exited, delay(moreMs)]);
  const inside = !ended;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    assert.equal(error.code, 'ESRCH');
  }
  await exited;
  return inside;
}

test('a run that is killed at any time leaves the old result whole, and the next cleans up', async () => {
  const source = join(root, 'studio/src/studio/__init__.py');
  const first = await nx(root, ['run', 'studio:package-linux']);
  assert.equal(first.exitCode, 0, first.output);
  const before = wholeResult();
  const text = readFileSync(source, 'utf8');
  // What the killed runs would make has other bytes.
  writeFileSync(source, `${text}\nKILLED = True\n`);
  try {
    for (const [name, reached] of MOMENTS)
      for (const moreMs of full ? [0, 50, 100, 200, 400] : [0]) {
        const inside = await killedRun(reached, moreMs);
        if (moreMs === 0) assert.ok(inside, `killed when ${name}`);
        if (inside) assert.equal(wholeResult(), before, name);
      }
  } finally {
    writeFileSync(source, text);
  }
  const again = await nx(root, ['run', 'studio:package-linux', '--skip-nx-cache']);
  assert.equal(again.exitCode, 0, again.output);
  assert.equal(wholeResult(), before);
  const left = readdirSync(place()).filter((name) => name.startsWith('.'));
  assert.deepEqual(left, []);
  const leftInMemory = inMemory().filter((name) => !existsSync(`/proc/${/staging-(\d+)-/.exec(name)[1]}`));
  assert.deepEqual(leftInMemory, []);
});
