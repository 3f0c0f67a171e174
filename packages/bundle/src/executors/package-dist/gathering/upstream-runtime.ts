import type { UpstreamArtifact } from '@waybill/plugin-kit';
import { basename } from 'node:path/posix';
import { bundleErrors } from '../../../errors/bundle-errors';
import type { PreparedRuntime } from '../../../runtime';
import { isFromHost } from '../../../libraries';
import { isOfWheels } from '../../../requirements';
import type { PackageDistOptions } from '../options';

/** What `prepare-runtime` records: the options that shaped the runtime, and what came of it. */
interface RuntimeRecordFacts {
  options?: { prune?: unknown; strip?: unknown; pyc?: unknown; runtime?: unknown; vendorLibraries?: unknown };
  prepared?: PreparedRuntime;
}

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  ) ?? 'nothing';

/** What is left out of wheels is no affair of a runtime. */
const ofRuntime = (prune: PackageDistOptions['prune'] | undefined): unknown =>
  prune && { ...prune, drop: prune.drop.filter((entry) => !isOfWheels(entry)) };

/** What an application takes from the host keeps no runtime from serving it, unless the runtime carries just that. */
const withoutHost = (options: object | undefined): unknown => options && { ...options, fromHost: undefined };
const carriedFor = (prepared: PreparedRuntime | undefined): string[] => (prepared?.carried ?? []).map(({ path }) => basename(path));

/** The options of both targets that shape a runtime, and how they differ. Lists and keys in any order are equal. */
function differences(
  artifact: UpstreamArtifact,
  options: PackageDistOptions,
  platform: string,
): { what: string; expected: string; actual: string }[] {
  const facts = artifact.record.facts as RuntimeRecordFacts;
  const recorded = facts.options ?? {};
  const pairs: [string, unknown, unknown][] = [
    ['platform', platform, artifact.platform],
    ['runtime', options.runtime, recorded.runtime],
    ['prune', ofRuntime(options.prune), ofRuntime(recorded.prune as PackageDistOptions['prune'] | undefined)],
    ['strip', options.strip, recorded.strip],
    ['pyc', options.pyc, recorded.pyc],
    ['vendorLibraries', withoutHost(options.vendorLibraries), withoutHost(recorded.vendorLibraries as object | undefined)],
    ['vendorLibraries.fromHost', [], carriedFor(facts.prepared).filter((soname) => isFromHost(soname, options.vendorLibraries))],
  ];
  return pairs
    .map(([what, expected, actual]) => ({ what: `\`${what}\``, expected: canonical(expected), actual: canonical(actual) }))
    .filter(({ expected, actual }) => expected !== actual);
}

/**
 * The runtime that a target prepared which this one depends on; `undefined` when there is none. One that does not fit is an error,
 * never passed over. In a dry run of the whole chain it is only planned: `prepared` is absent then.
 */
export function findUpstreamRuntime(
  upstream: readonly UpstreamArtifact[],
  options: PackageDistOptions,
  platform: string,
): { artifact: UpstreamArtifact; prepared?: PreparedRuntime } | undefined {
  const artifact = upstream.find(({ kind }) => kind === 'runtime');
  if (artifact === undefined) return undefined;
  const { prepared } = artifact.record.facts as RuntimeRecordFacts;
  if (prepared === undefined && /^0+$/.test(artifact.sha256)) return { artifact };
  const found = differences(artifact, options, platform);
  if (found.length > 0 || prepared === undefined) {
    const target = `${artifact.project}:${artifact.target}`;
    throw bundleErrors.error('BUNDLE_RUNTIME_ARTIFACT', { artifact: artifact.name, target, differences: found });
  }
  return { artifact, prepared };
}
