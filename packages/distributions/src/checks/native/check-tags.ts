import type { ElfFacts } from '@waybill/binary';
import type { NativeMember, WheelFacts } from '../../distribution-facts';
import { parseWheelName, type WheelName } from '../../names/wheel-name';
import type { FindingList } from '../finding-list';
import { checkManylinux, checkMusllinux } from './check-linux-tags';
import { checkMacosTags } from './check-macos-tags';
import { checkWindowsTags } from './check-windows-tags';
import { extensionName } from './extension-modules';

/** Architecture of a Linux tag → as ELF facts name it. */
const ARCHITECTURES: Readonly<Record<string, readonly string[]>> = {
  x86_64: ['x86_64'],
  aarch64: ['aarch64'],
  i686: ['i386'],
  armv7l: ['arm'],
  armv6l: ['arm'],
  ppc64le: ['ppc64'],
  ppc64: ['ppc64'],
  s390x: ['s390x'],
  riscv64: ['riscv64'],
};
const FORMATS: readonly { tag: RegExp; format: NativeMember['format'] }[] = [
  { tag: /^(linux|manylinux|musllinux)/, format: 'elf' },
  { tag: /^macosx_/, format: 'mach-o' },
  { tag: /^win/, format: 'pe' },
];

/** `tags`: the file's name against WHEEL, and the platform tag against what the native files are and need. */
export function checkTags(facts: WheelFacts, list: FindingList): void {
  const name = parseWheelName(facts.fileName);
  checkWheelFile(facts, name, list);
  if (name === undefined) return;
  checkFormats(facts, name, list);
  const own = elfMembers(facts, name, list);
  checkManylinux(facts, name.platformTags, own, list);
  checkMusllinux(facts, name.platformTags, own, list);
  checkMacosTags(facts, name.platformTags, list);
  checkWindowsTags(facts, name, list);
}

function checkWheelFile({ wheel, distInfos }: WheelFacts, name: WheelName | undefined, list: FindingList): void {
  const file = `${distInfos[0] ?? '*.dist-info'}/WHEEL`;
  const FIX = 'correct the settings of the backend, or build again; a file must not be renamed';
  if (wheel === undefined) {
    list.error('tags', file, 'The wheel has no file WHEEL', { expected: `\`${file}\``, actual: 'no such file', fix: FIX });
    return;
  }
  if (!/^1\.\d+$/.test(wheel.wheelVersion ?? '')) {
    list.error('tags', file, 'The wheel is of a version of the format that no installer takes', {
      expected: 'Wheel-Version: 1.0',
      actual: wheel.wheelVersion ?? 'none',
      fix: FIX,
    });
  }
  if (wheel.rootIsPurelib === undefined)
    list.error('tags', file, 'WHEEL does not say whether the root is purelib', { expected: 'Root-Is-Purelib', fix: FIX });
  if (name === undefined) return;
  const named = expandTags(name);
  const written = new Set(wheel.tags.flatMap((tag) => expandTag(tag)));
  if (named.size !== written.size || [...named].some((tag) => !written.has(tag))) {
    list.error('tags', file, "WHEEL has other tags than the file's name", {
      expected: [...named].join(' '),
      actual: [...written].join(' ') || 'none',
      fix: FIX,
    });
  }
  if (wheel.build !== undefined && wheel.build !== (name.build ?? '')) {
    list.error('tags', file, "WHEEL has another build number than the file's name", {
      expected: name.build ?? 'none',
      actual: wheel.build,
      fix: FIX,
    });
  }
}

function expandTags({ pythonTags, abiTags, platformTags }: Pick<WheelName, 'pythonTags' | 'abiTags' | 'platformTags'>): Set<string> {
  return new Set(pythonTags.flatMap((python) => abiTags.flatMap((abi) => platformTags.map((platform) => `${python}-${abi}-${platform}`))));
}

/** A tag of WHEEL may itself be a set. A hostile one is kept as it is instead of being multiplied out. */
function expandTag(tag: string): string[] {
  const [python, abi, platform, ...rest] = tag.split('-').map((part) => part.split('.'));
  if (python === undefined || abi === undefined || platform === undefined || rest.length > 0) return [tag];
  if (python.length * abi.length * platform.length > 1000) return [tag];
  return [...expandTags({ pythonTags: python, abiTags: abi, platformTags: platform })];
}

/** Extension modules are of the format that the system of the tag loads. Other native files may be data. */
function checkFormats(facts: WheelFacts, { platformTags }: WheelName, list: FindingList): void {
  const wanted = new Set(FORMATS.filter(({ tag }) => platformTags.some((one) => tag.test(one))).map(({ format }) => format));
  if (wanted.size === 0) return;
  for (const native of facts.natives) {
    if (wanted.has(native.format) || extensionName(native) === undefined) continue;
    list.error('tags', native.path, `The extension module is ${native.format.toUpperCase()}, which the platform of the tag does not load`, {
      expected: platformTags.join(' '),
      actual: native.format,
      fix: 'build the extension for the platform of the tag',
    });
  }
}

/** The ELF files of the tag's architecture; one of another is an error when it is an extension module, and data otherwise. */
function elfMembers(facts: WheelFacts, { platformTags }: WheelName, list: FindingList): (NativeMember & { elf: ElfFacts })[] {
  const tags = platformTags.flatMap((tag) => /^(?:linux|manylinux1|manylinux20\d+|manylinux_\d+_\d+|musllinux_\d+_\d+)_(.+)$/.exec(tag)?.[1] ?? []);
  const wanted = new Set(tags.flatMap((tag) => ARCHITECTURES[tag] ?? []));
  return facts.natives.filter((native): native is NativeMember & { elf: ElfFacts } => {
    if (native.elf === undefined || tags.length === 0) return false;
    if (wanted.size === 0 || wanted.has(native.elf.architecture)) return native.elf.type === 'shared' || native.elf.type === 'executable';
    if (extensionName(native) !== undefined) {
      list.error('tags', native.path, 'The extension module is for another processor than the tag names', {
        expected: tags.join(' '),
        actual: native.elf.architecture,
        fix: 'build the extension for the processor of the tag, or tag the wheel for what it holds',
      });
    }
    return false;
  });
}
