/** Packaging again in another folder, with another umask, time zone and locale, gives the same bytes; a killed run leaves the old result or none. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
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

test('a run that is killed at any time leaves the old result or none', async () => {
  const place = join(root, 'dist/studio');
  const read = () => readFileSync(join(place, 'package-linux/artifacts.json'), 'utf8');
  const first = await nx(root, ['run', 'studio:package-linux']);
  assert.equal(first.exitCode, 0, first.output);
  const before = read();
  for (let round = 1; round <= (full ? 20 : 4); round += 1) {
    const child = spawn(process.execPath, [join(root, 'node_modules/nx/dist/bin/nx.js'), 'run', 'studio:package-linux', '--skip-nx-cache'], {
      cwd: root,
      env: { ...process.env, NX_DAEMON: 'false' },
      stdio: 'ignore',
      detached: true,
    });
    const exited = once(child, 'exit');
    await Promise.race([exited, delay(600 + round * (full ? 200 : 700))]);
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      assert.equal(error.code, 'ESRCH');
    }
    await exited;
    assert.equal(read(), before, `round ${round}`);
  }
  const again = await nx(root, ['run', 'studio:package-linux', '--skip-nx-cache']);
  assert.equal(again.exitCode, 0, again.output);
  assert.equal(read(), before);
  assert.deepEqual(
    readdirSync(place).filter((name) => name.startsWith('.')),
    [],
    'the next run cleans up',
  );
});
