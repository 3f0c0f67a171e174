import { runtimeLine } from '../plan';
import type { Json } from '@waybill/artifacts';
import type { Finding } from '@waybill/core';
import { formatSize, largestFolders, type LeakPlace } from '../../../sealing';
import { VENDOR } from './bundle-places';
import type { PackageOutcome } from './record-facts';

/** Files named one by one; more are counted. */
const MOST_LEAKS = 20;

export interface BundleDescription {
  findings: readonly Finding[];
  summary: readonly string[];
  report: Record<string, Json | undefined>;
}

/** What people are told of a finished bundle: the last line says what it runs on. */
export function describeBundle(outcome: PackageOutcome): BundleDescription {
  const { sealed, plan, floor, prepared } = outcome;
  const files = sealed.manifest.entries.flatMap((entry) => (entry.type === 'file' ? [{ path: entry.path, size: entry.size }] : []));
  const archives = plan.archives.map(
    ({ name }, index) => `${name}: ${formatSize(sealed.archives[index]!.size)}, unpacked ${formatSize(sealed.bytes)}, ${sealed.files} files`,
  );
  return {
    findings: leakFindings(sealed.leaks),
    report: {
      treeDigest: `sha256:${sealed.digest}`,
      largestFolders: largestFolders(files).map(({ path, size }) => ({ path, size })),
      glibc: { before: floorJson(floor.before), after: floorJson(floor.after) },
      runtimeSteps: prepared.stepMs,
      pruned: prepared.pruned.length,
    },
    summary: [runtimeLine(plan.facts, outcome.options), ...archives, ...floorLine(outcome), runsOn(outcome)],
  };
}

const floorJson = ({ version, holders }: PackageOutcome['floor']['after']): Json => ({
  ...(version === undefined ? {} : { version }),
  holders: holders.map(({ path, symbol, version: needed }) => ({ path, symbol, version: needed })),
});

/** Said only when carrying host libraries raised what the bundle needs. */
function floorLine({ floor: { before, after } }: PackageOutcome): string[] {
  if (before.version === undefined || before.version === after.version) return [];
  return [`glibc before carrying host libraries: ${before.version}, after: ${after.version ?? 'none'} (${after.holders[0]?.path ?? ''})`];
}

function runsOn({ plan: { facts }, floor }: PackageOutcome): string {
  if (facts.platform.endsWith('-musl')) return 'runs on musl';
  return `runs on glibc ≥ ${floor.after.version ?? '2.17'}`;
}

/** A path of this machine in a wheel is its maker's affair; anywhere else it is ours. `build-paths` of the proof decides on both. */
function leakFindings(leaks: readonly LeakPlace[]): Finding[] {
  const byPath = new Map<string, LeakPlace[]>();
  for (const leak of leaks) byPath.set(leak.path, [...(byPath.get(leak.path) ?? []), leak]);
  return [...byPath].slice(0, MOST_LEAKS).map(([path, places]) => leakFinding(path, places[0]!));
}

function leakFinding(path: string, { offset, token, excerpt }: LeakPlace): Finding {
  const message = `holds a path of this machine at offset ${offset} (${token}): \`${excerpt}\``;
  if (path.startsWith(`${VENDOR}/`)) return { check: 'build-paths', level: 'info', path, message };
  const fix = 'build with `--remap-path-prefix` (Rust) or `-ffile-prefix-map` (C), and write relative paths into texts';
  return { check: 'build-paths', level: 'warning', path, message, fix };
}
