import type { BundleEntry, BundleFacts, BundleLayout } from '../bundle-facts';
import type { CheckOutcome, StaticCheck } from '../check-result';
import { clearsLibraryPath } from '../layout/launcher-folders';
import { analyseLinkage, type LinkageAnalysis } from '../linkage/analyse-linkage';
import { isProgram } from '../linkage/host-programs';
import { TreeIndex } from '../linkage/tree-index';
import { recordedPaths } from '../metadata/recorded-paths';
import { loaderKey, STANDARD_LOADERS } from '../policy/standard-loaders';
import { FindingList } from './finding-list';

const EXECUTABLE = 0o111;
/** A file at the top, or in a folder of programs. */
const OF_PROGRAMS = /^(?:(?:.*\/)?(?:bin|sbin|libexec)\/)?[^/]*$/;

/** Check 4: executables search the bundle first and use the standard loader. */
export const checkLoader: StaticCheck = (facts, policy): CheckOutcome => {
  const list = new FindingList('loader');
  const index = new TreeIndex(facts.entries);
  const analysis = analyseLinkage(facts);
  const loaders = STANDARD_LOADERS[loaderKey(policy.platform)] ?? [];
  const cleared = facts.layout.launcher !== undefined && clearsLibraryPath(index.entry(facts.layout.launcher)?.text);
  const recorded = recordedPaths(facts);
  const ofWheels: string[] = [];
  for (const entry of facts.entries) {
    if (!entry.elf) continue;
    checkInterpreter(entry, loaders, list);
    const exposed = throughRunpath(entry.path, analysis);
    if (exposed === undefined || cleared) continue;
    if (recorded.has(entry.path) && !isProgram(entry)) ofWheels.push(entry.path);
    else reportRunpath(entry, exposed, recorded.has(entry.path), list);
  }
  reportLibrariesOfWheels(ofWheels, list);
  checkStartable(facts, index, list);
  for (const entry of facts.entries) checkExecutable(entry, facts.layout, list);
  const programs = facts.entries.filter(isProgram);
  return {
    findings: list.findings,
    evidence: {
      programs: programs.map(({ path, elf }) => ({ path, loader: elf!.interpreter!, rpath: elf!.rpath ?? null, runpath: elf!.runpath ?? null })),
      launcherClearsLibraryPath: cleared,
    },
  };
};

function checkInterpreter({ path, elf }: BundleEntry, loaders: readonly string[], list: FindingList): void {
  if (elf?.interpreter === undefined || loaders.includes(elf.interpreter)) return;
  list.error(path, 'The program asks for a dynamic loader that other systems do not have', {
    expected: loaders.join(' or ') || 'the standard loader',
    actual: elf.interpreter,
    fix: `patchelf --set-interpreter ${loaders[0] ?? '<loader>'} (\`${path}\`)`,
  });
}

/** A need that only DT_RUNPATH leads to: any LD_LIBRARY_PATH of the caller wins over it. */
function throughRunpath(path: string, analysis: LinkageAnalysis): string | undefined {
  return analysis.files.get(path)?.resolutions.find(({ via, status }) => status === 'bundle' && via.startsWith('RUNPATH '))?.needed;
}

/** Files of wheels are left as their makers built them, and their libraries carry names that nothing else has: told in one line, for a toolkit has a hundred. */
function reportLibrariesOfWheels(paths: readonly string[], list: FindingList): void {
  if (paths.length === 0) return;
  const files = paths.length === 1 ? 'A library of a wheel finds' : `${paths.length} libraries of wheels find`;
  list.info(
    paths[0],
    `${files} others of the wheel through DT_RUNPATH, which loses to the caller’s LD_LIBRARY_PATH: left as their makers built them`,
  );
}

/** A tool that a wheel brings along (PySide6) is not what users start. */
function reportRunpath(entry: BundleEntry, needed: string, fromWheel: boolean, list: FindingList): void {
  const level = isProgram(entry) && !fromWheel ? 'error' : 'warning';
  list.add(level, entry.path, `\`${needed}\` is found through DT_RUNPATH, which loses to the caller’s LD_LIBRARY_PATH`, {
    expected: 'DT_RPATH, or a launcher that clears LD_LIBRARY_PATH',
    actual: `DT_RUNPATH ${entry.elf!.runpath}`,
    fix: `patchelf --force-rpath --set-rpath '${entry.elf!.runpath}' (\`${entry.path}\`)`,
  });
}

/** Programs are started from where programs lie; elsewhere they are data of somebody. */
function checkExecutable(entry: BundleEntry, { launcher, program, python }: BundleLayout, list: FindingList): void {
  const { path, mode } = entry;
  const isOther = ![launcher, program, python].includes(path);
  if (!isOther || !isProgram(entry) || (mode & EXECUTABLE) !== 0 || !OF_PROGRAMS.test(path)) return;
  list.error(path, 'The file is a program and nobody may execute it', {
    expected: 'mode 0755',
    actual: `mode 0${mode.toString(8)}`,
    fix: 'chmod 0755',
  });
}

function checkStartable({ layout }: BundleFacts, index: TreeIndex, list: FindingList): void {
  for (const path of new Set([layout.launcher, layout.program, layout.python])) {
    const entry = path === undefined ? undefined : index.entry(path);
    if (entry?.kind === 'file' && (entry.mode & EXECUTABLE) === 0) {
      list.error(path, 'The file is what starts the application and nobody may execute it', {
        expected: 'mode 0755',
        actual: `mode 0${entry.mode.toString(8)}`,
        fix: 'chmod 0755',
      });
    }
  }
}
