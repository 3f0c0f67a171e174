import { runtimeLine } from '../plan';
import type { Json } from '@waybill/artifacts';
import type { Finding } from '@waybill/core';
import { formatSize, largestFolders, type LeakPlace } from '../../../sealing';
import { unusedEntries } from '../../../runtime/preparation/selection/match-paths';
import { DESKTOP, idleEntries, isOfDesktop } from '../../../libraries';
import { isOfWheels } from '../../../requirements';
import { VENDOR } from './bundle-places';
import type { PackageOutcome } from './record-facts';

export interface BundleDescription {
  findings: readonly Finding[];
  summary: readonly string[];
  report: Record<string, Json | undefined>;
}

const SHOWN_OF_DESKTOP = 8;

/** What people are told of a finished bundle: the last line says what it runs on. */
export function describeBundle(outcome: PackageOutcome): BundleDescription {
  const { sealed, plan, floor, prepared } = outcome;
  const files = sealed.manifest.entries.flatMap((entry) => (entry.type === 'file' ? [{ path: entry.path, size: entry.size }] : []));
  const archives = plan.archives.map(
    ({ name }, index) => `${name}: ${formatSize(sealed.archives[index]!.size)}, unpacked ${formatSize(sealed.bytes)}, ${sealed.files} files`,
  );
  return {
    findings: [...leakFindings(sealed.leaks), ...dropFindings(outcome), ...idleFindings(outcome), ...plan.facts.leftOut.map(leftOutFinding)],
    report: {
      treeDigest: `sha256:${sealed.digest}`,
      largestFolders: largestFolders(files).map(({ path, size }) => ({ path, size })),
      glibc: { before: floorJson(floor.before), after: floorJson(floor.after) },
      runtimeSteps: prepared.stepMs,
      pruned: outcome.pruned.length,
      ...(outcome.fromHost.length === 0 ? {} : { fromHost: [...outcome.fromHost] }),
    },
    summary: [runtimeLine(plan.facts, outcome.options), ...archives, ...floorLine(outcome), runsOn(outcome)],
  };
}

const floorJson = ({ version, holders }: PackageOutcome['floor']['after']): Json => ({
  ...(version === undefined ? {} : { version }),
  holders: holders.map(({ path, symbol, version: needed }) => ({ path, symbol, version: needed })),
});

/** A list of what to leave out that is not true any more says nothing about the bundle: `distutils` is gone since Python 3.12. */
function dropFindings({ options, prepared: { home, stdlib }, pruned }: PackageOutcome): Finding[] {
  const inHome = (path: string): string => path.slice(home.length + 1);
  const paths = pruned.filter(({ path }) => path.startsWith(`${home}/`)).map(({ path }) => inHome(path));
  const unused = (entries: readonly string[], stdlibIn: string, gone: readonly string[], of: string, wanted: string): Finding[] =>
    unusedEntries(entries, stdlibIn, gone).map((entry) => ({
      check: 'prune',
      level: 'warning',
      message: `\`prune.drop\` names \`${entry}\`, which fits nothing of ${of}`,
      expected: wanted,
      actual: 'nothing was left out for it',
      fix: 'correct the name, or take the entry out',
    }));
  const { drop } = options.prune;
  const ofRuntime = drop.filter((entry) => !isOfWheels(entry));
  const ofWheels = drop.filter(isOfWheels);
  const vendored = pruned.map(({ path }) => path).filter(isOfWheels);
  return [
    ...unused(ofRuntime, inHome(stdlib), paths, 'this runtime', 'a module of the standard library, or a glob over paths below `python/runtime`'),
    ...unused(ofWheels, '', vendored, 'the wheels', 'a path or glob of files that wheels brought (their metadata and licences stay)'),
  ];
}

/** Who includes a folder may have counted on them. */
const leftOutFinding = (path: string): Finding => ({
  check: 'include',
  level: 'warning',
  path,
  message: 'stays behind: files and folders with a dot in front of their name often hold settings and secrets of a developer',
  fix: `name \`${path}\` itself in \`include\` if the application needs it, or move it out of the folder`,
});

/** Said only when carrying host libraries raised what the bundle needs. */
function floorLine({ floor: { before, after } }: PackageOutcome): string[] {
  if (before.version === undefined || before.version === after.version) return [];
  return [`glibc before carrying host libraries: ${before.version}, after: ${after.version ?? 'none'} (${after.holders[0]?.path ?? ''})`];
}

function runsOn({ plan: { facts }, floor, fromHost }: PackageOutcome): string {
  const host = ofHost(fromHost);
  if (facts.platform.endsWith('-musl')) return `runs on musl${host}`;
  return floor.after.version === undefined ? `runs on any glibc: no file of it needs one${host}` : `runs on glibc ≥ ${floor.after.version}${host}`;
}

/** The libraries that users must have: those of a desktop behind that word, any others for themselves. A desktop's are many: the first tell which it is. */
function ofHost(fromHost: readonly string[]): string {
  const desktop = fromHost.filter(isOfDesktop);
  const others = fromHost.filter((soname) => !isOfDesktop(soname));
  const shown = desktop.slice(0, SHOWN_OF_DESKTOP).join(', ');
  const more = desktop.length > SHOWN_OF_DESKTOP ? ` and ${desktop.length - SHOWN_OF_DESKTOP} more (\`fromHost\` of the manifest)` : '';
  return `${desktop.length > 0 ? `; needs a desktop: ${shown}${more}` : ''}${others.length > 0 ? `; needs of the system: ${others.join(', ')}` : ''}`;
}

/** What is asked of the host and needed by no file is a slip, or was needed once. */
function idleFindings({ options, fromHost }: PackageOutcome): Finding[] {
  return idleEntries(options.vendorLibraries, fromHost).map((entry) => ({
    check: 'needed-libraries',
    level: 'warning',
    message: `\`vendorLibraries.fromHost\` names \`${entry}\`, and no file of the bundle needs ${entry === DESKTOP ? 'a library of a desktop' : 'it'}`,
    expected: 'a library that a file of the bundle needs and the bundle does not hold',
    actual: 'nothing is taken from the host for it',
    fix: 'correct the name, or take the entry out',
  }));
}

/** A path of this machine in a wheel is its maker's affair; anywhere else it is ours. `build-paths` of the proof decides on both. */
function leakFindings(leaks: readonly LeakPlace[]): Finding[] {
  const byPath = new Map<string, LeakPlace[]>();
  for (const leak of leaks) byPath.set(leak.path, [...(byPath.get(leak.path) ?? []), leak]);
  return [...byPath].map(([path, places]) => leakFinding(path, places[0]!));
}

function leakFinding(path: string, { offset, token, excerpt }: LeakPlace): Finding {
  const message = `holds a path of this machine at offset ${offset} (${token}): \`${excerpt}\``;
  if (path.startsWith(`${VENDOR}/`)) return { check: 'build-paths', level: 'info', path, message };
  const fix = 'build with `--remap-path-prefix` (Rust) or `-ffile-prefix-map` (C), and write relative paths into texts';
  return { check: 'build-paths', level: 'warning', path, message, fix };
}
