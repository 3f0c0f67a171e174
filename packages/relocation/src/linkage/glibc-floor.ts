import type { ElfFacts } from '@waybill/binary';
import { compareDotted, glibcOfVersion, manylinuxTag } from '@waybill/distributions';
import type { BundleFacts } from '../bundle-facts';

export interface FloorHolder {
  path: string;
  /** One symbol that needs it; empty when the facts hold no symbols, or when the file asks for the version without a symbol. */
  symbol: string;
  version: string;
  /** It asks for a mark, not a number: systems of an older number may have that too. */
  marked?: true;
}

/** Lowest glibc on which every file of the tree loads, and the files and symbols that hold it there. */
export interface GlibcFloor {
  /** `2.35`; absent when no file needs glibc. */
  version?: string;
  /** The same by numbers alone: below it the bundle runs nowhere. */
  surely?: string;
  /** Files that need just that version, sorted by path. */
  holders: readonly FloorHolder[];
  /** `manylinux_2_35_x86_64`. */
  manylinuxTag?: string;
}

/** What files ask of glibc, version by version. Weak needs do not count: ld.so only warns. */
export function glibcNeeds(facts: BundleFacts): FloorHolder[] {
  return wanted(facts).flatMap(({ path, elf, version }) => {
    const need = glibcOfVersion(version);
    if (typeof need !== 'object') return [];
    const symbol = elf.symbols.find((one) => one.version === version && !one.defined)?.name;
    return [{ path, version: need.glibc, symbol: symbol ?? (need.marked ? version : ''), ...(need.marked && { marked: true }) }];
  });
}

/** Versions of which nobody here knows the glibc that has them. */
export const unknownGlibcNeeds = (facts: BundleFacts): readonly { path: string; version: string }[] =>
  wanted(facts).filter(({ version }) => glibcOfVersion(version) === 'unknown');

function wanted(facts: BundleFacts): readonly { path: string; elf: ElfFacts; version: string }[] {
  return facts.entries.flatMap(({ path, elf }) => {
    const needs = elf?.versionNeeds ?? [];
    return needs.flatMap(({ versions, weak = [] }) =>
      versions.filter((version) => !weak.includes(version)).map((version) => ({ path, elf: elf!, version })),
    );
  });
}

export function glibcFloor(facts: BundleFacts): GlibcFloor {
  const needs = glibcNeeds(facts);
  const version = highest(needs);
  if (version === undefined) return { holders: [] };
  const holders = needs.filter((need) => need.version === version);
  const tag = manylinuxTag(version, facts.platform);
  const surely = highest(needs.filter(({ marked }) => !marked));
  return { version, holders, ...(surely !== undefined && { surely }), ...(tag !== undefined && { manylinuxTag: tag }) };
}

const highest = (needs: readonly FloorHolder[]): string | undefined =>
  needs
    .map(({ version }) => version)
    .reduce<string | undefined>((most, next) => (most === undefined || compareDotted(next, most) > 0 ? next : most), undefined);
