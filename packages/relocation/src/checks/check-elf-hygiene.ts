import type { ElfFacts } from '@waybill/binary';
import type { BundleEntry } from '../bundle-facts';
import type { CheckOutcome, StaticCheck } from '../check-result';
import { FindingList } from './finding-list';

const PT_LOAD = 1;
const SETUID = 0o4000;
const SETGID = 0o2000;
/** x86-64-v2 is in processors since 2009, v3 since 2013 and not in all that are sold. */
const TOLERATED_ISA_LEVEL = 2;
/** Smallest page of x86-64 and the largest of aarch64 kernels (64 KiB on some RHEL and Ubuntu kernels). */
const PAGE_BYTES = 4_096;
const LARGEST_PAGE_BYTES: Readonly<Record<string, number>> = { aarch64: 65_536 };

/** Check 6: no executable stack, text relocation, damaged segment, setuid bit or capability. */
export const checkElfHygiene: StaticCheck = (facts): CheckOutcome => {
  const list = new FindingList('elf-hygiene');
  let examined = 0;
  for (const entry of facts.entries) {
    checkPrivileges(entry, list);
    if (!entry.elf || (entry.elf.type !== 'shared' && entry.elf.type !== 'executable')) continue;
    examined += 1;
    checkCode(entry, entry.elf, list);
    checkSegments(entry.path, entry.elf, list);
  }
  const highestIsaLevel = facts.entries.reduce((most, { elf }) => Math.max(most, elf?.isaLevel ?? 0), 0);
  return { findings: list.findings, evidence: { examined, highestIsaLevel } };
};

/** With either, the kernel sets AT_SECURE, ld.so ignores `$ORIGIN`, and the host's libraries are used. As root nothing of it is seen. */
function checkPrivileges({ path, kind, mode, fileCapabilities }: BundleEntry, list: FindingList): void {
  const bits = mode & (SETUID | SETGID);
  if (kind === 'file' && bits !== 0) {
    list.error(path, `The ${mode & SETUID ? 'setuid' : 'setgid'} bit is set: ld.so ignores \`$ORIGIN\` in such a program`, {
      expected: 'neither bit',
      actual: `mode ${mode.toString(8)}`,
      fix: 'chmod u-s,g-s',
    });
  } else if (kind === 'directory' && bits !== 0) {
    list.warning(path, 'The folder hands its group on to what is put into it', { actual: `mode ${mode.toString(8)}`, fix: 'chmod g-s' });
  }
  if (fileCapabilities) list.error(path, 'The file has capabilities: ld.so ignores `$ORIGIN` in such a program', { fix: 'setcap -r' });
}

function checkCode({ path }: BundleEntry, elf: ElfFacts, list: FindingList): void {
  if (elf.executableStack) {
    list.error(path, 'The file asks for an executable stack, which hardened systems refuse', {
      fix: 'link with `-Wl,-z,noexecstack`, or `patchelf --clear-execstack`',
    });
  }
  if (elf.textRelocations) list.error(path, 'The file has text relocations, which SELinux refuses', { fix: 'compile with `-fPIC`' });
  if (elf.sectionTable === 'broken')
    list.warning(path, 'The section table is broken: the file loads, but strip and patchelf refuse it', { fix: 'build the file again' });
  const level = elf.isaLevel ?? 1;
  if (level > 1) {
    list.add(level > TOLERATED_ISA_LEVEL ? 'error' : 'warning', path, `The file runs only on processors of level x86-64-v${level}`, {
      expected: 'x86-64',
      actual: `x86-64-v${level}`,
      fix: 'compile without `-march`',
    });
  }
}

/** What `_dl_map_object_from_fd` tests before it maps. patchelf 0.18 and strip after patchelf leave such segments. */
function checkSegments(path: string, elf: ElfFacts, list: FindingList): void {
  let previous = -1;
  for (const { type, alignment, offset, virtualAddress } of elf.segments) {
    if (type !== PT_LOAD) continue;
    const at = `PT_LOAD at offset 0x${offset.toString(16)}`;
    const fix = 'build or copy the file again and patch it with patchelf 0.17.2 or ≥ 0.19, after strip';
    if (virtualAddress < previous) list.error(path, `${at} stands before a segment with a lower address`, { fix });
    previous = virtualAddress;
    if (!elf.dynamic && alignment <= 1) continue;
    if (alignment % PAGE_BYTES !== 0 || alignment === 0 || !isPowerOfTwo(alignment)) {
      list.error(path, `${at} is not aligned to pages`, { expected: `a power of two from ${PAGE_BYTES} on`, actual: `${alignment}`, fix });
    } else if (positive(virtualAddress - offset, alignment) !== 0) {
      list.error(path, `${at} does not fit its address 0x${virtualAddress.toString(16)}`, {
        expected: `the same remainder by ${alignment}`,
        actual: `${positive(virtualAddress - offset, alignment)} bytes apart`,
        fix,
      });
    } else if (alignment < (LARGEST_PAGE_BYTES[elf.architecture] ?? 0)) {
      list.warning(path, `${at} does not load on kernels with pages of 64 KiB`, { fix: 'link with `-Wl,-z,max-page-size=65536`' });
    }
  }
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}

function positive(value: number, modulus: number): number {
  return ((value % modulus) + modulus) % modulus;
}
