import { parseRequirements, parseWheelName, type RequirementsLock } from '@waybill/distributions';
import type { UpstreamArtifact } from '@waybill/plugin-kit';
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { bundleErrors } from '../../../errors/bundle-errors';

/** Reads the lock and what it includes. Lock files are small: they are read whole. */
export function readLock(file: string, workspaceRoot: string): RequirementsLock {
  return parseRequirements(file, (path) => {
    const absolute = isAbsolute(path) ? path : join(workspaceRoot, path);
    return statSync(absolute, { throwIfNoEntry: false })?.isFile() ? readFileSync(absolute, 'utf8') : undefined;
  });
}

/** A distribution that comes from an index and from this workspace would be whichever is installed last. */
export function checkTwice(lock: RequirementsLock | undefined, wheels: readonly Pick<UpstreamArtifact, 'name'>[]): void {
  for (const { name } of wheels) {
    const distribution = parseWheelName(name)?.distribution;
    const locked = lock?.requirements.find((requirement) => requirement.name === distribution);
    if (locked !== undefined) throw bundleErrors.error('WHEEL_TWICE', { ...locked, distribution: locked.name, wheel: name });
  }
}
