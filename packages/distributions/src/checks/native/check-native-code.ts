import type { NativeMember, WheelFacts } from '../../distribution-facts';
import { parseWheelName } from '../../names/wheel-name';
import type { FindingList } from '../finding-list';
import { extensionName } from './extension-modules';

/** Programs for Windows are carried as data by pure wheels: launchers of setuptools and distlib. */
const isCarriedProgram = ({ path, format }: NativeMember): boolean => format === 'pe' && path.endsWith('.exe');

/** Python as a dylib, or as a framework. */
const MACOS_LIBPYTHON = /(^|\/)(libpython\d[^/]*\.dylib|Python3?\.framework\/.*)$/;

/** Fixed by the format: files of `.data/scripts` are programs wherever the rest goes. */
const BESIDE_MODULES = /^[^/]+\.data\/(?!purelib\/|platlib\/)/;

/** `native-code`: a wheel that says it is pure has none, extension modules are for the Python that the tag names and link no libpython. */
export function checkNativeCode(facts: WheelFacts, list: FindingList): void {
  const name = parseWheelName(facts.fileName);
  const natives = facts.natives.filter((native) => !isCarriedProgram(native));
  if (name?.platformTags.includes('any')) {
    list.each(
      natives.map(({ path }) => path),
      (path) =>
        list.error('native-code', path, 'The wheel is tagged for any platform, and holds native code', {
          expected: 'a platform tag such as `manylinux_2_28_x86_64`',
          actual: 'any',
          fix: 'tell the backend that the project has extension modules, or leave the file out',
        }),
      'native-code',
    );
  } else if (facts.wheel?.rootIsPurelib === true) {
    const inRoot = natives.filter(({ path }) => extensionName({ path, format: 'elf' }) !== undefined && !/^[^/]+\.data\//.test(path));
    for (const { path } of inRoot) {
      list.error('native-code', path, 'The wheel says `Root-Is-Purelib: true`, and its root holds an extension module', {
        expected: 'Root-Is-Purelib: false',
        actual: 'Root-Is-Purelib: true',
        fix: 'tell the backend that the project has extension modules',
      });
    }
  }
  checkReadable(facts, list);
  for (const native of facts.natives) checkLibpython(native, list);
  if (name !== undefined) for (const native of natives) checkSuffix(native, name, list);
}

/** Names of libraries and extension modules on any system, and programs of the wheel: a file of such a name is loaded or started. */
const LOADED = /\.(?:so(?:\.\d+)*|pyd|dylib|dll)$/;
const PROGRAM = /^[^/]+\.data\/scripts\//;
/** Files of tests are broken on purpose. */
const SAMPLES = /(^|\/)(tests?|testing|test_[^/]*|fixtures?|samples?)\//i;

/** A module by a name that libraries can have as well, and the folder that it is in. */
const BARE_MODULE = /^(?:(.*)\/)?(?!lib)[A-Za-z_]\w*\.so$/;
const ROOT = /^(?:[^/]+\.data\/(?:purelib|platlib))?$/;

/**
 * What begins as a native file and ends early, and what has the name of one and is none: an error of what Python would import, else a
 * warning.
 */
function checkReadable({ members, natives }: WheelFacts, list: FindingList): void {
  const byPath = new Map(natives.map((native) => [native.path, native]));
  for (const { path, kind, size, linkerScript } of members) {
    const native = byPath.get(path);
    const isLoaded = LOADED.test(path) || (native !== undefined && PROGRAM.test(path));
    if (kind !== 'file' || !isLoaded || linkerScript || (native !== undefined && native.refusal === undefined)) continue;
    const isNamedModule = extensionName({ path, format: 'elf' }) !== undefined;
    const isModule = isNamedModule || isImported(path, members);
    const isBroken = isNamedModule || ((isModule || native !== undefined) && !SAMPLES.test(path));
    const what = isModule ? 'The extension module' : 'The library or program';
    const reason = native?.refusal ?? (size === 0 ? 'it is empty' : 'it is no native file of any system');
    list.add(isBroken ? 'error' : 'warning', 'native-code', path, `${what} cannot be read: ${reason}`, {
      fix: 'build it again, or leave the file out',
    });
  }
}

/** At the top of what is installed, or in a package. */
function isImported(path: string, members: WheelFacts['members']): boolean {
  const match = BARE_MODULE.exec(path);
  const folder = match?.[1] ?? '';
  return match !== null && (ROOT.test(folder) || members.some((other) => other.path === `${folder}/__init__.py`));
}

function checkLibpython(native: NativeMember, list: FindingList): void {
  if (BESIDE_MODULES.test(native.path) || extensionName(native) === undefined) return;
  const elf = native.elf?.needed.find((needed) => /^libpython\d/.test(needed));
  const macho = native.macho?.slices.flatMap(({ libraries }) => libraries.map(({ name }) => name)).find((name) => MACOS_LIBPYTHON.test(name));
  const library = elf ?? macho;
  if (library === undefined) return;
  list.error('native-code', native.path, `The extension module links \`${library}\`, which most interpreters do not have as a library`, {
    expected: 'symbols of Python left open: the interpreter has them',
    actual: elf === undefined ? `LC_LOAD_DYLIB ${library}` : `NEEDED ${library}`,
    fix: 'link without libpython (PyO3: the feature `extension-module`; C: no `python3-config --embed`; macOS: `-undefined dynamic_lookup`)',
  });
}

function checkSuffix(
  native: NativeMember,
  { pythonTags, abiTags }: { pythonTags: readonly string[]; abiTags: readonly string[] },
  list: FindingList,
): void {
  const extension = extensionName(native);
  if (extension?.tag === undefined || abiTags.includes('none')) return;
  const fits = abiTags.includes(extension.tag) || (pythonTags.includes(extension.tag.replace(/t$/, '')) && !extension.tag.endsWith('t'));
  if (fits && !(abiTags.length === 1 && /^abi3t?$/.test(abiTags[0]!))) return;
  list.error('native-code', native.path, `The extension module's name says \`${extension.tag}\`, so that no other Python loads it`, {
    expected: /^abi3t?$/.test(abiTags.join('')) ? '`.abi3.so` or `.so`' : `${abiTags.map((tag) => `\`${tag}\``).join(' or ')}`,
    actual: extension.tag,
    fix: 'build the extension for the Python that the tag names, or tag the wheel for what it holds',
  });
}
