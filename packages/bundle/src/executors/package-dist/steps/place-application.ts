import { copyTreeItems } from '@waybill/core';
import { lstatSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundleErrors } from '../../../errors/bundle-errors';
import type { PackagePlan } from '../plan';

/** Copies the program and what `include` names to their places; a place that a wheel took is an error. Returns their paths in the bundle. */
export async function placeApplication(plan: PackagePlan, root: string): Promise<string[]> {
  const { binary, included } = plan.facts;
  const taken = included.find(({ to }) => lstatSync(join(root, to), { throwIfNoEntry: false }) !== undefined);
  if (taken !== undefined) throw bundleErrors.error('BUNDLE_INCLUDE_CONFLICT', { path: taken.to, from: [taken.because, 'a wheel'] });
  const files = included.filter(({ kind }) => kind === 'file');
  const program = binary === undefined ? [] : [{ from: binary.file, to: plan.program!, mode: 0o755 }];
  await copyTreeItems(root, [...program, ...files.map(({ from, to, mode }) => ({ from, to, mode }))]);
  for (const { to, linkTarget } of included) {
    if (linkTarget === undefined) continue;
    await mkdir(dirname(join(root, to)), { recursive: true });
    await symlink(linkTarget, join(root, to));
  }
  return [...program.map(({ to }) => to), ...files.map(({ to }) => to)];
}
