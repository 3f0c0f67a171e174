import type { NativeMember } from '../../distribution-facts';
import { elfMember, wheelFacts } from '../../testing/good-distributions';
import { machoMember, needing, peMember } from '../../testing/foreign-natives';
import { checkWheel } from '../check-wheel';

const MAC = 'demo/_x.cpython-311-darwin.so';
const WIN = 'demo/_x.cp311-win_amd64.pyd';
const ABI3 = 'demo/_x.abi3.so';
const INTEL = { architecture: 'x86_64', cpuName: 'x86_64' };

const wheel = (platform: string, native: NativeMember, python = 'cp311-cp311') =>
  wheelFacts({ fileName: `demo-1.0-${python}-${platform}.whl`, natives: [native] });

/** A bundle of macOS, and a module of Windows, that need these of Python. */
const importing = (path: string, ...names: string[]): NativeMember => ({
  ...machoMember(path, {}),
  machoSymbols: [{ name: 'PyInit__x', defined: true, weak: false }, ...names.map((name) => ({ name, defined: false, weak: false }))],
});
const peImporting = (...names: string[]): NativeMember =>
  peMember('demo/_x.pyd', { imports: [{ library: 'python3.dll', symbols: names.map((name) => ({ name })) }] });

/** What other systems' good wheels look like. */
const GOOD: readonly [string, string, NativeMember, python?: string][] = [
  ['arm64', 'macosx_11_0_arm64', machoMember(MAC, {})],
  ['Intel, older than the tag needs', 'macosx_10_15_x86_64', machoMember(MAC, { ...INTEL, minimum: '10.9' })],
  ['both, where the number of the tag is for Intel', 'macosx_10_9_universal2', machoMember(MAC, { ...INTEL, minimum: '10.9' }, {})],
  ['both, under one tag each', 'macosx_10_9_x86_64.macosx_11_0_arm64', machoMember(MAC, { ...INTEL, minimum: '10.9' }, {})],
  ['more than the tag names', 'macosx_11_0_arm64', machoMember(MAC, { ...INTEL }, {})],
  ['a library beside it', 'macosx_11_0_arm64', machoMember(MAC, needing('@loader_path/../demo.dylibs/libz.1.dylib'))],
  ['a thin library of another processor, as data', 'macosx_11_0_arm64', machoMember('demo/tool.dylib', { ...INTEL, type: 'dylib' })],
  ['the stable ABI', 'macosx_11_0_arm64', machoMember(ABI3, {}), 'cp39-abi3'],
  ['the stable ABI, by its symbols', 'macosx_11_0_arm64', importing(ABI3, 'PyList_New', 'malloc', '_Py_NoneStruct'), 'cp39-abi3'],
  ['the stable ABI of Windows, by its symbols', 'win_amd64', peImporting('PyList_New', '_Py_NoneStruct'), 'cp39-abi3'],
  ['Windows', 'win_amd64', peMember(WIN)],
  ['Windows on ARM', 'win_arm64', peMember('demo/_x.cp311-win_arm64.pyd', { architecture: 'aarch64' })],
  ['the stable ABI of Windows', 'win_amd64', peMember('demo/_x.pyd', { python: 'python3.dll' }), 'cp39-abi3'],
  ['a launcher for another processor, as data', 'win_amd64', peMember('demo/t32.exe', { architecture: 'i386', python: '' })],
];

it.each(GOOD.map((row) => [row[0], row] as const))('finds nothing in a wheel for %s', (_, [, platform, native, python]) => {
  expect(checkWheel(wheel(platform, native, python))).toEqual([]);
});

