import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './prepare-repository.mjs';
import { mustRun } from './run-command.mjs';

/** `npm pack` of every package into one folder. @returns {Promise<Record<string, string>>} name → tarball path */
export async function packPackages(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await mustRun('npm', ['pack', '--workspaces', '--pack-destination', folder, '--silent'], {
    cwd: ROOT,
    quiet: true,
  });
  return tarballsIn(folder);
}

/** What `packPackages` gave for a folder. @returns {Record<string, string>} name → tarball path */
export function tarballsIn(folder) {
  return Object.fromEntries(
    readdirSync(join(ROOT, 'packages')).map((name) => {
      const { name: packageName, version } = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'));
      return [packageName, join(folder, `${packageName.replace('@', '').replace('/', '-')}-${version}.tgz`)];
    }),
  );
}
