/**
 * Installs examples/ (or a copy of it, given as argument) as a user's workspace is installed: Nx and the packed packages of this repo.
 * The lock file carries the digests of the tarballs, so a changed executor changes the task hashes.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packPackages } from './pack-packages.mjs';
import { ROOT, buildPackages, installPackages } from './prepare-repository.mjs';
import { mustRun } from './run-command.mjs';

export async function installExamples(workspace) {
  const packed = await packPackages(join(workspace, '.packed'));
  const manifestPath = join(workspace, 'package.json');
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'));
  for (const [name, tarball] of Object.entries(packed)) manifest.devDependencies[name] = `file:${relative(workspace, tarball)}`;
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  if (readFileSync(manifestPath, 'utf8') !== text) writeFileSync(manifestPath, text);
  rmSync(join(workspace, 'package-lock.json'), { force: true });
  rmSync(join(workspace, 'node_modules/.package-lock.json'), { force: true });
  rmSync(join(workspace, 'node_modules/@waybill'), { recursive: true, force: true });
  await mustRun('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd: workspace,
    quiet: true,
    timeoutMs: 300_000,
  });
}

/** A copy of examples/ without anything that was built or installed in it, in a git repository of its own, as a user's workspace is. */
export async function copyExamples(target) {
  const skipped = new Set(['node_modules', 'dist', '.nx', '.packed', 'target', 'package-lock.json', '__pycache__', 'releases', '.waybill']);
  cpSync(join(ROOT, 'examples'), target, {
    recursive: true,
    filter: (path) => !skipped.has(path.split('/').at(-1) ?? ''),
  });
  await mustRun('git', ['init', '--quiet', target], { quiet: true });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await installPackages();
  await buildPackages();
  const workspace = resolve(process.argv[2] ?? join(ROOT, 'examples'));
  await installExamples(workspace);
  console.log(`installed ${relative(process.cwd(), workspace) || '.'}: try \`npx nx run studio:smoke-linux\` in it`);
}
