import type { BundleEntry, BundleFacts } from '../bundle-facts';
import type { CheckOutcome, StaticCheck } from '../check-result';
import { analyseLinkage, type LinkageAnalysis, type LinkFailure } from '../linkage/analyse-linkage';
import { isLibpython } from '../linkage/host-programs';
import { baseName } from '../linkage/tree-index';
import { isSystemLibrary } from '../policy/system-libraries';
import { FindingList } from './finding-list';

/** Check 2: every needed library resolves in the bundle or is part of the system. */
export const checkNeededLibraries: StaticCheck = (facts, policy): CheckOutcome => {
  const analysis = analyseLinkage(facts);
  const list = new FindingList('needed-libraries');
  const carried = carriedFiles(facts);
  const isFromHost = ({ resolution: { needed, status } }: LinkFailure): boolean => status === 'missing' && policy.fromHost?.includes(needed) === true;
  for (const failure of analysis.failures.filter((one) => !isFromHost(one))) reportFailure(failure, carried, list);
  for (const partial of analysis.partial.filter((one) => !isFromHost(one))) reportPartial(partial, facts, list);
  const fromHost = reportFromHost(policy.fromHost ?? [], analysis.failures.filter(isFromHost), list);
  checkVersions(facts, analysis, list);
  checkCarriedSystem(facts, policy.platform, list);
  checkOneLibpython(facts, list);
  return { findings: list.findings, evidence: { ...gatherEvidence(analysis), ...(fromHost.length === 0 ? {} : { fromHost }) } };
};

/** What the manifest leaves to the host is told in one line; a name that no file needs would excuse what nobody asked for. Returns the names that are needed. */
function reportFromHost(declared: readonly string[], needs: readonly LinkFailure[], list: FindingList): string[] {
  const needed = declared.filter((soname) => needs.some(({ resolution }) => resolution.needed === soname));
  if (needed.length > 0) {
    const files = new Set(needs.map(({ path }) => path)).size;
    list.info(
      undefined,
      `${files} file${files === 1 ? ' needs' : 's need'} what is taken from the host, as the manifest says: ${needed.map((soname) => `\`${soname}\``).join(', ')}`,
    );
  }
  for (const soname of declared.filter((name) => !needed.includes(name))) {
    list.warning(undefined, `the manifest takes \`${soname}\` from the host, and no file of the bundle needs it`, {
      fix: 'package the bundle again: packaging names only what is needed',
    });
  }
  return needed;
}

/** File name or SONAME of each ELF file → its path. */
function carriedFiles(facts: BundleFacts): Map<string, string> {
  const carried = new Map<string, string>();
  for (const { path, elf } of facts.entries) {
    for (const name of elf ? [baseName(path), elf.soname ?? baseName(path)] : []) if (!carried.has(name)) carried.set(name, path);
  }
  return carried;
}

function reportFailure({ path, resolution, chain }: LinkFailure, files: ReadonlyMap<string, string>, list: FindingList): void {
  const loaded = chain.at(-1) === path ? '' : `, loaded by \`${chain.at(-1)}\``;
  if (resolution.status === 'outside') {
    list.error(path, `\`${resolution.needed}\` leads out of the bundle (${resolution.via})${loaded}`, {
      expected: 'a file of the bundle',
      actual: resolution.needed,
      fix: `patchelf --replace-needed '${resolution.needed}' '${baseName(resolution.needed)}'`,
    });
    return;
  }
  const carried = files.get(resolution.needed);
  list.error(path, `\`${resolution.needed}\` is not found${loaded} (${resolution.via})`, {
    expected: carried === undefined ? 'a file of the bundle, or a library of glibc' : `\`${carried}\`, which no search path reaches`,
    actual: 'the host’s own, if it has one',
    fix:
      carried === undefined
        ? `carry \`${resolution.needed}\` in \`lib/\` (\`vendorLibraries\`)`
        : `add the folder of \`${carried}\` to the DT_RPATH of \`${path}\` or of the program`,
  });
}

/** The program that users start must find everything that the bundle's other programs find. */
function reportPartial({ path, resolution, chain, host }: LinkFailure & { host: string }, facts: BundleFacts, list: FindingList): void {
  const level = host === facts.layout.program ? 'error' : 'warning';
  list.add(level, chain.at(-1), `\`${host}\` does not find \`${resolution.needed}\`, which \`${path}\` needs; another program of the bundle does`, {
    fix: `give \`${host}\` the same DT_RPATH as the program that finds it`,
  });
}

/** ld.so refuses a library that lacks a version which was linked against. A library without any versions only makes it warn. */
function checkVersions(facts: BundleFacts, analysis: LinkageAnalysis, list: FindingList): void {
  const byPath = new Map(facts.entries.map((entry) => [entry.path, entry]));
  for (const { path, resolutions } of analysis.files.values()) {
    for (const { needed, path: target } of resolutions) {
      const definitions = target === undefined ? [] : (byPath.get(target)?.elf?.versionDefinitions ?? []);
      const need = byPath.get(path)?.elf?.versionNeeds.find(({ library }) => library === needed);
      if (!need || definitions.length === 0) continue;
      const lacking = need.versions.filter((version) => !definitions.includes(version) && !need.weak?.includes(version));
      if (lacking.length > 0) {
        list.error(path, `\`${target}\` lacks ${lacking.map((version) => `\`${version}\``).join(', ')}`, {
          expected: lacking[0]!,
          actual: `at most \`${definitions.at(-1)}\``,
          fix: `carry the newer \`${needed}\``,
        });
      }
    }
  }
}

/** A second libc in one process: the carried one does not fit the system's ld.so. */
function checkCarriedSystem(facts: BundleFacts, platform: string, list: FindingList): void {
  for (const { path, kind, elf } of facts.entries) {
    const name = elf?.type === 'shared' ? (elf.soname ?? baseName(path)) : undefined;
    if (kind === 'file' && name !== undefined && isSystemLibrary(platform, name)) {
      list.error(path, `The bundle carries \`${name}\`, which must be the system’s own`, {
        fix: 'remove it: it must come from the same build as the system’s ld.so',
      });
    }
  }
}

function checkOneLibpython(facts: BundleFacts, list: FindingList): void {
  const copies: BundleEntry[] = facts.entries.filter(({ kind, elf }) => kind === 'file' && elf?.type === 'shared' && isLibpython(elf.soname));
  const [first, ...others] = copies;
  for (const copy of others) {
    list.error(copy.path, `libpython is in the bundle twice, here and as \`${first!.path}\``, {
      expected: 'one',
      actual: `${copies.length}`,
      fix: 'leave one; two interpreters in one process crash',
    });
  }
}

function gatherEvidence(analysis: LinkageAnalysis): CheckOutcome['evidence'] {
  const all = [...analysis.files.values()].flatMap(({ resolutions }) => resolutions);
  const count = (status: string): number => all.filter((resolution) => resolution.status === status).length;
  return {
    files: analysis.files.size,
    programs: analysis.hosts.map(({ path }) => path),
    needed: all.length,
    inBundle: count('bundle'),
    ofSystem: count('system'),
    systemLibraries: [...new Set(all.filter(({ status }) => status === 'system').map(({ needed }) => needed))].sort(),
  };
}
