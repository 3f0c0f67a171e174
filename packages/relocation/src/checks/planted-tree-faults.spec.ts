import type { BundleEntry } from '../bundle-facts';
import type { CheckId } from '../check-table';
import { elf, file, installed, module, pyc, script, special, symlink } from '../testing/build-facts';
import { debianApp, embeddedApp, pythonApp } from '../testing/good-bundles';
import { add, alter, alterElf, type Change, describeFindings, drop, findingsOf } from '../testing/plant-fault';

const STDLIB = 'python/runtime/lib/python3.11';
const SITE = 'python/vendor';
const SYSCONFIG = `${STDLIB}/_sysconfigdata__linux_x86_64-linux-gnu.py`;
const OS_PYC = `${STDLIB}/__pycache__/os.cpython-311.pyc`;
const RECORD = `${SITE}/pure-1.0.dist-info/RECORD`;

const leak = (token: string, extra: object = {}) => ({
  leaks: [{ token, offset: 12, encoding: 'utf8' as const, excerpt: '/srv/build/workspace/x.c', ...extra }],
});
const longPath = `share/${'d'.repeat(120)}/${'e'.repeat(120)}`;
const withRow = (row: string): Change => alter(RECORD, ({ text }) => ({ text: `${text}${row}\n` }));

type Plant = readonly [CheckId, string, Change, string];