/** Each row plants one fault: tag, file, what the finding is and names. */
const FAULTS: readonly [string, string, NativeMember, string, RegExp, python?: string][] = [
  ['a newer macOS than the tag', 'macosx_11_0_arm64', machoMember(MAC, { minimum: '13.0' }), `error tags ${MAC}`, /macosx_13_0_/],
  ['a newer macOS in the Intel half', 'macosx_10_9_universal2', machoMember(MAC, { ...INTEL, minimum: '10.15' }, {}), `error tags ${MAC}`, /x86_64/],
  [
    'a newer macOS in a library',
    'macosx_11_0_arm64',
    machoMember('demo/x.dylib', { minimum: '12.0', type: 'dylib' }),
    'error tags demo/x.dylib',
    /12\.0/,
  ],
  [
    'an older macOS than tools build for',
    'macosx_10_9_universal2',
    machoMember(MAC, { ...INTEL, minimum: '10.13' }, {}),
    `warning tags ${MAC}`,
    /10\.13/,
  ],
  ['a minor version that no tag can say', 'macosx_12_0_arm64', machoMember(MAC, { minimum: '12.3' }), `warning tags ${MAC}`, /macosx_13_0_/],
  ['Intel code alone under arm64', 'macosx_11_0_arm64', machoMember(MAC, INTEL), `error tags ${MAC}`, /actual":"x86_64/],
  ['one half under universal2', 'macosx_11_0_universal2', machoMember(MAC, {}), `error tags ${MAC}`, /universal2.*x86_64/],
  ['a bare .so that is a bundle', 'macosx_11_0_arm64', machoMember('demo/_x.so', INTEL), 'error tags demo/_x.so', /x86_64/],
  ['a library of Homebrew', 'macosx_11_0_arm64', machoMember(MAC, needing('/opt/homebrew/lib/libssl.3.dylib')), `error tags ${MAC}`, /delocate/],
  [
    'a framework of Python',
    'macosx_11_0_arm64',
    machoMember(MAC, needing('@rpath/Python.framework/Versions/3.11/Python')),
    `error native-code ${MAC}`,
    /dynamic_lookup/,
  ],
  ['ARM code under amd64', 'win_amd64', peMember(WIN, { architecture: 'aarch64' }), `error tags ${WIN}`, /aarch64/],
  ['64 bits under win32', 'win32', peMember('demo/_x.pyd'), 'error tags demo/_x.pyd', /i386/],
  ['another Python’s library', 'win_amd64', peMember(WIN, { python: 'python312.dll' }), `error native-code ${WIN}`, /python311\.dll/],
  ['a debug build', 'win_amd64', peMember(WIN, { python: 'python311_d.dll' }), `error native-code ${WIN}`, /debug build/],
  ['one Python under abi3', 'win_amd64', peMember('demo/_x.pyd'), 'error abi3 demo/_x.pyd', /Py_LIMITED_API/, 'cp39-abi3'],
  [
    'a symbol beyond the stable ABI of macOS',
    'macosx_11_0_arm64',
    importing(ABI3, 'PyList_New', '_PyObject_GetState'),
    `error abi3 ${ABI3}`,
    /_PyObject_GetState/,
    'cp39-abi3',
  ],
  ['a symbol of a later ABI, macOS', 'macosx_11_0_arm64', importing(ABI3, 'PyType_GetName'), `error abi3 ${ABI3}`, /PyType_GetName/, 'cp39-abi3'],
  [
    'a symbol beyond the stable ABI of Windows',
    'win_amd64',
    peImporting('PyUnicode_AsUTF8', '_PyObject_GetState'),
    'error abi3 demo/_x.pyd',
    /_PyObject_GetState/,
    'cp39-abi3',
  ],
  ['ELF for Windows', 'win_amd64', elfMember('demo/_x.pyd'), 'error tags demo/_x.pyd', /win_amd64/],
  ['PE for macOS', 'macosx_11_0_arm64', peMember(WIN), `error tags ${WIN}`, /macosx_11_0_arm64/],
  ['Mach-O for Windows', 'win_amd64', machoMember(ABI3, {}), `error tags ${ABI3}`, /win_amd64/],
];

it.each(FAULTS.map((row) => [row[0], row] as const))('finds %s', (_, [, platform, native, expected, says, python]) => {
  const found = checkWheel(wheel(platform, native, python));
  const brief = found.map(({ level, check, path = '' }) => `${level} ${check} ${path.split('/').slice(1).join('/')}`);
  expect(brief).toContain(expected);
  expect(JSON.stringify(found.filter(({ fix }) => fix !== undefined))).toMatch(says);
});
