import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PrunedEntry } from '@waybill/artifacts';
import type { Finding, WaybillError } from '@waybill/core';
import type { BundleFacts } from '@waybill/relocation';
import { bundleErrors } from '../errors/bundle-errors';
import { describeLibraries, placeLibraries } from './carry-libraries';
import { collectNeeds, refuseGlibc, type LibraryNeed, type Needs } from './collect-needs';
import { HostLibraries, type HostLibrary } from './find-host-library';
import { decideByName, LibraryClosures, ownFoldersOf, type Refusal } from './library-closure';
import type { VendoredLibraries, VendorLibrariesOptions, VendorLibrariesRequest } from './vendor-types';

interface Decision {
  libraries: HostLibrary[];
  dropped: PrunedEntry[];
  findings: Finding[];
  refused: { refusal: Refusal; neededBy: string }[];
}

const inWords: { [K in Refusal['kind']]: (refusal: Extract<Refusal, { kind: K }>) => string } = {
  denied: ({ soname, reason }) => `\`${soname}\`, which is not carried: ${reason}`,
  missing: ({ soname }) => `\`${soname}\`, which this machine does not have`,
  unlicensed: ({ soname }) => `\`${soname}\`, whose licence is not known`,
};

const wordsOf = (refusal: Refusal): string => (inWords[refusal.kind] as (refusal: Refusal) => string)(refusal);

const SHOWN = 3;

/** `a`, `b`, `c` and 4 more. */
const namesOf = (paths: readonly string[]): string =>
  `${paths
    .slice(0, SHOWN)
    .map((path) => `\`${path}\``)
    .join(', ')}${paths.length > SHOWN ? ` and ${paths.length - SHOWN} more` : ''}`;

/**
 * The error of the first library that is refused, with the others, each once and with the files that need it: a program of a desktop has twenty. Those without a licence
 * come last: a file that goes for want of another library needs none.
 */
function errorOf(refused: [Decision['refused'][number], ...Decision['refused']]): WaybillError {
  const { refusal, neededBy } = refused.find((one) => one.refusal.kind !== 'unlicensed') ?? refused[0];
  const { soname } = refusal;
  const filesOf = (name: string): string[] => [...new Set(refused.filter((one) => one.refusal.soname === name).map((one) => one.neededBy))];
  const first = filesOf(soname).slice(1);
  const also = [
    ...(first.length === 0 ? [] : [`so ${first.length === 1 ? 'does' : 'do'} ${namesOf(first)}`]),
    ...uniqueBy(refused, (other) => other.refusal.soname)
      .filter((other) => other.refusal.soname !== soname)
      .map((other) => {
        const files = filesOf(other.refusal.soname);
        return `${namesOf(files)} ${files.length === 1 ? 'needs' : 'need'} ${wordsOf(other.refusal)}`;
      }),
  ];
  if (refusal.kind === 'denied')
    return bundleErrors.error('BUNDLE_LIBRARY_DENIED', { soname, neededBy, reason: refusal.reason, desktop: refusal.desktop ?? false, also });
  if (refusal.kind === 'missing') return bundleErrors.error('BUNDLE_LIBRARY_MISSING', { soname, neededBy, searched: refusal.searched, also });
  return bundleErrors.error('BUNDLE_LIBRARY_LICENCE', { soname, file: refusal.file, neededBy, also });
}

/** A file whose library is refused: dropped when it is optional, said when the user wanted it so, an error at the end otherwise (`true`: its other libraries matter still). */
function refuse(need: LibraryNeed, refusal: Refusal, request: VendorLibrariesRequest, decision: Decision): boolean {
  const byUser = refusal.kind === 'denied' && refusal.byUser;
  const optional = request.dispensable?.(need.path, byUser);
  if (optional) {
    const reason = `${optional.reason} needs ${wordsOf(refusal)}`;
    decision.dropped.push(...[need.path, ...optional.alsoDrop].map((path) => ({ path, reason })));
    return false;
  }
  if (!byUser) {
    decision.refused.push({ refusal, neededBy: need.path });
    return true;
  }
  decision.findings.push({
    check: 'needed-libraries',
    level: 'warning',
    path: need.path,
    message: `needs ${wordsOf(refusal)}`,
    fix: `remove \`${refusal.soname}\` from \`vendorLibraries.deny\`, or leave the file out`,
  });
  return false;
}