const PLANTS: readonly Plant[] = [
  [
    'build-paths',
    'a path as text',
    alter('share/waybill/licences/openssl.txt', () => leak('workspace')),
    'error share/waybill/licences/openssl.txt The file holds the workspace at offset 12',
  ],
  ['build-paths', 'a path as UTF-16', alter(SYSCONFIG, () => leak('workspace', { encoding: 'utf16le' })), 'at offset 12, as UTF-16'],
  ['build-paths', 'a path as UTF-32', alter(SYSCONFIG, () => leak('workspace', { encoding: 'utf32le' })), 'at offset 12, as UTF-32'],
  ['build-paths', 'a path in base64', alter(SYSCONFIG, () => leak('workspace', { encoding: 'base64' })), 'at offset 12, in base64'],
  [
    'build-paths',
    'a path in a member of a zip',
    add(file('share/data.zip', { content: 'zip', ...leak('workspace', { member: 'a/b.py' }) })),
    'error share/data.zip The file holds the workspace in member `a/b.py` at offset 12',
  ],
  [
    'build-paths',
    'a path in a gzip',
    add(file('share/data.gz', { content: 'gzip', ...leak('workspace', { member: 'content' }) })),
    'error share/data.gz',
  ],
  [
    'build-paths',
    'a bzip2 that nobody can look into',
    add(file('share/data.bz2', { sealed: ['bzip2'] })),
    'warning share/data.bz2 The file is packed',
  ],
  [
    'build-paths',
    'the runtime’s origin in libpython (T16, T31)',
    alter('python/runtime/lib/libpython3.11.so.1.0', () => leak('runtime-origin')),
    'The file holds the folder that the runtime was taken from',
  ],
  ['build-paths', 'cargo’s registry in the program (T44)', alter('studio', () => leak('cargo-home')), 'error studio The file holds cargo’s home'],
  [
    'build-paths',
    'the workspace in an unchanged file of a wheel',
    alter(`${SITE}/rusty/_rusty.abi3.so`, () => leak('workspace')),
    `error ${SITE}/rusty/_rusty.abi3.so`,
  ],
  [
    'build-paths',
    'the home folder in a changed file of a wheel',
    alter(`${SITE}/rusty/_rusty.abi3.so`, () => ({ sha256: 'f'.repeat(64) })),
    `error ${SITE}/rusty/_rusty.abi3.so The file holds the home folder`,
  ],
  [
    'build-paths',
    'a folder of the build in the entry’s own path',
    add(file('share/srv/build/workspace/x')),
    'error share/srv/build/workspace/x The entry’s own path holds the workspace',
  ],
  [
    'build-paths',
    'a container’s home in an unchanged file of a wheel: a warning',
    (entries) => entries,
    `warning ${SITE}/rusty/_rusty.abi3.so The file holds the home folder`,
  ],

  [
    'tree-entries',
    'an absolute link (T18)',
    add(symlink(`${STDLIB}/sitecustomize.py`, '/etc/python3.11/sitecustomize.py')),
    `error ${STDLIB}/sitecustomize.py The link is absolute`,
  ],
  ['tree-entries', 'a link that leaves', add(symlink('lib/libq.so', '../../libq.so')), 'error lib/libq.so The link leaves the bundle'],
  [
    'tree-entries',
    'a link that leaves and comes back',
    add(symlink('lib/z.so', '../../app/lib/libz.so.1')),
    'error lib/z.so The link leaves the bundle',
  ],
  ['tree-entries', 'a link to nothing', add(symlink('lib/libq.so', 'libq.so.1')), 'error lib/libq.so The link leads to nothing'],
  [
    'tree-entries',
    'links in a circle',
    add(symlink('lib/a.so', 'b.so'), symlink('lib/b.so', 'a.so')),
    'error lib/a.so The link leads round in a circle',
  ],
  [
    'tree-entries',
    'a hard link',
    add(file('lib/one', { hardLinkGroup: '1:2' }), file('lib/two', { hardLinkGroup: '1:2' })),
    'error lib/two The file is a hard link of `lib/one`',
  ],
  ['tree-entries', 'a FIFO (T39)', add(special('share/pipe', 'fifo')), 'error share/pipe The entry is a FIFO'],
  [
    'tree-entries',
    'a file that only its owner can read',
    alter(`${SITE}/pure/__init__.py`, () => ({ mode: 0o640 })),
    `error ${SITE}/pure/__init__.py Others than its owner cannot read the file`,
  ],
  [
    'tree-entries',
    'a folder that only its owner can enter',
    add({ path: 'share/own', kind: 'directory', mode: 0o754, size: 0, mtimeMs: 0 }),
    'error share/own Others than its owner cannot read the folder',
  ],
  ['tree-entries', 'a socket', add(special('share/sock', 'socket')), 'error share/sock The entry is a socket'],
  ['tree-entries', 'a device', add(special('share/null', 'character')), 'error share/null The entry is a character device'],
  ['tree-entries', 'names that differ by case', add(file('share/Read'), file('share/READ')), 'by case alone'],
  ['tree-entries', 'names that differ by normal form', add(file('share/e\u0301'), file('share/\u00e9')), 'by Unicode normal form alone'],
  ['tree-entries', 'a reserved name', add(file('share/aux.py')), 'error share/aux.py The name `aux.py` is a device on Windows'],
  ['tree-entries', 'a reserved folder', add(file('share/com1/x')), 'error share/com1 The name `com1` is a device on Windows'],
  ['tree-entries', 'a forbidden character', add(file('share/a:b')), 'error share/a:b The name `a:b` holds a character that Windows forbids'],
  ['tree-entries', 'a name that ends with a dot', add(file('share/a.')), 'error share/a. The name `a.` ends with a dot or space'],
  ['tree-entries', 'a name that is not UTF-8', add(file('share/\ufffd')), 'is not UTF-8'],
  ['tree-entries', 'a path that is too long', add(file(longPath)), `error ${longPath} The path is too long`],

  [
    'shebangs',
    'a shebang of the build (T17)',
    add(script('python/runtime/bin/pip', '#!/root/.pyenv/versions/3.11.7/bin/python3.11\n')),
    'error python/runtime/bin/pip The script’s interpreter is a place on the building machine',
  ],
  [
    'shebangs',
    'an executable elsewhere with a place of the build',
    add(script('share/tool', '#!/home/dev/venv/bin/python\n')),
    'error share/tool The script’s interpreter is a place on the building machine',
  ],
  [
    'shebangs',
    'pip’s way round long names',
    add(script('python/runtime/bin/pip', "#!/bin/sh\n'''exec' \"/root/a b/python3.11\" \"$0\" \"$@\"\n' '''\n")),
    'error python/runtime/bin/pip The script starts a Python by an absolute path',
  ],
  ['shebangs', 'CR LF', add(script('bin/tool', '#!/bin/sh\r')), 'error bin/tool The `#!` line ends with CR LF'],
  [
    'shebangs',
    'more than 127 bytes',
    add(script('bin/tool', `#!/bin/sh ${'x'.repeat(120)}`)),
    'error bin/tool The `#!` line is longer than kernels read',
  ],
  [
    'shebangs',
    'the host’s python in bin (Debian’s pydoc)',
    add(script('python/runtime/bin/pydoc3.11', '#!/usr/bin/python3.11\n')),
    'error python/runtime/bin/pydoc3.11',
  ],
  [
    'shebangs',
    'whatever python is on PATH',
    add(script('bin/tool', '#!/usr/bin/env python3\n')),
    'warning bin/tool The script runs whatever Python is first',
  ],
  ['shebangs', 'bash', add(script('bin/tool', '#!/bin/bash\n')), 'warning bin/tool The script needs bash'],
  ['shebangs', 'a relative interpreter', add(script('bin/tool', '#!python3\n')), 'error bin/tool The `#!` line names no absolute path'],
  [
    'shebangs',
    'a launcher without #! (T36)',
    (entries) => [file('studio', { mode: 0o755, text: 'exec python\n' }), ...entries.filter(({ path }) => path !== 'studio')],
    'error studio The script has no `#!` line',
  ],

  [
    'python-metadata',
    'a prefix of the build in sysconfig data',
    alter(SYSCONFIG, () => ({ text: "build_time_vars = {'prefix': '/root/.pyenv/versions/3.11.7'}\n" })),
    `error ${SYSCONFIG} Build settings name a folder`,
  ],
  [
    'python-metadata',
    'another prefix in sysconfig data, of no known place',
    alter(SYSCONFIG, () => ({ text: "build_time_vars = {'LIBDIR': '/data/py/lib'}\n" })),
    `error ${SYSCONFIG} Build settings name a folder`,
  ],
  [
    'python-metadata',
    'a Makefile of the build',
    add(file(`${STDLIB}/config-3.11/Makefile`, { text: 'prefix=\t/data/py\n' })),
    `error ${STDLIB}/config-3.11/Makefile`,
  ],
  [
    'python-metadata',
    'a .pc file of the build',
    add(file('python/runtime/lib/pkgconfig/python3.pc', { text: 'prefix=/data/py\n' })),
    'error python/runtime/lib/pkgconfig/python3.pc',
  ],
  [
    'python-metadata',
    'build-details.json',
    add(file(`${STDLIB}/build-details.json`, { text: '{\n  "base_prefix": "/data/py"\n}\n' })),
    `error ${STDLIB}/build-details.json`,
  ],
  [
    'python-metadata',
    'a virtual environment',
    add(file('python/runtime/pyvenv.cfg', { text: 'home = /usr/bin\n' })),
    'error python/runtime/pyvenv.cfg The folder is a virtual environment',
  ],
  [
    'python-metadata',
    'a .pth with an absolute folder',
    add(file(`${STDLIB}/site-packages/app.pth`, { text: '# x\n/srv/app/src\n' })),
    `error ${STDLIB}/site-packages/app.pth The file adds an absolute folder`,
  ],
  [
    'python-metadata',
    'a .pth that leaves',
    add(file(`${STDLIB}/site-packages/app.pth`, { text: '../../../../../../src\n' })),
    'The file adds a folder outside of the bundle',
  ],
  [
    'python-metadata',
    'a .pth to nothing',
    add(file(`${STDLIB}/site-packages/app.pth`, { text: 'nowhere\n' })),
    'The file adds a folder to sys.path that is not there',
  ],
  ['python-metadata', 'an egg-link', add(file(`${SITE}/app.egg-link`, { text: '/srv/app\n' })), `error ${SITE}/app.egg-link The package is a link`],
  [
    'python-metadata',
    'an editable install',
    add(file(`${SITE}/__editable___app_finder.py`)),
    `error ${SITE}/__editable___app_finder.py The package is installed as editable`,
  ],
  [
    'python-metadata',
    'a local origin',
    add(file(`${SITE}/pure-1.0.dist-info/direct_url.json`, { text: '{"url": "file:///srv/wheels/pure.whl"}' })),
    'The package was installed from a path of the building machine',
  ],
  [
    'python-metadata',
    'an editable origin',
    add(file(`${SITE}/pure-1.0.dist-info/direct_url.json`, { text: '{"url": "https://x", "dir_info": {"editable": true}}' })),
    'The package was installed from a folder, as editable',
  ],
  [
    'python-metadata',
    'a file missing from a package',
    drop(`${SITE}/pure/__init__.py`),
    `error ${RECORD} RECORD names \`pure/__init__.py\`, which is not there`,
  ],
  [
    'python-metadata',
    'a changed file',
    alter(`${SITE}/pure/__init__.py`, () => ({ sha256: '0'.repeat(64) })),
    `error ${SITE}/pure/__init__.py The file is not the one that \`${RECORD}\` names`,
  ],
  [
    'python-metadata',
    'a changed size',
    alter(RECORD, ({ text }) => ({ text: text!.replace(/(pure\/__init__\.py,sha256=[^,]+),\d+/, '$1,999') })),
    `error ${RECORD} RECORD gives another size for \`pure/__init__.py\``,
  ],
  [
    'python-metadata',
    'a file that no RECORD names',
    add(file(`${SITE}/pure/stray.py`)),
    `error ${SITE}/pure/stray.py The file lies among packages and no RECORD names it`,
  ],
  [
    'python-metadata',
    'a package of no RECORD',
    add(file(`${SITE}/bare-1.0.dist-info/METADATA`)),
    `error ${SITE}/bare-1.0.dist-info The package has no RECORD`,
  ],
  [
    'python-metadata',
    'a RECORD that names a script outside of the tree',
    withRow('../../../bin/x,,'),
    `error ${RECORD} RECORD names \`../../../bin/x\`, which is outside of the bundle`,
  ],
  [
    'python-metadata',
    'a RECORD that names a script which is not there',
    withRow('../bin/x,sha256=AAAA,3'),
    `error ${RECORD} RECORD names \`../bin/x\`, which is not there`,
  ],
  [
    'python-metadata',
    'an absolute path in RECORD',
    withRow('/usr/bin/x,,'),
    `error ${RECORD} RECORD names \`/usr/bin/x\`, which is outside of the bundle`,
  ],
  ['python-metadata', 'a RECORD that is no CSV', withRow('"broken'), `error ${RECORD} RECORD: line 5 is no row`],
  ['python-metadata', 'pruned byte code in RECORD: a warning', withRow('pure/__pycache__/gone.cpython-311.pyc,,'), `warning ${RECORD} RECORD names`],
  [
    'python-metadata',
    'a RECORD that is too large to be read',
    alter(RECORD, () => ({ text: undefined as never })),
    `error ${RECORD} RECORD was not read`,
  ],
  [
    'python-metadata',
    'the landmark that kills Python (T28)',
    alter('python/runtime/lib/python311.zip', () => ({ size: 0, content: 'empty' })),
    'error python/runtime/lib/python311.zip The empty file is taken for',
  ],
  [
    'python-metadata',
    'a zip with damaged content',
    add(file(`${STDLIB}/extra.zip`, { content: 'zip', archiveFault: 'wrong sum of `a.py`' })),
    `error ${STDLIB}/extra.zip The archive cannot be read: wrong sum of \`a.py\``,
  ],
  [
    'python-metadata',
    'a zip that is none',
    add(file(`${STDLIB}/extra.zip`, { content: 'data' })),
    `error ${STDLIB}/extra.zip The file is named as a zip and is none`,
  ],

  [
    'bytecode',
    'a wrong magic number',
    alter(OS_PYC, ({ pyc: header }) => ({ pyc: { ...header!, magic: 3531 } })),
    `error ${OS_PYC} The byte code was written by another Python`,
  ],
  [
    'bytecode',
    'byte code by time that is stale (T14)',
    alter(OS_PYC, () => ({ pyc: { magic: 3495, flags: 0, sourceMtime: 1, sourceSize: 1 } })),
    `error ${OS_PYC} The byte code is stale`,
  ],
  [
    'bytecode',
    'byte code by time that fits',
    alter(OS_PYC, () => ({ pyc: { magic: 3495, flags: 0, sourceMtime: 1_580_601_600, sourceSize: `${STDLIB}/os.py`.length } })),
    `warning ${OS_PYC} The byte code holds only as long`,
  ],
  ['bytecode', 'checked hashes', alter(OS_PYC, () => ({ pyc: { magic: 3495, flags: 3 } })), `warning ${OS_PYC} The byte code is checked against`],
  ['bytecode', 'unknown flags', alter(OS_PYC, () => ({ pyc: { magic: 3495, flags: 8 } })), `error ${OS_PYC} The byte code has flags`],
  [
    'bytecode',
    'an absolute co_filename (T15, T30)',
    alter(OS_PYC, () => ({ pyc: { magic: 3495, flags: 1, fileName: '/srv/build/os.py' } })),
    `error ${OS_PYC} The byte code names its source by an absolute path`,
  ],
  [
    'bytecode',
    'an absolute co_filename of Windows',
    alter(OS_PYC, () => ({ pyc: { magic: 3495, flags: 1, fileName: 'C:\\build\\os.py' } })),
    `error ${OS_PYC} The byte code names its source by an absolute path`,
  ],
  ['bytecode', 'byte code without source', drop(`${STDLIB}/os.py`), `error ${OS_PYC} The byte code has no source`],
  [
    'bytecode',
    'byte code of another series',
    add(file(`${STDLIB}/x.py`), pyc(`${STDLIB}/__pycache__/x.cpython-312.pyc`, { magic: 3531 })),
    'The byte code is for Python 3.12',
  ],
  [
    'bytecode',
    'damaged byte code',
    (entries) => entries.map((entry): BundleEntry => (entry.path === OS_PYC ? file(OS_PYC, { content: 'data' }) : entry)),
    `error ${OS_PYC} The file is named as byte code and is none`,
  ],
];

