import type { PeFacts } from '@waybill/binary';
import type { NativeMember, WheelFacts } from '../../distribution-facts';
import type { WheelName } from '../../names/wheel-name';
import type { FindingList } from '../finding-list';
import { extensionName } from './extension-modules';

/** Windows tag → architecture as PE facts name it. */
const ARCHITECTURES: Readonly<Record<string, string>> = { win32: 'i386', win_amd64: 'x86_64', win_arm64: 'aarch64' };
/** A library of Python, with what its name says of it. */
export const PYTHON_DLL = /^python(?<version>3\d*t?)(?<debug>_d)?\.dll$/i;

/** The Windows tags against what every extension module is, and against the Python that it is linked to. */
export function checkWindowsTags({ natives }: WheelFacts, name: WheelName, list: FindingList): void {
  const wanted = name.platformTags.flatMap((tag) => ARCHITECTURES[tag] ?? []);
  if (wanted.length === 0) return;
  for (const native of natives) {
    if (native.pe === undefined || extensionName(native) === undefined) continue;
    if (!wanted.includes(native.pe.architecture)) {
      list.error('tags', native.path, 'The extension module is for another processor than the tag names', {
        expected: wanted.join(' or '),
        actual: native.pe.architecture,
        fix: 'build the extension for the processor of the tag, or tag the wheel for what it holds',
      });
    }
    checkPython(native.path, native.pe, name, list);
  }
}

/** Windows finds `python311.dll` by that name alone: in another Python the module does not load. */
function checkPython(path: NativeMember['path'], { imports, delayImports }: PeFacts, { pythonTags, abiTags }: WheelName, list: FindingList): void {
  const library = [...imports, ...delayImports].map((one) => one.library).find((one) => PYTHON_DLL.test(one));
  const { version, debug } = (library === undefined ? undefined : PYTHON_DLL.exec(library)?.groups) ?? {};
  if (library === undefined || version === undefined || abiTags.includes('none')) return;
  const stable = abiTags.some((tag) => /^abi3t?$/.test(tag));
  const fits = /^3t?$/.test(version) || (!stable && (abiTags.includes(`cp${version}`) || pythonTags.includes(`cp${version.replace('t', '')}`)));
  if (fits && debug === undefined) return;
  list.error(stable ? 'abi3' : 'native-code', path, `The extension module is linked to \`${library}\`, which the Python of the tag does not have`, {
    expected: stable ? 'python3.dll' : abiTags.map((tag) => tag.replace(/^cp/, 'python').concat('.dll')).join(' or '),
    actual: library,
    fix: stable
      ? 'compile with `Py_LIMITED_API`, and link `python3.lib`'
      : 'build the extension with the Python that the tag names, not with a debug build',
  });
}
