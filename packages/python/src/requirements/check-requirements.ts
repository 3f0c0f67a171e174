import { parseWheelName, readRequirement, type RequirementsLock } from '@waybill/distributions';
import type { UpstreamArtifact } from '@waybill/plugin-kit';
import { pythonErrors } from '../errors/python-errors';
import { distributionOf, requiredName, type LocalRequirement } from './local-wheels';
import { versionFits } from './version-fits';

interface Pin {
  name: string;
  version: string;
  /** For people: where it stands. */
  where: string;
}

/**
 * Before anything is built: without isolation the backend would fail for the want of a build requirement that neither the lock nor this workspace
 * has (`WHEEL_REQUIREMENT_UNLOCKED`), or run with one of a version that the project refuses (`WHEEL_REQUIREMENT_VERSION`). `requires` are those of
 * the project; those of workspace wheels among them count as well.
 */
export function checkRequirements(requires: readonly string[], lock: RequirementsLock | undefined, local: readonly LocalRequirement[]): void {
  const all = [...requires, ...local.flatMap((one) => one.requires)];
  const own = local.map(({ wheel }): Pin => ({
    name: distributionOf(wheel),
    version: parseWheelName(wheel.name)!.version,
    where: `\`${wheel.name}\``,
  }));
  const names = new Set(own.map(({ name }) => name));
  const locked = (lock?.requirements ?? []).map(({ name, version, file }): Pin => ({
    name,
    version,
    where: `\`${name}==${version}\` in \`${file}\``,
  }));
  const pins = [...own, ...locked.filter(({ name }) => !names.has(name))];
  const missing = all.filter((requirement) => !requirement.includes(';') && !pins.some(({ name }) => name === requiredName(requirement)));
  if (lock && missing.length > 0) throw pythonErrors.error('WHEEL_REQUIREMENT_UNLOCKED', { file: lock.files[0]!, missing: [...new Set(missing)] });
  const unfit = [...new Set(all)].flatMap((requirement) => unfitPins(requirement, pins));
  if (unfit.length > 0) throw pythonErrors.error('WHEEL_REQUIREMENT_VERSION', { unfit });
}

/** What a lock pins beside the wheels of this workspace, which are installed in place of whatever an index has under their names. */
export function withoutLocal(lock: RequirementsLock, local: readonly LocalRequirement[]): RequirementsLock {
  const names = new Set(local.map(({ wheel }) => distributionOf(wheel)));
  return { ...lock, requirements: lock.requirements.filter(({ name }) => !names.has(name)) };
}

/**
 * A build requirement that a project of this workspace is comes from there and from nowhere else: `WHEEL_LOCAL_MISSING` when it is a project that this
 * one depends on and its wheel is not among those that the target gets.
 */
export function checkLocal(requires: readonly string[], dependencies: readonly WorkspaceProject[], wheels: readonly UpstreamArtifact[]): void {
  const there = new Set(wheels.map(distributionOf));
  for (const requirement of requires) {
    const name = requiredName(requirement);
    const owner = there.has(name) ? undefined : dependencies.find(({ distribution }) => distribution === name);
    if (owner)
      throw pythonErrors.error('WHEEL_LOCAL_MISSING', { requirement, project: owner.project, hasTarget: owner.targets.includes('build-wheel') });
  }
}

/** A project that this one depends on; `distribution` is normalised, absent where it makes none. */
export interface WorkspaceProject {
  project: string;
  targets: readonly string[];
  distribution?: string;
}

/** A requirement with a marker refuses nothing: it may be one that does not count here. */
function unfitPins(requirement: string, pins: readonly Pin[]): { requirement: string; actual: string }[] {
  const name = requiredName(requirement);
  const there = pins.filter((pin) => pin.name === name);
  const read = readRequirement(requirement);
  if (there.length === 0 || 'fault' in read || read.requirement.url !== undefined || read.requirement.marker !== undefined) return [];
  const { specifier } = read.requirement;
  if (there.some(({ version }) => versionFits(version, specifier) !== false)) return [];
  return [{ requirement, actual: there.map(({ where }) => where).join(', ') }];
}
