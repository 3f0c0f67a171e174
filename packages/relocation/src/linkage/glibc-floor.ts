import { compareDotted, manylinuxTag } from '@waybill/distributions';
import type { BundleFacts } from '../bundle-facts';

export interface FloorHolder {
  path: string;
  /** One symbol that needs it; empty when the facts hold no symbols, or when the file asks for the version without a symbol. */
  symbol: string;
  version: string;
}

/** Lowest glibc on which every file of the tree loads, and the files and symbols that hold it there. */
export interface GlibcFloor {
  /** `2.35`; absent when no file needs glibc. */
  version?: string;
  /** Files that need just that version, sorted by path. */
  holders: readonly FloorHolder[];
  /** `manylinux_2_35_x86_64`. */
  manylinuxTag?: string;
}

/** Versions that are no numbers, and the glibc that first had them (glibc 2.36 NEWS: DT_RELR). */
const NAMED_VERSIONS: Readonly<Record<string, string>> = { GLIBC_ABI_DT_RELR: '2.36' };

/** What files ask of glibc, version by version. Weak needs do not count: ld.so only warns. */
export function glibcNeeds(facts: BundleFacts): FloorHolder[] {
  return facts.entries.flatMap(({ path, elf }) => {
    if (!elf) return [];
    return elf.versionNeeds.flatMap(({ versions, weak = [] }) =>
      versions
        .filter((version) => version.startsWith('GLIBC_') && !weak.includes(version))
        .flatMap((wanted) => {
          const version = NAMED_VERSIONS[wanted] ?? wanted.slice('GLIBC_'.length);
          if (!/^\d+(\.\d+)+$/.test(version)) return [];
          return [
            {
              path,
              version,
              symbol: elf.symbols.find((symbol) => symbol.version === wanted && !symbol.defined)?.name ?? (wanted in NAMED_VERSIONS ? wanted : ''),
            },
          ];
        }),
    );
  });
}

export function glibcFloor(facts: BundleFacts): GlibcFloor {
  const needs = glibcNeeds(facts);
  const version = needs
    .map((need) => need.version)
    .reduce<string | undefined>((most, next) => (most === undefined || compareDotted(next, most) > 0 ? next : most), undefined);
  if (version === undefined) return { holders: [] };
  const holders = needs.filter((need) => need.version === version);
  const tag = manylinuxTag(version, facts.platform);
  return { version, holders, ...(tag === undefined ? {} : { manylinuxTag: tag }) };
}
