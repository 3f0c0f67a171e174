import type { MachOFacts, MachOSlice } from '@waybill/binary';
import type { NativeMember, WheelFacts } from '../../distribution-facts';
import { compareDotted } from '../../policy/manylinux-policies';
import type { FindingList } from '../finding-list';
import { extensionName } from './extension-modules';

/** Machine of a macOS tag → architectures that a file must hold for it (`packaging.tags`, `_mac_arch`). */
const ARCHITECTURES: Readonly<Record<string, readonly string[]>> = {
  arm64: ['aarch64'],
  x86_64: ['x86_64'],
  universal2: ['aarch64', 'x86_64'],
  i386: ['i386'],
  intel: ['i386', 'x86_64'],
};
/** The first macOS on these processors: an older number in a tag is for the other half of a universal file. */
const FIRST: Readonly<Record<string, string>> = { aarch64: '11.0' };
/** The oldest macOS that current tools of Apple build for (Xcode 14): tags of older Pythons name older ones, which nobody can build for any more. */
const OLDEST_BUILT = '10.13';
/** Libraries of macOS itself, and those that are looked for beside the file. */
const FOUND_ANYWHERE = /^(?:\/usr\/lib\/|\/System\/Library\/|@)/;
const LOADED: ReadonlySet<MachOSlice['type']> = new Set(['bundle', 'dylib', 'executable']);

interface MacosPromise {
  tag: string;
  architecture: string;
  /** The oldest macOS that an installer gives the wheel to. */
  system: string;
}

type MachOMember = NativeMember & { macho: MachOFacts };

/** The macOS tags against what every Mach-O file is and needs: processors, lowest system, libraries that only the builder has. */
export function checkMacosTags({ natives }: WheelFacts, platformTags: readonly string[], list: FindingList): void {
  const promises = platformTags.flatMap(promisesOf);
  if (promises.length === 0) return;
  for (const native of natives) {
    if (native.macho === undefined) continue;
    const member: MachOMember = { ...native, macho: native.macho };
    checkProcessors(member, promises, list);
    for (const slice of native.macho.slices.filter(({ type }) => LOADED.has(type))) {
      checkSystem(native.path, slice, promises, list);
      checkLibraries(native.path, slice, list);
    }
  }
}

function promisesOf(tag: string): MacosPromise[] {
  const [, major, minor, machine] = /^macosx_(\d+)_(\d+)_(.+)$/.exec(tag) ?? [];
  return (ARCHITECTURES[machine ?? ''] ?? []).map((architecture) => {
    const named = `${major!}.${minor!}`;
    const first = FIRST[architecture] ?? '0';
    return { tag, architecture, system: compareDotted(named, first) < 0 ? first : named };
  });
}

/** An extension module must hold every processor of the tags; of other files that is the wheel's own affair. */
function checkProcessors(native: MachOMember, promises: readonly MacosPromise[], list: FindingList): void {
  if (extensionName(native) === undefined) return;
  const there = native.macho.slices.map(({ architecture }) => architecture);
  const missing = promises.filter(({ architecture }) => !there.includes(architecture));
  if (missing.length === 0) return;
  const tags = [...new Set(missing.map(({ tag }) => `\`${tag}\``))].join(' and ');
  list.error('tags', native.path, `The extension module is not for every processor that ${tags} names`, {
    expected: [...new Set(promises.map(({ architecture }) => architecture))].join(' and '),
    actual: there.join(' and '),
    fix: 'build it for these processors (`ARCHFLAGS="-arch arm64 -arch x86_64"`), or tag the wheel for what it holds',
  });
}

function checkSystem(path: string, { architecture, targets }: MachOSlice, promises: readonly MacosPromise[], list: FindingList): void {
  const oldest = promises.filter((promise) => promise.architecture === architecture).sort((a, b) => compareDotted(a.system, b.system))[0];
  const needed = targets.find(({ platform }) => platform === 'macos')?.minimumSystem;
  if (oldest === undefined || needed === undefined || compareDotted(needed, oldest.system) <= 0) return;
  const [major = '', minor = '0'] = needed.split('.');
  // Since macOS 11 tags have no minor version: they all end in `_0` (packaging, `mac_platforms`)
  const onlyMinor = Number(major) >= 11 && oldest.system.split('.')[0] === major;
  const tag = Number(major) >= 11 ? `macosx_${onlyMinor ? Number(major) + 1 : major}_0` : `macosx_${major}_${minor}`;
  const isOfTools = compareDotted(needed, OLDEST_BUILT) <= 0;
  list.add(
    onlyMinor || isOfTools ? 'warning' : 'error',
    'tags',
    path,
    `The file needs macOS ${needed} on ${architecture}, more than \`${oldest.tag}\` promises`,
    {
      expected: `at most macOS ${oldest.system}`,
      actual: `macOS ${needed}`,
      fix: `build it with \`MACOSX_DEPLOYMENT_TARGET=${oldest.system}\`, or tag the wheel \`${tag}_…\``,
    },
  );
}

function checkLibraries(path: string, { libraries, id }: MachOSlice, list: FindingList): void {
  for (const { name, weak } of libraries) {
    if (weak || FOUND_ANYWHERE.test(name) || name === id?.name) continue;
    list.error('tags', path, `The file needs \`${name}\`, which is not of macOS, and which it does not look for in the wheel`, {
      expected: 'libraries of macOS, or `@loader_path/…` in the wheel',
      actual: `LC_LOAD_DYLIB ${name}`,
      fix: 'have `delocate-wheel` put the library into the wheel, or link it statically',
    });
  }
}
