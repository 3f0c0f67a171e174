import type { Artifact, Json } from '@waybill/artifacts';
import { parseWheelName } from '@waybill/distributions';
import type { StageContext } from '@waybill/plugin-kit';
import { requiredName } from '../../requirements/local-wheels';
import type { BuildWheelOptions } from './options';
import type { BuildPlan } from './plan';

/** What the record says of how the distributions came to be. No time, path or host. */
export function recordFacts(
  { options }: StageContext<BuildWheelOptions>,
  { facts, wheel, sdist }: BuildPlan,
  artifacts: readonly Artifact[],
  resolved: ReadonlyMap<string, string>,
): Record<string, Json> {
  const { project, python, lock, localRequirements, upstreamSdist, network } = facts;
  const chosen = wheel?.chosen ?? sdist?.chosen;
  const names = artifacts.filter(({ kind }) => kind === 'wheel').map(({ name }) => parseWheelName(name));
  const tags = names.flatMap((name) => name?.platformTags ?? []);
  const glibc = tags
    .map((tag) => /^manylinux_(\d+)_(\d+)_/.exec(tag))
    .filter((match) => match !== null)
    .map(([, major, minor]) => `${major!}.${minor!}`);
  return {
    backend: project.backend,
    ...(chosen && { frontend: { id: chosen.frontend.id, version: chosen.tool.version } }),
    // several Pythons build in containers: tags say which
    ...(wheel?.chosen.frontend.manyWheels
      ? { pythonTags: [...new Set(names.flatMap((name) => name?.pythonTags ?? []))].sort() }
      : { python: { implementation: python.implementation, version: python.version } }),
    reproducible: options.reproducible,
    fromSdist: options.fromSdist || upstreamSdist !== undefined,
    network: network === 'open' ? 'open' : 'closed',
    buildRequirements: lock
      ? lock.requirements.map(({ name, version, hashes }) => ({ name, version, hashes }))
      : project.requires.map((requirement) => ({ requirement, version: resolved.get(requiredName(requirement)) ?? 'unknown' })),
    ...(localRequirements.length > 0 && { localRequirements: localRequirements.map(({ name, sha256 }) => ({ name, sha256 })) }),
    ...(tags.length > 0 && { platformTags: [...new Set(tags)].sort() }),
    ...(glibc.length > 0 && { glibc: glibc.sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))[0]! }),
  };
}
