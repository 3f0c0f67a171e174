/**
 * A root file system that holds only what Debian's libc6 package holds, and a way to run a bundle on it: as another user, read-only,
 * without network. Uses bubblewrap and dpkg-deb, nothing of ours.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandWorks, mustRun, runCommand } from '../tools/run-command.mjs';

/** Why there can be none here, or undefined. */
export async function bareRootObstacle() {
  if (!(await commandWorks('bwrap'))) return 'bubblewrap is not installed';
  if (!(await commandWorks('dpkg-deb')) || !(await commandWorks('apt-get'))) return 'no Debian packages here';
  return undefined;
}

/** @returns {Promise<{root: string, remove(): void}>} */
export async function makeBareRoot() {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-bare-'));
  const download = () => runCommand('apt-get', ['download', '-qq', 'libc6'], { cwd: folder, quiet: true });
  if ((await download()).exitCode !== 0) {
    await runCommand('apt-get', ['update', '-qq'], { quiet: true });
    await download();
  }
  const deb = readdirSync(folder).find((name) => name.endsWith('.deb'));
  if (!deb) throw new Error('libc6 could not be downloaded');
  const root = join(folder, 'root');
  await mustRun('dpkg-deb', ['-x', join(folder, deb), root], { quiet: true });
  for (const name of ['proc', 'dev', 'tmp', 'opt/app']) mkdirSync(join(root, name), { recursive: true });
  return { root, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs `/opt/app/<program>` on the bare root; the environment is empty. */
export function runOnBareRoot(root, bundle, program, args) {
  const isolation = [
    '--unshare-all',
    '--uid',
    '12345',
    '--gid',
    '12345',
    '--clearenv',
    '--die-with-parent',
    '--ro-bind',
    root,
    '/',
    '--ro-bind',
    bundle,
    '/opt/app',
  ];
  return runCommand('bwrap', [...isolation, '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--chdir', '/', `/opt/app/${program}`, ...args], {
    quiet: true,
    timeoutMs: 60_000,
  });
}