async function decideNeed(
  need: LibraryNeed,
  found: Needs,
  closures: LibraryClosures,
  request: VendorLibrariesRequest,
  decision: Decision,
): Promise<void> {
  const libraries: HostLibrary[] = [];
  for (const soname of need.sonames) {
    const elsewhere = found.elsewhere(soname);
    if (elsewhere) {
      decision.findings.push({
        check: 'needed-libraries',
        level: 'info',
        path: need.path,
        message: `needs \`${soname}\`, which the bundle holds as \`${elsewhere}\`: loaded by its package, not carried`,
      });
      continue;
    }
    const closure = await closures.resolve(soname, need.elf, ownFoldersOf(need.elf));
    if (closure.ok) libraries.push(...closure.libraries);
    else if (!refuse(need, closure.refusal, request, decision)) return;
  }
  decision.libraries.push(...libraries);
}

const uniqueBy = <T>(items: readonly T[], key: (item: T) => string): T[] => [...new Map(items.map((item) => [key(item), item])).values()];

/** What was decided on and is in its place; names and licences are asked for when they are wanted. */
export interface PlacedLibraries {
  /** Names of the libraries that are now in `lib/`. */
  sonames: readonly string[];
  /** Removed from the tree because what they need is denied or absent. Sorted by path. */
  dropped: readonly PrunedEntry[];
  /** Asks the machine's package databases. Once. */
  describe(): Promise<Pick<VendoredLibraries, 'carried' | 'findings'>>;
}

/**
 * Copies into `lib/` what the tree's native files need of this machine beyond glibc. Files whose libraries are refused are removed when
 * they are optional. Throws `BUNDLE_LIBRARY_*`. Called again after files were added, it carries only what is new.
 */
export async function placeHostLibraries(request: VendorLibrariesRequest): Promise<PlacedLibraries> {
  refuseGlibc(request.facts);
  if (!request.options.enabled) return { sonames: [], dropped: [], describe: async () => ({ carried: [], findings: [] }) };
  const found = collectNeeds(request.facts);
  const host = new HostLibraries(request.searchFolders, request.ports);
  const closures = new LibraryClosures(request.facts.platform, request.options, host, found.provided);
  const decision: Decision = { libraries: [], dropped: [], findings: [], refused: [] };
  for (const need of found.needs) await decideNeed(need, found, closures, request, decision);
  const [first, ...others] = decision.refused;
  if (first !== undefined) throw errorOf([first, ...others]);
  const dropped = uniqueBy(decision.dropped, ({ path }) => path).sort((left, right) => (left.path < right.path ? -1 : 1));
  for (const { path } of dropped) rmSync(join(request.bundleRoot, path), { recursive: true, force: true });
  const libraries = uniqueBy(decision.libraries, ({ soname }) => soname);
  await placeLibraries(libraries, request);
  return {
    sonames: libraries.map(({ soname }) => soname),
    dropped,
    async describe() {
      const { carried, findings } = await describeLibraries(libraries, request);
      return { carried, findings: [...decision.findings, ...findings] };
    },
  };
}

/** SONAMEs that files of a finished tree need and that the user wants from the system the bundle runs on. Sorted. */
export function librariesFromHost(facts: BundleFacts, options: VendorLibrariesOptions): string[] {
  const open = collectNeeds(facts).needs.flatMap(({ sonames }) => sonames);
  return [...new Set(open)].filter((soname) => decideByName(soname, options) === 'host').sort();
}

/** The same with names, versions and licence texts at once. */
export async function vendorLibraries(request: VendorLibrariesRequest): Promise<VendoredLibraries> {
  const { dropped, describe } = await placeHostLibraries(request);
  return { dropped, ...(await describe()) };
}
