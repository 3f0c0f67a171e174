import { compareDotted, compilerRuntimesFor, legacyTag, manylinuxTag } from '@waybill/distributions';
import type { BundleFacts } from '../bundle-facts';
import type { CheckOutcome, StaticCheck } from '../check-result';
import { analyseLinkage } from '../linkage/analyse-linkage';
import { glibcFloor, glibcNeeds, unknownGlibcNeeds, type FloorHolder } from '../linkage/glibc-floor';
import { FindingList } from './finding-list';

const FAMILIES = ['GLIBCXX', 'CXXABI', 'GCC'] as const;

/** Check 5: no file needs a newer glibc than declared. Without a declared one the floor is reported. */
export const checkGlibcFloor: StaticCheck = (facts, policy): CheckOutcome => {
  const list = new FindingList('glibc-floor');
  const floor = glibcFloor(facts);
  const declared = policy.glibc?.replace(/^glibc/, '');
  if (declared !== undefined) for (const holder of worstPerFile(facts, declared)) reportHolder(holder, declared, policy.platform, list);
  for (const { path, version } of unknownGlibcNeeds(facts)) {
    list.error(path, `The file needs \`${version}\` of glibc, and nothing tells which glibc has it`, {
      expected: 'a numbered version, or a mark of the linker that is known',
      actual: version,
      fix: 'build the file on an older system, or switch off what the linker marks so',
    });
  }
  for (const { path, elf } of facts.entries) {
    if (elf?.versionNeeds.some(({ versions }) => versions.includes('GLIBC_PRIVATE'))) {
      list.error(path, 'The file needs `GLIBC_PRIVATE`, which fits one build of glibc only', {
        fix: 'leave the file out: it is a part of glibc itself',
      });
    }
  }
  checkCompilerRuntimes(facts, declared ?? floor.version, policy.platform, list);
  return {
    findings: list.findings,
    evidence: {
      declared: declared ?? null,
      floor: floor.version ?? null,
      manylinuxTag: floor.manylinuxTag ?? null,
      legacyTag: floor.version === undefined ? null : (legacyTag(floor.version, policy.platform) ?? null),
      holders: floor.holders.slice(0, 20).map(({ path, symbol, version }) => ({ path, symbol, version })),
    },
  };
};

/** Of each file the newest version that is too new. */
function worstPerFile(facts: BundleFacts, declared: string): FloorHolder[] {
  const worst = new Map<string, FloorHolder>();
  for (const need of glibcNeeds(facts)) {
    if (compareDotted(need.version, declared) <= 0) continue;
    const known = worst.get(need.path);
    if (!known || compareDotted(need.version, known.version) > 0) worst.set(need.path, need);
  }
  return [...worst.values()];
}

function reportHolder({ path, symbol, version }: FloorHolder, declared: string, platform: string, list: FindingList): void {
  const tag = manylinuxTag(version, platform);
  list.error(path, `The file needs glibc ${version}${symbol === '' ? '' : ` for \`${symbol}\``}`, {
    expected: `at most glibc ${declared}`,
    actual: `GLIBC_${version}${tag === undefined ? '' : ` (${tag})`}`,
    fix: `build it against glibc ${declared}, or declare \`--glibc=glibc${version}\``,
  });
}

/** libstdc++ and libgcc_s of the system, where the bundle does not carry them: they age with the distribution as glibc does. */
function checkCompilerRuntimes(facts: BundleFacts, glibc: string | undefined, platform: string, list: FindingList): void {
  if (glibc === undefined) return;
  const offered = compilerRuntimesFor(glibc, platform.split('-')[1]);
  const { files } = analyseLinkage(facts);
  const sonames = new Set(facts.entries.flatMap((entry) => entry.elf?.soname ?? []));
  for (const { path, elf } of facts.entries) {
    for (const { library, versions } of elf?.versionNeeds ?? []) {
      const carried = files.get(path)?.resolutions.some(({ needed, status }) => needed === library && status === 'bundle') ?? false;
      if (carried || sonames.has(library)) continue;
      for (const family of FAMILIES) reportFamily(path, library, family, versions, offered[family], { glibc, platform }, list);
    }
  }
}

function reportFamily(
  path: string,
  library: string,
  family: string,
  versions: readonly string[],
  offered: string,
  base: { glibc: string; platform: string },
  list: FindingList,
): void {
  const numbers = versions
    .filter((version) => version.startsWith(`${family}_`))
    .map((version) => version.slice(family.length + 1))
    .filter((version) => /^\d+(\.\d+)*$/.test(version));
  const newest = numbers.sort(compareDotted).at(-1);
  if (newest === undefined || compareDotted(newest, offered) <= 0) return;
  list.error(path, `The file needs \`${family}_${newest}\` of the system’s \`${library}\``, {
    expected: `at most ${family}_${offered}, which systems with glibc ${base.glibc} have`,
    actual: `${family}_${newest}`,
    fix: `carry \`${library}\` in \`lib/\` (\`vendorLibraries\`)`,
  });
}
