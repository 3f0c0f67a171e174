import type { BundleEntry, BundleFacts } from '../bundle-facts';
import type { CheckOutcome, StaticCheck } from '../check-result';
import { baseName } from '../linkage/tree-index';
import { FindingList } from './finding-list';

const LIBRARY_NAME = /\.so(?:\.\d+)*$/;
/** Of Python’s name for a system with another C library. */
const MUSL_TAG = /\.cpython-[^/]*-linux-musl[^/]*\.so$/;
const GNU_TAG = /\.cpython-[^/]*-linux-gnu[^/]*\.so$/;
/** `m.cpython-311-x86_64-linux-gnu.so`, `m.abi3.so`, `m.abi3t.so`, `m.so`. */
const MODULE_NAME = /^(.*?)(?:\.cpython-(\d)(\d+)([a-z]*)[^/]*|\.(abi3t?)(?:-[^/]*)?)?\.so$/;
const PT_LOAD = 1;
/** ELFOSABI_NONE and ELFOSABI_GNU; ARM marks its files with 97. */
const LINUX_OS_ABI: ReadonlySet<number> = new Set([0, 3, 97]);

/** Check 1: every native file parses and is made for the target. */
export const checkBinaryFormat: StaticCheck = (facts, policy): CheckOutcome => {
  const target = policy.platform.split('-')[1] ?? '';
  const list = new FindingList('binary-format');
  for (const entry of facts.entries) if (entry.kind === 'file') checkFile(entry, target, list);
  checkModuleTags(facts, list);
  checkModuleSystems(facts, policy.platform, list);
  const elf = facts.entries.filter((entry) => entry.elf);
  if (elf.length === 0)
    list.error(undefined, 'The bundle holds no ELF file', { expected: 'a native launcher, program or interpreter', actual: 'none' });
  return {
    findings: list.findings,
    evidence: { elfFiles: elf.length, architectures: countArchitectures(facts), refused: facts.entries.filter((entry) => entry.elfRefusal).length },
  };
};

function checkFile(entry: BundleEntry, target: string, list: FindingList): void {
  const { path, elf, elfRefusal } = entry;
  if (elfRefusal) {
    list.error(path, `The file is no usable ELF file: ${elfRefusal.message} (offset ${elfRefusal.offset})`, {
      expected: 'a whole ELF file',
      actual: elfRefusal.reason,
      fix: 'copy or build the file again',
    });
  } else if (elf) {
    checkTarget(entry, target, list);
  } else if (LIBRARY_NAME.test(baseName(path))) {
    checkFalseLibrary(entry, list);
  } else if (entry.content === 'mach-o' || entry.content === 'pe') {
    list.info(path, `The file is made for ${entry.content === 'pe' ? 'Windows' : 'macOS'} and is dead weight on Linux`);
  }
}

function checkTarget({ path, elf }: BundleEntry, target: string, list: FindingList): void {
  const actual = `${elf!.architecture}, ${elf!.bits} bit, ${elf!.endianness} endian`;
  const fits = elf!.architecture === target && elf!.bits === 64 && elf!.endianness === 'little';
  const fix = `install the file for ${target}, or remove it`;
  if (!fits && elf!.type === 'relocatable') list.info(path, 'An object file is for another machine; nothing loads it', { actual });
  else if (!fits) list.error(path, 'The file is made for another machine', { expected: `${target}, 64 bit, little endian`, actual, fix });
  else if (!LINUX_OS_ABI.has(elf!.osAbi))
    list.error(path, 'The file is made for another operating system', { expected: 'OS/ABI 0 or 3', actual: `OS/ABI ${elf!.osAbi}`, fix });
  else if ((elf!.type === 'shared' || elf!.type === 'executable') && !elf!.segments.some(({ type }) => type === PT_LOAD)) {
    list.error(path, 'The file has no segment that is loaded', { fix: 'build the file again' });
  }
}

/** Named as a library, and none: importing or loading it fails. Text may be a linker script, which only a linker reads. */
function checkFalseLibrary({ path, content }: BundleEntry, list: FindingList): void {
  const actual =
    content === 'mach-o'
      ? 'a macOS file'
      : content === 'pe'
        ? 'a Windows file'
        : content === 'empty'
          ? 'an empty file'
          : (content ?? 'other content');
  if (content === 'text')
    list.warning(path, 'The file is named as a shared library and holds text, such as a linker script', {
      fix: 'leave it out: nothing at run time reads it',
    });
  else
    list.error(path, 'The file is named as a shared library and is none', {
      expected: 'an ELF file',
      actual,
      fix: 'copy the file again, or remove it',
    });
}

/** An extension module whose name is tagged for another series is never found by import; some packages carry one for each. */
function checkModuleTags(facts: BundleFacts, list: FindingList): void {
  if (facts.layout.pythonSeries === undefined) return;
  const series = `${facts.layout.pythonSeries}${facts.layout.freeThreaded ? 't' : ''}`;
  const usable = new Set<string>();
  const foreign: { path: string; module: string; series: string }[] = [];
  for (const { path, elf } of facts.entries) {
    const match = elf === undefined ? null : MODULE_NAME.exec(path);
    if (!match) continue;
    const tagged = taggedSeries(match, series, facts.layout.freeThreaded === true);
    if (tagged === series) usable.add(match[1]!);
    else foreign.push({ path, module: match[1]!, series: tagged });
  }
  for (const { path, module, series: tagged } of foreign) {
    const alone = !usable.has(module);
    list.add(alone ? 'error' : 'info', path, `The extension module is for Python ${tagged} and is never imported`, {
      expected: `Python ${series}`,
      actual: `Python ${tagged}`,
      fix: `install the package for Python ${series}`,
    });
  }
}

/** Python looks for modules by the tag of its own C library alone. */
function checkModuleSystems({ entries }: BundleFacts, platform: string, list: FindingList): void {
  const [own, foreign] = platform.endsWith('-musl') ? ['musl', GNU_TAG] : ['glibc', MUSL_TAG];
  const other = own === 'musl' ? 'glibc' : 'musl';
  for (const { path, elf } of entries)
    if (elf !== undefined && foreign.test(path))
      list.error(path, `The extension module is for systems with ${other} and is never imported`, {
        expected: own,
        actual: other,
        fix: `install the package for ${platform}`,
      });
}

/** Without a tag a module is for any; one for the stable ABI of interpreters with a lock is not looked for by one without. */
function taggedSeries([, , major, minor, flags = '', stable]: RegExpExecArray, series: string, freeThreaded: boolean): string {
  if (major !== undefined) return `${major}.${minor}${flags.includes('t') ? 't' : ''}`;
  return stable === 'abi3' && freeThreaded ? '3 with a lock (abi3)' : series;
}

function countArchitectures(facts: BundleFacts): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { elf } of facts.entries) if (elf) counts[elf.architecture] = (counts[elf.architecture] ?? 0) + 1;
  return counts;
}
