import type { ElfFacts } from '@waybill/binary';
import type { NativeMember, WheelFacts } from '../../distribution-facts';
import { compareDotted, compilerRuntimesFor, glibcOfVersion, isManylinuxLibrary, parseManylinuxTag } from '../../policy/manylinux-policies';
import type { FindingList } from '../finding-list';

const FAMILIES = ['GLIBCXX', 'CXXABI', 'GCC'] as const;
const COMPILED_FOR_TABLE = new Set(['x86_64', 'aarch64']);

type ElfMember = NativeMember & { elf: ElfFacts };

interface PlatformPromise {
  tag: string;
  glibc: string;
  architecture: string;
}

/** The strictest promise of the tags, against what every ELF file of the wheel's architecture needs. */
export function checkManylinux(facts: WheelFacts, platformTags: readonly string[], natives: readonly ElfMember[], list: FindingList): void {
  const promises = platformTags.flatMap((tag): PlatformPromise[] => {
    const parsed = parseManylinuxTag(tag);
    return parsed === undefined ? [] : [{ tag, ...parsed }];
  });
  const strictest = promises.sort((a, b) => compareDotted(a.glibc, b.glibc))[0];
  if (strictest === undefined) return;
  const carried = carriedLibraries(facts);
  for (const native of natives) {
    checkGlibc(native, strictest, list);
    checkRuntimes(native, strictest, carried, list);
    for (const needed of native.elf.needed) {
      if (carried.has(needed) || isManylinuxLibrary(needed, strictest.glibc) || /^libpython\d/.test(needed)) continue;
      list.error('tags', native.path, `The file needs \`${needed}\`, which \`${strictest.tag}\` does not promise and the wheel does not carry`, {
        expected: 'libraries of the tag, or in the wheel',
        actual: `NEEDED ${needed}`,
        fix: 'have `auditwheel repair` (or maturin) put the library into the wheel, or link it statically',
      });
    }
  }
}

/** Names by which the wheel's own libraries are found: file names and SONAMEs. */
export function carriedLibraries({ natives }: WheelFacts): Set<string> {
  return new Set(natives.flatMap(({ path, elf }) => [path.split('/').at(-1)!, ...(elf?.soname === undefined ? [] : [elf.soname])]));
}

function checkGlibc({ path, elf }: ElfMember, { tag, glibc }: PlatformPromise, list: FindingList): void {
  const needs = elf.versionNeeds.flatMap(({ versions, weak = [] }) =>
    versions.filter((version) => !weak.includes(version)).map((version) => ({ version, need: glibcOfVersion(version) })),
  );
  for (const { version } of needs.filter(({ need }) => need === 'unknown')) {
    list.error('tags', path, `The file needs \`${version}\` of glibc, and nothing tells which glibc has it`, {
      expected: `at most glibc ${glibc}`,
      actual: version,
      fix: `build it where glibc is ${glibc} (the manylinux image of the tag), or switch off what the linker marks so`,
    });
  }
  const numbered = needs.flatMap(({ version, need }) => (typeof need === 'object' ? [{ version, number: need.glibc }] : []));
  const newest = numbered.sort((a, b) => compareDotted(b.number, a.number))[0];
  if (newest === undefined || compareDotted(newest.number, glibc) <= 0) return;
  const symbol = elf.symbols.find(({ version, defined }) => version === newest.version && !defined)?.name;
  list.error(
    'tags',
    path,
    `The file needs glibc ${newest.number}${symbol === undefined ? '' : ` for \`${symbol}\``}, more than \`${tag}\` promises`,
    {
      expected: `at most glibc ${glibc}`,
      actual: newest.version,
      fix: `build it where glibc is ${glibc} (the manylinux image, or \`maturin build --zig\`), or tag it \`manylinux_${newest.number.replace('.', '_')}_…\``,
    },
  );
}

function checkRuntimes(
  { path, elf }: ElfMember,
  { tag, glibc, architecture }: PlatformPromise,
  carried: ReadonlySet<string>,
  list: FindingList,
): void {
  if (!COMPILED_FOR_TABLE.has(architecture)) return;
  const offered = compilerRuntimesFor(glibc, architecture);
  for (const { library, versions } of elf.versionNeeds) {
    if (carried.has(library)) continue;
    for (const family of FAMILIES) {
      const newest = versions
        .filter((version) => version.startsWith(`${family}_`))
        .map((version) => version.slice(family.length + 1))
        .filter((version) => /^\d+(\.\d+)*$/.test(version))
        .sort(compareDotted)
        .at(-1);
      if (newest === undefined || compareDotted(newest, offered[family]) <= 0) continue;
      list.error('tags', path, `The file needs \`${family}_${newest}\` of \`${library}\`, more than \`${tag}\` promises`, {
        expected: `at most ${family}_${offered[family]}`,
        actual: `${family}_${newest}`,
        fix: 'build it in the manylinux image of the tag, or carry the library in the wheel (`auditwheel repair`)',
      });
    }
  }
}

/** musllinux promises musl and zlib, and nothing of glibc (PEP 656). */
export function checkMusllinux(facts: WheelFacts, platformTags: readonly string[], natives: readonly ElfMember[], list: FindingList): void {
  const tag = platformTags.find((one) => one.startsWith('musllinux_'));
  if (tag === undefined) return;
  const carried = carriedLibraries(facts);
  for (const { path, elf } of natives) {
    const glibc = elf.versionNeeds.find(({ versions }) => versions.some((version) => version.startsWith('GLIBC_')));
    const foreign = elf.needed.find((needed) => !carried.has(needed) && !MUSL.test(needed) && !/^libpython\d/.test(needed));
    if (glibc === undefined && foreign === undefined) continue;
    list.error('tags', path, `The wheel is tagged \`${tag}\`, and the file needs what musl systems do not have`, {
      expected: 'musl, zlib, and libraries in the wheel',
      actual: glibc === undefined ? `NEEDED ${foreign!}` : `${glibc.versions.find((version) => version.startsWith('GLIBC_'))!} of ${glibc.library}`,
      fix: 'build it in the musllinux image, and have `auditwheel repair` put the libraries into the wheel',
    });
  }
}

const MUSL = /^(libc\.so|libc\.musl-[^/]+\.so\.1|ld-musl-[^/]+\.so\.1|libz\.so\.1)$/;
