import type { Finding } from '@waybill/core';
import type { WheelFacts } from '../distribution-facts';
import { elfMember, member, METADATA, recordOf, wheelFacts, type WheelChange } from '../testing/good-distributions';
import { checkWheel } from './check-wheel';

const LINUX = 'demo-1.0-cp311-cp311-manylinux_2_17_x86_64.whl';
const ABI3 = 'demo-1.0-cp39-abi3-manylinux_2_17_x86_64.whl';
const MODULE = 'demo/_x.cpython-311-x86_64-linux-gnu.so';
const RECORD = 'demo-1.0.dist-info/RECORD';
const brief = ({ check, level, path }: Finding): string => `${level} ${check} ${path!}`;
const imports = (...names: string[]) => ({
  symbols: [...names.map((name) => ({ name, defined: false, weak: false })), { name: 'PyInit__x', defined: true, weak: false }],
});

/** What RECORD says instead of the truth. */
const withRecord = (change: (rows: NonNullable<WheelFacts['record']>) => NonNullable<WheelFacts['record']>): WheelChange => ({
  facts: { record: change(recordOf(wheelFacts().members)) },
});

describe('a good wheel has no finding', () => {
  it.each<[string, WheelChange]>([
    ['pure', {}],
    ['with the directory entries that uv_build writes', { members: [member('demo/'), member('demo-1.0.dist-info/')] }],
    ['with a build number', { fileName: 'demo-1.0-2-py3-none-any.whl' }],
    [
      'for two Pythons',
      { fileName: 'demo-1.0-py2.py3-none-any.whl', wheel: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n' },
    ],
    ['with an extension module', { fileName: LINUX, natives: [elfMember(MODULE)] }],
    [
      'with an extension module for the stable ABI',
      { fileName: ABI3, natives: [elfMember('demo/_x.abi3.so', imports('PyList_New', 'Pyramid_new'))] },
    ],
    [
      'for musl',
      { fileName: 'demo-1.0-cp311-cp311-musllinux_1_2_x86_64.whl', natives: [elfMember(MODULE, { needed: ['libc.so'], versionNeeds: [] })] },
    ],
    [
      'that carries its library',
      { fileName: LINUX, natives: [elfMember(MODULE, { needed: ['libfoo-1a2b.so.1'] }), elfMember('demo.libs/libfoo-1a2b.so.1', { symbols: [] })] },
    ],
    ['with a linker script', { members: [member('demo/_y.so', 'INPUT(liby.so.1)', { linkerScript: true })] }],
    ['with a launcher for Windows as data', { natives: [{ path: 'demo/cli.exe', format: 'pe' }] }],
    [
      'with a program',
      {
        fileName: 'demo-1.0-py3-none-manylinux_2_17_x86_64.whl',
        natives: [elfMember('demo-1.0.data/scripts/demo', { type: 'executable', symbols: [] })],
      },
    ],
  ])('%s', (_what, change) => {
    expect(checkWheel(wheelFacts(change), { name: 'Demo', version: '1.0.0' })).toEqual([]);
  });

  it('even when another processor’s library lies in it as data', () => {
    const natives = [elfMember(MODULE), elfMember('demo/attach_x86.so', { architecture: 'i386', needed: ['libold.so'], symbols: [] })];
    expect(checkWheel(wheelFacts({ fileName: LINUX, natives }))).toEqual([]);
  });
});

/** Each row plants one fault; the finding has the check, the level and the member named. */
const FAULTS: readonly [string, WheelChange, string][] = [
  [
    'a name that is no wheel’s',
    { fileName: 'demo.whl', wheel: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n' },
    'error names demo.whl',
  ],
  ['another name in METADATA', { metadata: METADATA.replace('Name: demo', 'Name: other') }, 'error names METADATA'],
  ['another version in METADATA', { metadata: METADATA.replace('Version: 1.0', 'Version: 1.1') }, 'error version METADATA'],
  ['two dist-infos', { facts: { distInfos: ['demo-1.0.dist-info', 'other-1.0.dist-info'] } }, 'error names '],
  ['a foreign data folder', { members: [member('other-1.0.data/data/x')] }, 'error names other-1.0.data'],
  ['no RECORD', { facts: { record: undefined as never } }, `error record ${RECORD}`],
  ['a file that RECORD does not name', withRecord((rows) => rows.filter(({ path }) => path !== 'demo/__init__.py')), 'error record demo/__init__.py'],
  [
    'a digest that is not the file’s',
    withRecord((rows) => rows.map((row) => (row.path === 'demo/__init__.py' ? { ...row, hash: 'sha256=abc' } : row))),
    'error record demo/__init__.py',
  ],
  [
    'a size that is not the file’s',
    withRecord((rows) => rows.map((row) => (row.path === 'demo/__init__.py' ? { ...row, size: 1 } : row))),
    'error record demo/__init__.py',
  ],
  [
    'a row without digest',
    withRecord((rows) => rows.map((row) => (row.path === 'demo/__init__.py' ? { path: row.path } : row))),
    'error record demo/__init__.py',
  ],
  [
    'a weak digest',
    withRecord((rows) => rows.map((row) => (row.path === 'demo/__init__.py' ? { ...row, hash: 'md5=abc' } : row))),
    'error record demo/__init__.py',
  ],
  [
    'a sha512 that is not the file’s',
    {
      members: [member('demo/x.py', 'x', { otherDigests: { sha512: 'ab' } })],
      facts: { record: [...recordOf(wheelFacts().members), { path: 'demo/x.py', hash: 'sha512=cd', size: 1 }] },
    },
    'error record demo/x.py',
  ],
  [
    'a sha384 that nobody could compute',
    withRecord((rows) => rows.map((row) => (row.path === 'demo/__init__.py' ? { ...row, hash: 'sha384=cd' } : row))),
    'error record demo/__init__.py',
  ],
  ['a row for nothing', withRecord((rows) => [...rows, { path: 'demo/gone.py', hash: 'sha256=x', size: 1 }]), `error record ${RECORD}`],
  ['a row twice', withRecord((rows) => [...rows, rows[0]!]), `error record ${RECORD}`],
  ['a row that leads out', withRecord((rows) => [...rows, { path: '../evil.py' }]), `error record ${RECORD}`],
  ['an absolute row', withRecord((rows) => [...rows, { path: '/etc/passwd' }]), `error record ${RECORD}`],
  ['a member twice', { members: [member('demo/x.py'), member('demo/x.py')] }, 'error record demo/x.py'],
  ['paths that differ in case', { members: [member('demo/Data.txt'), member('demo/data.txt')] }, 'error record demo/data.txt'],
  ['folders that differ in case', { members: [member('demo/A/x'), member('demo/a/y')] }, 'error record demo/a'],
  ['paths that differ in normal form', { members: [member('demo/e\u0301.txt'), member('demo/\u00e9.txt')] }, 'error record demo/\u00e9.txt'],
  ['a name of a Windows device', { members: [member('demo/aux.py')] }, 'error record demo/aux.py'],
  [
    'a name of a Windows device in a wheel for Linux',
    { fileName: LINUX, natives: [elfMember(MODULE)], members: [member('demo/aux.py')] },
    'warning record demo/aux.py',
  ],
  ['no file WHEEL', { facts: { wheel: undefined as never } }, 'error tags demo-1.0.dist-info/WHEEL'],
  ['other tags in WHEEL', { wheel: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2-none-any\n' }, 'error tags demo-1.0.dist-info/WHEEL'],
  [
    'another build number in WHEEL',
    { wheel: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\nBuild: 7\n' },
    'error tags demo-1.0.dist-info/WHEEL',
  ],
  ['a wheel of the next format', { wheel: 'Wheel-Version: 2.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n' }, 'error tags demo-1.0.dist-info/WHEEL'],
  ['no word on purelib', { wheel: 'Wheel-Version: 1.0\nTag: py3-none-any\n' }, 'error tags demo-1.0.dist-info/WHEEL'],
  ['native code in a pure wheel', { natives: [elfMember('demo/_x.so')] }, 'error native-code demo/_x.so'],
  ['a Mach-O file in a pure wheel', { natives: [{ path: 'demo/x.dylib', format: 'mach-o' }] }, 'error native-code demo/x.dylib'],
  [
    'an extension module in purelib',
    { fileName: LINUX, natives: [elfMember(MODULE)], wheel: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: cp311-cp311-manylinux_2_17_x86_64\n' },
    `error native-code ${MODULE}`,
  ],
  [
    'an extension module that links libpython',
    { fileName: LINUX, natives: [elfMember(MODULE, { needed: ['libpython3.11.so.1.0', 'libc.so.6'] })] },
    `error native-code ${MODULE}`,
  ],
  [
    'an extension module for another Python',
    { fileName: LINUX, natives: [elfMember('demo/_x.cpython-312-x86_64-linux-gnu.so')] },
    'error native-code demo/_x.cpython-312-x86_64-linux-gnu.so',
  ],
  [
    'an extension module for free threads',
    { fileName: LINUX, natives: [elfMember('demo/_x.cpython-311t-x86_64-linux-gnu.so')] },
    'error native-code demo/_x.cpython-311t-x86_64-linux-gnu.so',
  ],
  [
    'an extension module for one Python under abi3',
    { fileName: ABI3, natives: [elfMember('demo/_x.cpython-39-x86_64-linux-gnu.so')] },
    'error native-code demo/_x.cpython-39-x86_64-linux-gnu.so',
  ],
  [
    'an extension module that is damaged',
    { fileName: LINUX, natives: [{ path: MODULE, format: 'elf', refusal: 'it ends early' }] },
    `error native-code ${MODULE}`,
  ],
  [
    'a library that is damaged',
    { fileName: LINUX, natives: [elfMember(MODULE), { path: 'demo.libs/libfoo.so.1', format: 'elf', refusal: 'it ends early' }] },
    'error native-code demo.libs/libfoo.so.1',
  ],
  ['a .so that is empty', { fileName: LINUX, natives: [elfMember(MODULE)], members: [member('demo/_y.so', '')] }, 'error native-code demo/_y.so'],
  ['an empty file among data', { members: [member('demo/data/y.so', '')] }, 'warning native-code demo/data/y.so'],
  ['a .so in a package that is a text', { members: [member('demo/_y.so')] }, 'error native-code demo/_y.so'],
  ['a .so at the top that is a text', { members: [member('_y.so')] }, 'error native-code _y.so'],
  ['a .so among data that is a text', { members: [member('demo/data/y.so')] }, 'warning native-code demo/data/y.so'],
  ['a library that is a text', { members: [member('demo/liby.so')] }, 'warning native-code demo/liby.so'],
  ['a module of one Python that is a text', { members: [member(MODULE)] }, `error native-code ${MODULE}`],
  ['a .pyd that is a text', { members: [member('demo/_y.pyd')] }, 'error native-code demo/_y.pyd'],
  ['a .dylib that is none', { members: [member('demo/y.dylib')] }, 'warning native-code demo/y.dylib'],
  [
    'a program that is damaged',
    { fileName: LINUX, natives: [elfMember(MODULE), { path: 'demo-1.0.data/scripts/tool', format: 'elf', refusal: 'it ends early' }] },
    'error native-code demo-1.0.data/scripts/tool',
  ],
  [
    'a damaged sample among tests',
    { fileName: LINUX, natives: [elfMember(MODULE), { path: 'demo/tests/bad.so', format: 'elf', refusal: 'it ends early' }] },
    'warning native-code demo/tests/bad.so',
  ],
  [
    'a newer glibc than the tag promises',
    { fileName: LINUX, natives: [elfMember(MODULE, { versionNeeds: [{ library: 'libc.so.6', versions: ['GLIBC_2.28'] }] })] },
    `error tags ${MODULE}`,
  ],
  [
    'a newer libstdc++ than the tag promises',
    {
      fileName: LINUX,
      natives: [elfMember(MODULE, { needed: ['libstdc++.so.6'], versionNeeds: [{ library: 'libstdc++.so.6', versions: ['GLIBCXX_3.4.30'] }] })],
    },
    `error tags ${MODULE}`,
  ],
  ['a library that nobody carries', { fileName: LINUX, natives: [elfMember(MODULE, { needed: ['libssl.so.3'] })] }, `error tags ${MODULE}`],
  [
    'relative relocations before 2.36',
    { fileName: LINUX, natives: [elfMember(MODULE, { versionNeeds: [{ library: 'libc.so.6', versions: ['GLIBC_ABI_DT_RELR'] }] })] },
    `error tags ${MODULE}`,
  ],
  [
    'TLS descriptors before 2.43',
    {
      fileName: 'demo-1.0-cp311-cp311-manylinux_2_42_x86_64.whl',
      natives: [elfMember(MODULE, { versionNeeds: [{ library: 'libc.so.6', versions: ['GLIBC_ABI_GNU2_TLS'] }] })],
    },
    `error tags ${MODULE}`,
  ],
  [
    'a mark of glibc that is not known',
    { fileName: LINUX, natives: [elfMember(MODULE, { versionNeeds: [{ library: 'libc.so.6', versions: ['GLIBC_ABI_SOON'] }] })] },
    `error tags ${MODULE}`,
  ],
  ['glibc under a musl tag', { fileName: 'demo-1.0-cp311-cp311-musllinux_1_2_x86_64.whl', natives: [elfMember(MODULE)] }, `error tags ${MODULE}`],
  ['another processor than the tag names', { fileName: LINUX, natives: [elfMember(MODULE, { architecture: 'aarch64' })] }, `error tags ${MODULE}`],
  ['ELF under a tag of macOS', { fileName: 'demo-1.0-cp311-cp311-macosx_11_0_arm64.whl', natives: [elfMember(MODULE)] }, `error tags ${MODULE}`],
  [
    'a symbol beyond the stable ABI',
    { fileName: ABI3, natives: [elfMember('demo/_x.abi3.so', imports('PyList_New', '_PyObject_GetState'))] },
    'error abi3 demo/_x.abi3.so',
  ],
  [
    'a symbol of a later stable ABI',
    { fileName: ABI3, natives: [elfMember('demo/_x.abi3.so', imports('PyType_GetName'))] },
    'error abi3 demo/_x.abi3.so',
  ],
  ['tests beside the package', { members: [member('tests/__init__.py')] }, 'error contents tests'],
  ['a set-up file beside the package', { members: [member('setup.py')] }, 'error contents setup.py'],
  ['documents beside the package', { members: [member('docs/index.md')] }, 'error contents docs'],
  ['metadata of a development install', { members: [member('demo.egg-info/PKG-INFO')] }, 'error contents demo.egg-info'],
  ['byte code', { members: [member('demo/__pycache__/x.cpython-311.pyc')] }, 'error contents demo/__pycache__/x.cpython-311.pyc'],
  ['a file of variables', { members: [member('demo/.env')] }, 'error contents demo/.env'],
  ['version control', { members: [member('demo/.git/config')] }, 'error contents demo/.git/config'],
  ['what an editor left', { members: [member('demo/x.py.orig')] }, 'warning contents demo/x.py.orig'],
  ['a module that others have too', { members: [member('utils.py')], facts: { topLevels: ['demo', 'utils'] } }, 'warning contents utils'],
  ['a symlink', { members: [member('demo/link', '', { kind: 'symlink' })] }, 'error contents demo/link'],
  ['no licence file although declared', { metadata: METADATA.replace('License-File: LICENSE', 'License-File: COPYING') }, 'error licence METADATA'],
  ['a licence file outside', { metadata: METADATA.replace('License-File: LICENSE', 'License-File: ../COPYING') }, 'error licence METADATA'],
  ['a licence that nobody knows', { metadata: METADATA.replace('MIT', 'My License') }, 'error licence METADATA'],
  ['a licence that SPDX replaced', { metadata: METADATA.replace('MIT', 'GPL-3.0') }, 'warning licence METADATA'],
  [
    'a licence classifier beside the expression',
    { metadata: METADATA.replace('Summary', 'Classifier: License :: OSI Approved :: MIT License\nSummary') },
    'warning licence METADATA',
  ],
  ['an expression in old metadata', { metadata: METADATA.replace('2.4', '2.3') }, 'error licence METADATA'],
  ['no licence at all', { metadata: METADATA.replace(/License-.*\n/g, '') }, 'warning licence METADATA'],
  ['no metadata', { facts: { metadata: undefined as never } }, 'error metadata METADATA'],
  [
    'metadata of an old version',
    {
      metadata: METADATA.replace('2.4', '1.2')
        .replace(/License-.*\n/g, '')
        .replace('Summary', 'License: MIT\nSummary'),
    },
    'error metadata METADATA',
  ],
  ['a requirement that is none', { metadata: METADATA.replace('six>=1.16', 'six>=') }, 'error metadata METADATA'],
  ['a requirement on a folder', { metadata: METADATA.replace('six>=1.16', 'six @ file:///home/me/six') }, 'error metadata METADATA'],
  ['a Python specifier that is none', { metadata: METADATA.replace('>=3.9', '3.9+') }, 'error metadata METADATA'],
  ['a field twice', { metadata: METADATA.replace('Summary: counts words', 'Summary: a\nSummary: b') }, 'error metadata METADATA'],
  ['a summary that is too long', { metadata: METADATA.replace('counts words', 'x'.repeat(600)) }, 'error metadata METADATA'],
  ['no description', { metadata: METADATA.replace('# demo', '') }, 'error description METADATA'],
  ['a description of no type', { metadata: METADATA.replace(/Description-.*\n/, '') }, 'error description METADATA'],
  ['a description of an unknown type', { metadata: METADATA.replace('text/markdown', 'text/html') }, 'error description METADATA'],
  ['a description in latin-1', { metadata: METADATA.replace('text/markdown', 'text/markdown; charset=latin-1') }, 'error description METADATA'],
  [
    'a variant of Markdown that is none',
    { metadata: METADATA.replace('text/markdown', 'text/markdown; variant=mine') },
    'error description METADATA',
  ],
  [
    'a file that did not parse',
    { facts: { faults: [{ path: RECORD, message: 'line 1 is no row of path, hash and size' }] } },
    `error record ${RECORD}`,
  ],
];

describe('each fault is found, and only it', () => {
  it.each(FAULTS)('%s', (_what, change, expected) => {
    const facts = wheelFacts(change);
    const [level, check, path = ''] = expected.split(' ');
    const member = path === 'METADATA' ? 'demo-1.0.dist-info/METADATA' : path;
    const where = member === '' || member === facts.fileName ? facts.fileName : `${facts.fileName}/${member}`;
    const found = checkWheel(facts).filter((finding) => finding.level !== 'info');
    expect(found.map(brief)).toEqual([`${level!} ${check!} ${where}`]);
    expect(found[0]!.fix).toBeTruthy();
  });
});

describe('beyond single faults', () => {
  it('two dist-infos, of which one is foreign', () => {
    expect(checkWheel(wheelFacts({ fileName: 'other-1.0-py3-none-any.whl' })).map(brief)).toEqual([
      'error names other-1.0-py3-none-any.whl/demo-1.0.dist-info',
      'error names other-1.0-py3-none-any.whl/demo-1.0.dist-info/METADATA',
    ]);
  });

  it('the project’s name and version', () => {
    expect(checkWheel(wheelFacts(), { name: 'other', version: '2' }).map(({ check, expected }) => [check, expected])).toEqual([
      ['names', 'other'],
      ['version', '2'],
    ]);
  });

  it('a path out of the wheel is told by RECORD and by the member', () => {
    expect(checkWheel(wheelFacts({ members: [member('../../evil.py')] })).map(brief)).toEqual([
      'error record demo-1.0-py3-none-any.whl/../../evil.py',
      `error record demo-1.0-py3-none-any.whl/${RECORD}`,
    ]);
  });

  it('`warn` makes warnings of metadata’s errors, and of nothing else', () => {
    const facts = wheelFacts({
      metadata: METADATA.replace('# demo', '').replace('six>=1.16', 'six>=').replace('MIT', 'None'),
      natives: [elfMember('demo/_x.so')],
    });
    expect(checkWheel(facts, { metadata: 'warn' }).map(({ check, level }) => `${check} ${level}`)).toEqual([
      'native-code error',
      'metadata warning',
      'description warning',
      'licence warning',
    ]);
  });

  it('of a wheel that goes to no index neither a description nor a licence is asked, and what it says of them must be right', () => {
    const says = (metadata: string, ships: boolean) => checkWheel(wheelFacts({ metadata }), { ships }).map(({ check }) => check);
    const silent = METADATA.replace('# demo', '').replace(/License-.*\n/g, '');
    expect(says(silent, true)).toEqual(['description', 'licence']);
    expect(says(silent, false)).toEqual([]);
    expect(says(METADATA.replace('text/markdown', 'text/html').replace('MIT', 'My License'), false)).toEqual(['description', 'licence']);
  });

  it('says why a wheel is not for an index', () => {
    const metadata = METADATA.replace('Version: 1.0', 'Version: 1.0.dev1+g123').replace('six>=1.16', 'six @ https://files.example/six.whl ');
    const facts = wheelFacts({
      fileName: 'demo-1.0.dev1+g123-cp311-cp311-linux_x86_64.whl',
      metadata,
      natives: [elfMember(MODULE)],
      facts: { distInfos: ['demo-1.0.dev1+g123.dist-info'] },
    });
    expect(
      checkWheel(facts)
        .filter(({ check }) => check === 'publishable')
        .map(({ level, message }) => [level, message.split(': ')[1]]),
    ).toEqual([
      ['info', '`1.0.dev1+g123` is a local version'],
      ['info', '`1.0.dev1+g123` is a development version'],
      ['info', 'indexes take no `linux_x86_64`, only manylinux and musllinux'],
      ['info', 'it requires a direct reference'],
    ]);
  });

  it('tells the first of many, and how many more', () => {
    const members = Array.from({ length: 60 }, (_, index) => member(`demo/m${index}.pyc`));
    const found = checkWheel(wheelFacts({ members }));
    expect(found).toHaveLength(51);
    expect(found.at(-1)).toMatchObject({ level: 'info', message: '10 further findings of this kind are not listed' });
  });
});
