/** The workspace of the e2e tests: a copy of examples/ in a temporary folder, installed from the packed packages, made once for a run. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyExamples, installExamples } from '../tools/install-examples.mjs';
import { packPackages, tarballsIn } from '../tools/pack-packages.mjs';
import { runCommand } from '../tools/run-command.mjs';

/** Makes the workspace, or takes the one that the test runner made. @returns {Promise<{root: string, remove(): void}>} */
export async function openWorkspace() {
  const given = process.env.WAYBILL_E2E_WORKSPACE;
  if (given) return { root: given, remove: () => undefined };
  const root = mkdtempSync(join(tmpdir(), 'waybill-e2e-'));
  await copyExamples(root);
  await installExamples(root);
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/**
 * A new, empty workspace in `root` (made here) that has what `installed` has installed, without its projects: no minute of npm. `packageJson` and `nxJson`: what else
 * stands in these files.
 */
export function makeWorkspaceBeside(installed, root, { packageJson = {}, nxJson = {} } = {}) {
  mkdirSync(root);
  cpSync(join(installed, 'package-lock.json'), join(root, 'package-lock.json'));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ ...readJson(installed, 'package.json'), ...packageJson }));
  symlinkSync(join(installed, 'node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, '.gitignore'), 'node_modules\n.nx\n');
  writeFileSync(join(root, 'nx.json'), JSON.stringify({ analytics: false, neverConnectToCloud: true, ...nxJson }));
}

/** The packed packages: those that the test runner's workspace was installed from, or packed into `folder`. @returns {Promise<Record<string, string>>} */
export async function packedPackages(folder) {
  const given = process.env.WAYBILL_E2E_WORKSPACE;
  return given ? tarballsIn(join(given, '.packed')) : packPackages(folder);
}

const CLEARED = {
  NX_DRY_RUN: undefined,
  WAYBILL_DRY_RUN: undefined,
  SOURCE_DATE_EPOCH: undefined,
  NX_TUI: 'false',
  FORCE_COLOR: '0',
};

/** `nx …` in a workspace; never throws for a failed task. `cached` tells how many tasks came from the cache, when Nx says so. */
export async function nx(root, args, env = {}) {
  const result = await runCommand(process.execPath, [join(root, 'node_modules/nx/dist/bin/nx.js'), ...args], {
    cwd: root,
    env: { NX_DAEMON: 'false', ...CLEARED, ...env },
    quiet: true,
    timeoutMs: 600_000,
  });
  const cached = Number(
    result.output.match(/(?:Nx read the output from the cache instead of running the command for|read) (\d+) out of \d+ tasks/)?.[1] ?? 0,
  );
  return { ...result, cached };
}

export const readJson = (...path) => JSON.parse(readFileSync(join(...path), 'utf8'));

export const recordOf = (root, project, target) => readJson(root, 'dist', project, target, 'artifacts.json');

/** Absolute path of the archive that a record of package names. */
export function archiveOf(root, project, target = 'package-linux') {
  const { artifacts } = recordOf(root, project, target);
  const archive = artifacts.find(({ kind }) => kind === 'bundle-archive');
  return join(root, 'dist', project, target, archive.path);
}

export const hasCargo =
  existsSync(join(process.env.CARGO_HOME ?? join(process.env.HOME ?? '/', '.cargo'), 'bin/cargo')) ||
  (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, 'cargo')));

/** The patchelf that the product uses itself. */
export async function patchelfOf(root) {
  const { createRequire } = await import('node:module');
  const { PATCHELF, createProcesses, createTools } = createRequire(join(root, 'package.json'))('@waybill/core');
  const { path } = await createTools({ processes: createProcesses(), environment: process.env }).resolve(PATCHELF);
  return path;
}
