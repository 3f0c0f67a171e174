import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildLauncher, type LauncherBuildPorts } from './launcher-binary';
import { launcherDigest } from './launcher-sources';
import { LAUNCHER_VARIANTS, type LauncherVariant } from './variants';

/**
 * Builds variants into `folder` (`<variant>/launcher`, beside it the digest of its sources), one after another: zig uses all cores.
 * What this package ships in `assets/` is made so.
 */
export async function buildLaunchers(
  folder: string,
  ports: LauncherBuildPorts,
  variants: readonly LauncherVariant[] = LAUNCHER_VARIANTS,
): Promise<string[]> {
  const files: string[] = [];
  for (const variant of variants) {
    const place = join(folder, variant.name);
    const file = join(place, variant.fileName);
    const digest = await launcherDigest(variant);
    await mkdir(place, { recursive: true });
    await buildLauncher(variant, file, ports);
    await writeFile(join(place, 'sources.sha256'), `${digest}\n`);
    files.push(file);
  }
  return files;
}