describe('planted faults in the tree', () => {
  it.each(PLANTS)('%s: %s', (check, _fault, change, expected) => {
    expect(describeFindings(findingsOf(check, pythonApp(change)))).toContainEqual(expect.stringContaining(expected));
  });

  it('are what turns the check red: the good bundle has no error', () => {
    const checks = [...new Set(PLANTS.map(([check]) => check))];
    expect(checks.flatMap((check) => findingsOf(check, pythonApp())).filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('Debian’s absolute link is red', () => {
    const facts = debianApp(add(symlink('python/runtime/lib/python3.11/sitecustomize.py', '/etc/python3.11/sitecustomize.py')));
    expect(findingsOf('tree-entries', facts)).toHaveLength(1);
  });
});

describe('the manifest', () => {
  const changed = (change: Change): string[] => {
    const good = embeddedApp();
    return describeFindings(findingsOf('tree-entries', { ...good, entries: change([...good.entries]) }));
  };

  it.each([
    [
      'a changed file',
      alter('share/waybill/launcher.conf', () => ({ sha256: '0'.repeat(64) })),
      'error share/waybill/launcher.conf The manifest gives another digest',
    ],
    [
      'a manifest that is too large to be read',
      alter('share/waybill/manifest.json', () => ({ text: undefined as never })),
      'error share/waybill/manifest.json The manifest was not read',
    ],
    [
      'a changed size',
      alter('share/waybill/launcher.conf', () => ({ size: 1 })),
      'error share/waybill/launcher.conf The manifest gives another size',
    ],
    ['a lost executable bit', alter('pychat', () => ({ mode: 0o644 })), 'error pychat The manifest gives another mode'],
    ['a stricter umask: a warning', alter('pychat', () => ({ mode: 0o700 })), 'warning pychat The manifest gives another mode'],
    ['a missing file', drop('share/waybill/launcher.conf'), 'error share/waybill/launcher.conf The manifest names the file, and it is not there'],
    ['a file beyond it', add(file('share/new')), 'error share/new The file is not in the manifest'],
    [
      'another link',
      alter('lib/libz.so.1', () => ({ linkTarget: './libz.so.1.2.13' })),
      'error lib/libz.so.1 The manifest gives another link target',
    ],
    ['a file in place of a link', alter('lib/libz.so.1', () => ({ kind: 'file' })), 'error lib/libz.so.1 The manifest gives another type'],
    [
      'no JSON',
      alter('share/waybill/manifest.json', () => ({ text: '{' })),
      'error share/waybill/manifest.json The manifest is no JSON with a list of entries',
    ],
    [
      'another build of libpython',
      alterElf('python/runtime/lib/libpython3.11.so.1.0', { buildId: 'bb22' }),
      'error python/runtime/lib/libpython3.11.so.1.0 The interpreter is another build',
    ],
  ] as const)('disagrees: %s', (_case, change, expected) => {
    expect(changed(change)).toContainEqual(expect.stringContaining(expected));
  });
});

describe('what good bundles have and no check minds', () => {
  it.each<[CheckId, string, Change]>([
    [
      'python-metadata',
      'a RECORD that names a script in bin, which is there',
      (entries) => {
        const scripts = [script('python/bin/tool', '#!/bin/sh\n')];
        const row = `../bin/tool,sha256=${Buffer.from(scripts[0]!.sha256!, 'hex').toString('base64url')},${scripts[0]!.size}`;
        return [...withRow(row)(entries), ...scripts];
      },
    ],
    ['python-metadata', 'code of the application among packages, which no RECORD can name', add(file(`${SITE}/own/__init__.py`))],
    [
      'python-metadata',
      'quoted names in RECORD',
      (entries) =>
        [...entries, ...installed('python/other', 'odd', []), file('python/other/a, b.txt')].map((entry) =>
          entry.path === 'python/other/odd-1.0.dist-info/RECORD'
            ? {
                ...entry,
                text: `${entry.text}"a, b.txt",sha256=${Buffer.from(file('python/other/a, b.txt').sha256!, 'hex').toString('base64url')},\n`,
              }
            : entry,
        ),
    ],
    [
      'python-metadata',
      'a damaged archive as data of a package',
      (entries) => [...entries, file('share/tests/bad.bin', { archiveFault: 'cut off' })],
    ],
    ['python-metadata', 'a package that a wheel carries inside, with the metadata of another installation', withCarried],
    ['tree-entries', 'a tree that was unpacked as private', (entries) => entries.map((entry) => ({ ...entry, mode: entry.mode & 0o700 }))],
    ['tree-entries', 'folders that differ by case', add(file('share/Foo/a'), file('share/foo/b'))],
    ['tree-entries', 'a link within the bundle', add(symlink('share/z', '../lib/libz.so.1'))],
    ['shebangs', 'modules with odd shebangs that nobody starts', add(script(`${STDLIB}/odd.py`, '#!/home/dev/bin/python\n', 0o644))],
    ['bytecode', 'byte code alone, outside of __pycache__', add(pyc('python/vendor2/app.pyc'))],
    ['bytecode', 'optimised byte code', add(...module(`${STDLIB}/opt.py`, '3.11', 3495), pyc(`${STDLIB}/__pycache__/opt.cpython-311.opt-1.pyc`))],
    [
      'binary-format',
      'a module for each series',
      add(elf(`${STDLIB}/m.cpython-312-x86_64-linux-gnu.so`), elf(`${STDLIB}/m.cpython-311-x86_64-linux-gnu.so`)),
    ],
    [
      'binary-format',
      'an object file for another machine',
      add(elf('share/bpf.o', { type: 'relocatable', architecture: 'bpf', dynamic: false, segments: [] })),
    ],
  ])('%s: %s', (check, _what, change) => {
    expect(findingsOf(check, pythonApp(change)).filter(({ level, message }) => level === 'error' || message.includes('RECORD names'))).toEqual([]);
  });
});

/** As setuptools carries wheel: a RECORD with a console script that no wheel holds, and a dist-info without RECORD. */
function withCarried(entries: BundleEntry[]): BundleEntry[] {
  const inner = 'python/other/outer/_vendor';
  const carried = [
    file(`${inner}/inner-2.0.dist-info/METADATA`),
    file(`${inner}/inner-2.0.dist-info/RECORD`, {
      text: '../../bin/inner,sha256=AAAA,3\nbin/inner,sha256=AAAA,3\ninner/__init__.py,sha256=AAAA,3\n',
    }),
    file(`${inner}/inner/__init__.py`),
    file(`${inner}/bare-2.0.dist-info/METADATA`),
  ];
  return [...entries, ...installed('python/other', 'outer', carried)];
}
