/** npm packages, then the build: what demo and tests both start with. Uses Node alone. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun } from './run-command.mjs';

export const ROOT = fileURLToPath(new URL('../', import.meta.url));
export const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
export const NX = join(ROOT, 'node_modules/nx/dist/bin/nx.js');

/**
 * Installs what the lock file says when node_modules is missing or was installed from another lock file. Not `npm ci`: that refuses a lock
 * file in which a registry's missing packages for other platforms have no version.
 */
export async function installPackages() {
  const digest = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  const stamp = join(ROOT, 'node_modules/.waybill-lock');
  if (statSync(stamp, { throwIfNoEntry: false }) && readFileSync(stamp, 'utf8') === digest) return;
  await mustRun('npm', ['install', '--no-save', '--no-audit', '--no-fund'], { cwd: ROOT, quiet: true });
  writeFileSync(stamp, digest);
}

/** Compiles all packages, copies their data files, makes one file of a foreign library, and lets modules be loaded by need. */
export async function buildPackages() {
  const { readdirSync } = await import('node:fs');
  const projects = readdirSync(join(ROOT, 'packages')).map((name) => join('packages', name, 'tsconfig.build.json'));
  await mustRun(process.execPath, [TSC, '-b', ...projects], { cwd: ROOT, quiet: true });
  const steps = ['pack-modules.mjs --undo', 'copy-assets.mjs', 'bundle-dependencies.mjs', 'lazy-indexes.mjs', 'pack-modules.mjs'];
  for (const [file, ...args] of steps.map((step) => step.split(' ')))
    await mustRun(process.execPath, [join(ROOT, 'tools', file), ...args], { cwd: ROOT, quiet: true });
}

export function assertNodeVersion() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Waybill needs Node.js 20.19 or newer, this is ${process.versions.node}`);
  process.exit(2);
}
