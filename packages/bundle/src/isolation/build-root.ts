import { chmod, copyFile, constants, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { renderFstab, type RootPlan } from './root-plan';

/** A root that stands ready to be mounted and entered. */
export interface BuiltRoot {
  folder: string;
  fstab: string;
  plan: RootPlan;
}

/** Makes the skeleton of a root below `folder` (which must not exist) and writes its fstab beside it. Mounts nothing. */
export async function buildRoot(folder: string, plan: RootPlan): Promise<BuiltRoot> {
  const mounted = plan.mounts
    .filter(({ kind, target }) => kind === 'bind' && !target.startsWith('/dev/') && target !== '/')
    .map(({ target }) => target);
  const inSkeleton = (path: string): boolean => !mounted.some((target) => path.startsWith(`${target}/`));
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755);
  for (const path of plan.folders.filter(inSkeleton)) await mkdir(join(folder, path), { recursive: true });
  for (const { path, source } of plan.copies) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await copyFile(source, join(folder, path), constants.COPYFILE_FICLONE);
    await chmod(join(folder, path), 0o755);
  }
  for (const path of plan.emptyFiles.filter(inSkeleton)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), '');
  }
  for (const { path, target } of plan.links) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await symlink(target, join(folder, path));
  }
  const fstab = `${folder}.fstab`;
  await writeFile(fstab, renderFstab(folder, plan.mounts));
  return { folder, fstab, plan };
}
