import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EVERY_LAUNCHER, openYard } from '../testing/every-launcher';
import { skipUnless } from '../testing/skip-unless';
import type { BundleYard } from '../testing/test-bundle';

const canMount = spawnSync('unshare', ['-m', 'true']).status === 0;
const withMounts = skipUnless(canMount, 'mount namespaces need privileges that are not here');

let yard: BundleYard;
beforeAll(async () => {
  yard = await openYard();
  chmodSync(yard.root, 0o755);
});
afterAll(() => yard.remove());

/** Runs `script` as sh in a mount namespace of its own; `$1` is the launcher. */
function inNamespace(script: string, launcher: string) {
  const { status, stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', launcher], {
    encoding: 'utf8',
    env: { PATH: '/usr/sbin:/usr/bin:/bin' },
  });
  return { status, stdout, stderr };
}

const PRINT = `'import os, sys; print(sys.prefix, sys.executable, "LD_ORIGIN_PATH" in os.environ)'`;

describe.each(EVERY_LAUNCHER)('%s launcher, %s', (kind, behaviour) => {
  const name = `${kind}-${behaviour}`;

  withMounts('works without /proc (T4)', async () => {
    const root = yard.bundle(`no-proc-${name}`, kind, behaviour);
    mkdirSync(join(yard.root, `bin-${name}`));
    execFileSync('ln', ['-s', join(root, 'probe'), join(yard.root, `bin-${name}`, 'probe')]);
    const home = `${root}/python/runtime`;
    const expected = `${home} ${home}/bin/python${yard.python.series} False\n`;
    const direct = inNamespace(`umount -l /proc && exec "$1" -c ${PRINT}`, join(root, 'probe'));
    expect([direct.stdout, direct.stderr]).toEqual([expected, '']);
    const linked = inNamespace(`umount -l /proc && cd / && PATH="\${1%/*}:$PATH" && exec probe -c ${PRINT}`, join(yard.root, `bin-${name}`, 'probe'));
    expect([linked.stdout, linked.stderr]).toEqual([expected, '']);
  });

  withMounts('works in a read-only bundle, and changes nothing', async () => {
    const root = yard.bundle(`read-only-${name}`, kind, behaviour);
    const run = inNamespace(
      `mount --bind "\${1%/*}" "\${1%/*}" && mount -o remount,ro,bind "\${1%/*}" && exec "$1" -c ${PRINT}`,
      join(root, 'probe'),
    );
    expect([run.status, run.stderr]).toEqual([0, '']);
  });

  withMounts('names a file system that is mounted noexec', async () => {
    const root = yard.bundle(`noexec-${name}`, kind, behaviour);
    const program = yard.config(behaviour).program;
    const folder = program.slice(0, program.lastIndexOf('/'));
    const script = `b="\${1%/*}/${folder}"; mount --bind "$b" "$b" && mount -o remount,noexec,bind "$b" && exec "$1" -c ${PRINT}`;
    const run = inNamespace(script, join(root, 'probe'));
    expect(run.status).toBe(126);
    expect(run.stderr).toMatch(/^[^\n]*cannot start[^\n]*noexec[^\n]*\n$/);
  });

  withMounts('runs for another user, who has no entry in passwd', async () => {
    const root = yard.bundle(`other-user-${name}`, kind, behaviour);
    const { stdout, stderr } = spawnSync(join(root, 'probe'), ['-c', 'import os; print(os.getuid())'], {
      encoding: 'utf8',
      env: {},
      uid: 12345,
      gid: 12345,
      cwd: '/',
    });
    expect([stdout, stderr]).toEqual(['12345\n', '']);
  });
});

describe('native launcher', () => {
  withMounts('says which glibc it needs where there is none', async () => {
    const root = yard.bundle('no-glibc', 'native', 'become', { glibc: '2.31' });
    const empty = join(yard.root, 'bare');
    mkdirSync(empty);
    const script = `mkdir "$2/app" && mount --bind "\${1%/*}" "$2/app" && exec chroot "$2" /app/probe -c ${PRINT}`;
    const run = spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', join(root, 'probe'), empty], {
      encoding: 'utf8',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    });
    expect([run.status, run.stderr]).toEqual([126, 'probe: needs glibc ≥ 2.31, found none\n']);
  });
});
