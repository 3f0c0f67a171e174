import type { CheckId } from '../check-table';
import { runStaticChecks } from '../run-static-checks';
import { elf, elfFacts, file, script } from '../testing/build-facts';
import { embeddedApp, LOADER, pythonApp } from '../testing/good-bundles';
import { add, alter, alterElf, type Change, describeFindings, drop, findingsOf, POLICY } from '../testing/plant-fault';

const PYTHON = 'python/runtime/bin/python3.11';
const LIBPYTHON = 'python/runtime/lib/libpython3.11.so.1.0';
const SSL = 'python/runtime/lib/python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so';
const ZLIB = 'python/runtime/lib/python3.11/lib-dynload/zlib.cpython-311-x86_64-linux-gnu.so';
const MODULE = 'python/runtime/lib/python3.11/lib-dynload/_extra.so';
const WHEEL_MODULE = 'python/vendor/numeric/_core.abi3.so';

const without = (entry: ReturnType<typeof elf>) => {
  const { elf: _elf, ...rest } = entry;
  return rest;
};

/** Check, fault, change of a good bundle, what one finding must say. */
type Plant = readonly [CheckId, string, Change, string];

const PLANTS: readonly Plant[] = [
  [
    'binary-format',
    'a file for another architecture',
    alterElf(SSL, { architecture: 'aarch64', machine: 183 }),
    `error ${SSL} The file is made for another machine`,
  ],
  [
    'binary-format',
    'a 32-bit file',
    alterElf(SSL, { architecture: 'i386', bits: 32, machine: 3 }),
    `error ${SSL} The file is made for another machine`,
  ],
  ['binary-format', 'a file for another system', alterElf(SSL, { osAbi: 9 }), `error ${SSL} The file is made for another operating system`],
  [
    'binary-format',
    'a library of size 0',
    add(file(MODULE, { content: 'empty', size: 0 })),
    `error ${MODULE} The file is named as a shared library and is none`,
  ],
  [
    'binary-format',
    'a macOS file named .so',
    add(file(MODULE, { content: 'mach-o' })),
    `error ${MODULE} The file is named as a shared library and is none`,
  ],
  [
    'binary-format',
    'a Windows file named .so',
    add(file(MODULE, { content: 'pe' })),
    `error ${MODULE} The file is named as a shared library and is none`,
  ],
  [
    'binary-format',
    'data named .so.1',
    add(file('lib/libx.so.1', { content: 'data' })),
    'error lib/libx.so.1 The file is named as a shared library and is none',
  ],
  [
    'binary-format',
    'a linker script',
    add(file('lib/libx.so', { content: 'text' })),
    'warning lib/libx.so The file is named as a shared library and holds text, such as a linker script',
  ],
  [
    'binary-format',
    'a truncated file',
    add({ ...without(elf(MODULE)), elfRefusal: { reason: 'truncated', message: 'a segment that is loaded ends at 9, the file at 5', offset: 5 } }),
    `error ${MODULE} The file is no usable ELF file: a segment that is loaded ends at 9, the file at 5 (offset 5)`,
  ],
  ['binary-format', 'a library without segments', alterElf(SSL, { segments: [] }), `error ${SSL} The file has no segment that is loaded`],
  [
    'binary-format',
    'a module for another Python',
    add(elf('python/vendor/x/_x.cpython-312-x86_64-linux-gnu.so')),
    'error python/vendor/x/_x.cpython-312-x86_64-linux-gnu.so The extension module is for Python 3.12',
  ],
  [
    'binary-format',
    'a module for another C library',
    add(elf('python/vendor/x/_x.cpython-311-x86_64-linux-musl.so')),
    'error python/vendor/x/_x.cpython-311-x86_64-linux-musl.so The extension module is for systems with musl',
  ],
  ['binary-format', 'no ELF file at all', (entries) => entries.filter((entry) => !entry.elf), 'error - The bundle holds no ELF file'],

  ['needed-libraries', 'a library that is not carried', drop('lib/libcrypto.so.3'), 'error lib/libssl.so.3 `libcrypto.so.3` is not found, loaded by'],
  [
    'needed-libraries',
    'libpython left out (T1)',
    drop(LIBPYTHON),
    `error ${PYTHON} \`libpython3.11.so.1.0\` is not found (searched RPATH $ORIGIN/../lib of ${PYTHON}`,
  ],
  [
    'needed-libraries',
    'a library that no search path reaches (T33)',
    alterElf(PYTHON, { rpath: '$ORIGIN/../lib' }),
    `error ${ZLIB} \`libz.so.1\` is not found`,
  ],
  [
    'needed-libraries',
    'RUNPATH on a module cuts it off from the program’s DT_RPATH',
    alterElf(ZLIB, { runpath: '$ORIGIN' }),
    `error ${ZLIB} \`libz.so.1\` is not found (searched RUNPATH $ORIGIN of ${ZLIB})`,
  ],
  [
    'needed-libraries',
    'an absolute NEEDED',
    alterElf(ZLIB, { needed: ['/usr/lib/libz.so.1'] }),
    `error ${ZLIB} \`/usr/lib/libz.so.1\` leads out of the bundle (an absolute path)`,
  ],
  [
    'needed-libraries',
    'a NEEDED relative to the working folder',
    alterElf(ZLIB, { needed: ['lib/libz.so.1'] }),
    `error ${ZLIB} \`lib/libz.so.1\` leads out of the bundle (a path relative to the working folder)`,
  ],
  [
    'needed-libraries',
    'a NEEDED that escapes',
    alterElf(PYTHON, { needed: ['$ORIGIN/../../../../x/libpython3.11.so.1.0'] }),
    'leads out of the bundle (a path that leaves the bundle)',
  ],
  [
    'needed-libraries',
    'a NEEDED with a path to nothing',
    alterElf(PYTHON, { needed: ['$ORIGIN/../lib/libnone.so'] }),
    'error python/runtime/bin/python3.11 `$ORIGIN/../lib/libnone.so` is not found',
  ],
  [
    'needed-libraries',
    'a carried library that does not load',
    alter('lib/libz.so.1.2.13', (entry) => ({ ...without(entry), elf: undefined as never, content: 'empty' })),
    `error ${ZLIB} \`libz.so.1\` is not found`,
  ],
  [
    'needed-libraries',
    'a part of glibc in the bundle',
    add(elf('lib/libm.so.6', { soname: 'libm.so.6' })),
    'error lib/libm.so.6 The bundle carries `libm.so.6`',
  ],
  [
    'needed-libraries',
    'libpython twice',
    add(elf('lib/libpython3.11.so.1.0', { soname: 'libpython3.11.so.1.0' })),
    `error ${LIBPYTHON} libpython is in the bundle twice`,
  ],
  [
    'needed-libraries',
    'a carried library that is too old for its user',
    alterElf('lib/libssl.so.3', { versionDefinitions: ['OPENSSL_1.1.0'] }),
    `error ${SSL} \`lib/libssl.so.3\` lacks \`OPENSSL_3.0.0\``,
  ],
  [
    'needed-libraries',
    'libcrypt from the host (T20)',
    alterElf(LIBPYTHON, { needed: ['libcrypt.so.1', 'libc.so.6'] }),
    `error ${LIBPYTHON} \`libcrypt.so.1\` is not found`,
  ],

  ['rpath', 'an absolute DT_RPATH', alterElf(SSL, { rpath: '/opt/app/lib' }), `error ${SSL} DT_RPATH is absolute: \`/opt/app/lib\``],
  [
    'rpath',
    'an absolute DT_RUNPATH behind a good one',
    alterElf(SSL, { rpath: '$ORIGIN/../../../../../lib:/usr/lib' }),
    `error ${SSL} DT_RPATH is absolute: \`/usr/lib\``,
  ],
  [
    'rpath',
    'an absolute one in a file of a wheel',
    alterElf(WHEEL_MODULE, { runpath: '/usr/local/lib' }),
    `error ${WHEEL_MODULE} DT_RUNPATH is absolute`,
  ],
  [
    'rpath',
    'a folder of a build container in a file of a wheel, as scipy has: a warning',
    alterElf(WHEEL_MODULE, { runpath: '/opt/_internal/cpython-3.11.13/lib' }),
    `warning ${WHEEL_MODULE} DT_RUNPATH is absolute`,
  ],
  ['rpath', 'the same in a file of the runtime', alterElf(SSL, { rpath: '/opt/_internal/cpython-3.11.13/lib' }), `error ${SSL} DT_RPATH is absolute`],
  ['rpath', 'an empty element', alterElf(SSL, { rpath: '$ORIGIN/../../../../../lib:' }), `error ${SSL} DT_RPATH has an empty element`],
  ['rpath', 'an escape', alterElf(PYTHON, { rpath: '$ORIGIN/../../../..' }), `error ${PYTHON} DT_RPATH leaves the bundle`],
  ['rpath', 'an escape with braces', alterElf(PYTHON, { rpath: '${ORIGIN}/../../../../lib' }), `error ${PYTHON} DT_RPATH leaves the bundle`],
  ['rpath', 'a folder that is not there', alterElf(SSL, { rpath: '$ORIGIN/nowhere' }), 'which is not there'],
  ['rpath', 'a relative folder', alterElf(SSL, { rpath: 'lib' }), `error ${SSL} DT_RPATH depends on the working folder`],
  ['rpath', 'an unknown token', alterElf(SSL, { rpath: '$ORIGINAL/lib' }), `error ${SSL} DT_RPATH holds \`$ORIGINAL\``],
  ['rpath', 'a placeholder of a build', alterElf(SSL, { rpath: 'XORIGIN/../lib' }), `error ${SSL} DT_RPATH depends on the working folder`],
  ['rpath', 'both kinds', alterElf(SSL, { runpath: '$ORIGIN' }), `warning ${SSL} The file has DT_RPATH and DT_RUNPATH`],
  ['rpath', '$LIB', alterElf(SSL, { rpath: '$ORIGIN/$LIB' }), `error ${SSL} DT_RPATH element \`$ORIGIN/$LIB\` leads to`],

  [
    'loader',
    'RUNPATH on the executable (T2)',
    alterElf(PYTHON, { rpath: undefined as never, runpath: '$ORIGIN/../lib:$ORIGIN/../../../lib' }),
    `error ${PYTHON} \`libpython3.11.so.1.0\` is found through DT_RUNPATH`,
  ],
  [
    'loader',
    'RUNPATH on a module of the runtime',
    alterElf(SSL, { rpath: undefined as never, runpath: '$ORIGIN/../../../../../lib' }),
    `warning ${SSL} \`libssl.so.3\` is found through DT_RUNPATH`,
  ],
  [
    'loader',
    'the loader of one distribution',
    alterElf(PYTHON, { interpreter: '/nix/store/x-glibc/lib/ld-linux-x86-64.so.2' }),
    `error ${PYTHON} The program asks for a dynamic loader`,
  ],
  [
    'loader',
    'the loader of musl',
    alterElf(PYTHON, { interpreter: '/lib/ld-musl-x86_64.so.1' }),
    `error ${PYTHON} The program asks for a dynamic loader`,
  ],
  [
    'loader',
    'an interpreter that nobody may execute',
    alter(PYTHON, () => ({ mode: 0o644 })),
    `error ${PYTHON} The file is what starts the application and nobody may execute it`,
  ],
  [
    'loader',
    'a launcher that nobody may execute',
    alter('studio', () => ({ mode: 0o644 })),
    'error studio The file is what starts the application and nobody may execute it',
  ],

  ['elf-hygiene', 'an executable stack', alterElf(SSL, { executableStack: true }), `error ${SSL} The file asks for an executable stack`],
  ['elf-hygiene', 'text relocations', alterElf(SSL, { textRelocations: true }), `error ${SSL} The file has text relocations`],
  [
    'elf-hygiene',
    'a segment that is not aligned to pages',
    alterElf(SSL, { segments: [{ ...elfFacts().segments[0]!, alignment: 64 }] }),
    `error ${SSL} PT_LOAD at offset 0x0 is not aligned to pages`,
  ],
  [
    'elf-hygiene',
    'a misaligned segment (patchelf 0.18)',
    alterElf(SSL, { segments: [{ ...elfFacts().segments[0]!, offset: 0x1000, virtualAddress: 0x3000, alignment: 0x4000 }] }),
    `error ${SSL} PT_LOAD at offset 0x1000 does not fit its address 0x3000`,
  ],
  [
    'elf-hygiene',
    'segments out of order',
    alterElf(SSL, {
      segments: [
        { ...elfFacts().segments[0]!, virtualAddress: 0x2000 },
        { ...elfFacts().segments[0]!, virtualAddress: 0x1000 },
      ],
    }),
    `error ${SSL} PT_LOAD at offset 0x0 stands before a segment with a lower address`,
  ],
  ['elf-hygiene', 'a newer processor', alterElf(SSL, { isaLevel: 3 }), `error ${SSL} The file runs only on processors of level x86-64-v3`],
  ['elf-hygiene', 'a slightly newer processor', alterElf(SSL, { isaLevel: 2 }), `warning ${SSL} The file runs only on processors of level x86-64-v2`],
  ['elf-hygiene', 'a setuid bit (T3, T35)', alter(PYTHON, () => ({ mode: 0o4755 })), `error ${PYTHON} The setuid bit is set`],
  ['elf-hygiene', 'a setgid bit', alter('studio', () => ({ mode: 0o2755 })), 'error studio The setgid bit is set'],
  ['elf-hygiene', 'a file capability', alter(PYTHON, () => ({ fileCapabilities: true })), `error ${PYTHON} The file has capabilities`],
  ['elf-hygiene', 'a broken section table (T38)', alterElf(SSL, { sectionTable: 'broken' }), `warning ${SSL} The section table is broken`],
  [
    'elf-hygiene',
    'a folder with the setgid bit',
    add({ path: 'share/group', kind: 'directory', mode: 0o2755, size: 0, mtimeMs: 0 }),
    'warning share/group The folder hands its group on',
  ],
];

describe('planted faults in native files', () => {
  it.each(PLANTS)('%s: %s', (check, _fault, change, expected) => {
    expect(describeFindings(findingsOf(check, pythonApp(change)))).toContainEqual(expect.stringContaining(expected));
  });

  it('are what turns the check red: the good bundle says nothing', () => {
    const checks = [...new Set(PLANTS.map(([check]) => check))];
    expect(checks.flatMap((check) => findingsOf(check, pythonApp()))).toEqual([]);
  });
});

describe('glibc-floor', () => {
  const policy = { ...POLICY, glibc: '2.34' };

  it.each([
    ['a symbol that is too new', alterElf(SSL, elf('x', { glibc: '2.38' }).elf!), `error ${SSL} The file needs glibc 2.38 for \`stat\``],
    [
      'DT_RELR, which no number names',
      alterElf(SSL, { versionNeeds: [{ library: 'libc.so.6', versions: ['GLIBC_ABI_DT_RELR'] }] }),
      `error ${SSL} The file needs glibc 2.36 for \`GLIBC_ABI_DT_RELR\``,
    ],
    [
      'TLS descriptors, which glibc has since 2.43',
      alterElf(SSL, { versionNeeds: [{ library: 'ld-linux-x86-64.so.2', versions: ['GLIBC_ABI_GNU2_TLS'] }] }),
      `error ${SSL} The file needs glibc 2.43 for \`GLIBC_ABI_GNU2_TLS\``,
    ],
    [
      'a mark that is not known',
      alterElf(SSL, { versionNeeds: [{ library: 'libc.so.6', versions: ['GLIBC_ABI_SOON'] }] }),
      `error ${SSL} The file needs \`GLIBC_ABI_SOON\` of glibc`,
    ],
    [
      'a private symbol',
      alterElf(SSL, { versionNeeds: [{ library: 'libc.so.6', versions: ['GLIBC_PRIVATE'] }] }),
      `error ${SSL} The file needs \`GLIBC_PRIVATE\``,
    ],
    [
      'a newer libstdc++ of the system',
      alterElf(SSL, { needed: ['libstdc++.so.6'], versionNeeds: [{ library: 'libstdc++.so.6', versions: ['GLIBCXX_3.4.31'] }] }),
      `error ${SSL} The file needs \`GLIBCXX_3.4.31\` of the system’s \`libstdc++.so.6\``,
    ],
    [
      'a newer libgcc_s of the system',
      alterElf(SSL, { needed: ['libgcc_s.so.1'], versionNeeds: [{ library: 'libgcc_s.so.1', versions: ['GCC_14.0.0'] }] }),
      `error ${SSL} The file needs \`GCC_14.0.0\``,
    ],
    ['libpython itself', (entries: Parameters<Change>[0]) => entries, `error ${LIBPYTHON} The file needs glibc 2.35 for \`hypot\``],
  ] as const)('%s', (_case, change, expected) => {
    expect(describeFindings(findingsOf('glibc-floor', pythonApp(change), policy))).toContainEqual(expect.stringContaining(expected));
  });

  it('suggests the manylinux tag', () => {
    const [finding] = findingsOf('glibc-floor', pythonApp(), policy);
    expect(finding).toMatchObject({ expected: 'at most glibc 2.34', actual: 'GLIBC_2.35 (manylinux_2_35_x86_64)' });
  });

  it('does not count weak needs, and takes the bound in both spellings', () => {
    const weak = alterElf(SSL, { versionNeeds: [{ library: 'libc.so.6', versions: ['GLIBC_2.40'], weak: ['GLIBC_2.40'] }] });
    expect(findingsOf('glibc-floor', pythonApp(weak), { ...POLICY, glibc: 'glibc2.35' })).toEqual([]);
  });

  it.each([
    ['linux-x86_64', 'GCC_12.0.0', 0],
    ['linux-x86_64', 'GCC_13.0.0', 1],
    ['linux-aarch64', 'GCC_12.0.0', 1],
  ])('measures libgcc_s by what systems of %s have: %s', (platform, version, errors) => {
    const newer = alterElf(SSL, { needed: ['libgcc_s.so.1'], versionNeeds: [{ library: 'libgcc_s.so.1', versions: [version] }] });
    const found = findingsOf('glibc-floor', pythonApp(newer), { ...POLICY, platform, glibc: '2.35' });
    expect(found.filter(({ message }) => message.includes(version))).toHaveLength(errors);
  });

  it('lets a carried libstdc++ be as new as it is', () => {
    const change: Change = (entries) =>
      add(elf('lib/libstdc++.so.6', { soname: 'libstdc++.so.6', versionDefinitions: ['GLIBCXX_3.4.31'] }))(
        alterElf(SSL, { needed: ['libstdc++.so.6'], versionNeeds: [{ library: 'libstdc++.so.6', versions: ['GLIBCXX_3.4.31'] }] })(entries),
      );
    expect(findingsOf('glibc-floor', pythonApp(change), { ...POLICY, glibc: '2.35' })).toEqual([]);
  });
});

describe('needed-libraries over several programs', () => {
  it('is red when the program that users start does not find what the interpreter finds', () => {
    const facts = embeddedApp(alterElf('bin/pychat-bin', { rpath: '$ORIGIN/../python/runtime/lib', needed: ['libpython3.11.so.1.0', 'libc.so.6'] }));
    expect(describeFindings(findingsOf('needed-libraries', facts))).toContainEqual(
      expect.stringContaining(`error ${ZLIB} \`bin/pychat-bin\` does not find \`libz.so.1\``),
    );
  });

  it('warns when only the interpreter does not find it', () => {
    const facts = embeddedApp(alterElf(PYTHON, { rpath: '$ORIGIN/../lib' }));
    expect(describeFindings(findingsOf('needed-libraries', facts))).toContainEqual(
      expect.stringContaining(`warning ${ZLIB} \`${PYTHON}\` does not find`),
    );
  });
});

describe('libraries that the manifest takes from the host', () => {
  const lacking = pythonApp(drop('lib/libcrypto.so.3'));
  const policy = (...fromHost: string[]) => ({ ...POLICY, fromHost });

  it('are told, and no fault', () => {
    const all = runStaticChecks(lacking, policy('libcrypto.so.3')).find(({ check }) => check === 'needed-libraries')!;
    expect(describeFindings(all.findings)).toEqual(['info - 2 files need what is taken from the host, as the manifest says: `libcrypto.so.3`']);
    expect(all.evidence['fromHost']).toEqual(['libcrypto.so.3']);
  });

  it.each([
    ['none', []],
    ['another', ['libssl.so.3']],
    ['the same of another version', ['libcrypto.so.1.1']],
  ])('excuse nothing that they do not name: %s', (_, fromHost) => {
    expect(describeFindings(findingsOf('needed-libraries', lacking, policy(...fromHost)))).toContainEqual(
      expect.stringContaining('error lib/libssl.so.3 `libcrypto.so.3` is not found'),
    );
  });

  it('are a warning where no file needs them', () => {
    expect(describeFindings(findingsOf('needed-libraries', pythonApp(), policy('libcrypto.so.3')))).toEqual([
      'warning - the manifest takes `libcrypto.so.3` from the host, and no file of the bundle needs it',
    ]);
  });

  it('do not excuse a path that leads out of the bundle', () => {
    const facts = pythonApp(alterElf(SSL, { needed: ['/usr/lib/libGL.so.1'] }));
    expect(describeFindings(findingsOf('needed-libraries', facts, policy('/usr/lib/libGL.so.1')))).toContainEqual(
      expect.stringContaining(`error ${SSL} \`/usr/lib/libGL.so.1\` leads out of the bundle`),
    );
  });
});

it('tells libraries of wheels that are found through DT_RUNPATH in one line', () => {
  const more = ['a', 'b', 'c'].map((name) => ({
    ...elf(`python/vendor/qt/lib${name}.so`, { soname: `lib${name}.so`, needed: name === 'c' ? [] : ['libc.so'], runpath: '$ORIGIN' }),
    recorded: true,
  }));
  const { findings } = runStaticChecks(pythonApp(add(...more)), POLICY).find(({ check }) => check === 'loader')!;
  expect(describeFindings(findings)).toEqual([expect.stringMatching(/^info python\/vendor\/numeric\/_core\.abi3\.so 3 libraries of wheels find/)]);
});

describe('loader with a tool that a wheel brings along', () => {
  const tool = (recorded: boolean) =>
    pythonApp(
      add(elf('python/vendor/qt/lib/libqt.so.6', { soname: 'libqt.so.6' }), {
        ...elf('python/vendor/qt/uic', { interpreter: LOADER, needed: ['libqt.so.6'], runpath: '$ORIGIN/lib' }),
        recorded,
      }),
    );

  it('warns where RECORD knows it: it is not what users start', () => {
    const levels = (of: ReturnType<typeof tool>): string[] => findingsOf('loader', of).map(({ level }) => level);
    expect(levels(tool(true))).toEqual(['warning']);
    expect(levels(tool(false))).toEqual(['error']);
  });
});

describe('loader with a shell launcher', () => {
  const runpath = alterElf(PYTHON, { rpath: undefined as never, runpath: '$ORIGIN/../lib:$ORIGIN/../../../lib' });
  const launcher =
    (text: string): Change =>
    (entries) => [script('studio', text), ...runpath(entries).filter(({ path }) => path !== 'studio')];

  it.each([
    ['unset', '#!/bin/sh\nunset FOO LD_LIBRARY_PATH\nexec x\n', 0],
    ['an empty value', '#!/bin/sh\nLD_LIBRARY_PATH= exec x\n', 0],
    ['env -u', '#!/bin/sh\nexec env -u LD_LIBRARY_PATH x\n', 0],
    ['unset in a condition', '#!/bin/sh\nif [ -n "$X" ]; then unset -v LD_LIBRARY_PATH; fi\nexec x\n', 0],
    ['an exported empty value', '#!/bin/sh\nexport LD_LIBRARY_PATH=""\nexec x\n', 0],
    ['env with other variables', '#!/bin/sh\nexec /usr/bin/env -uLD_LIBRARY_PATH A=b "$(dirname "$0")/x" "$@"\n', 0],
    ['an empty value before the program', "#!/bin/sh\ncat <<E\nit's\nE\nA=1 LD_LIBRARY_PATH= exec x\n", 0],
    ['a comment behind a command', '#!/bin/sh\nexec x # never unset LD_LIBRARY_PATH here\n', 1],
    ['a text that is printed', '#!/bin/sh\necho "LD_LIBRARY_PATH= is not set"\necho unset LD_LIBRARY_PATH\nexec x\n', 1],
    ['a here document', '#!/bin/sh\ncat <<"E"\nunset LD_LIBRARY_PATH\nE\nexec x\n', 1],
    ['a comment only', '#!/bin/sh\n# unset LD_LIBRARY_PATH\nexec x\n', 1],
    ['another variable', '#!/bin/sh\nunset MY_LD_LIBRARY_PATH_X\nexec x\n', 1],
    ['unset behind a shift', '#!/bin/sh\nmask=$((1<<2))\nunset LD_LIBRARY_PATH\nexec x\n', 0],
    ['unset behind a here string', '#!/bin/bash\nread -r a <<<word\nunset LD_LIBRARY_PATH\nexec x\n', 0],
    ['unset behind a length', '#!/bin/sh\nn=${#X}; unset LD_LIBRARY_PATH; exec x\n', 0],
    ['unset behind two here documents', "#!/bin/sh\ncat <<A - <<-'B C'\nit's\nA\n\tno\n\tB C\nunset LD_LIBRARY_PATH\nexec x\n", 0],
    ['exec -a', '#!/bin/bash\nexec -a studio env -u LD_LIBRARY_PATH x "$@"\n', 0],
    ['exec -c', '#!/bin/bash\nexec -ca studio x "$@"\n', 0],
    ['nohup', '#!/bin/sh\nnohup env --unset LD_LIBRARY_PATH ./x "$@" >/dev/null 2>&1 &\n', 0],
    ['nice', '#!/bin/sh\nexec nice -n 5 env -uLD_LIBRARY_PATH ./x "$@"\n', 0],
    ['env -i', '#!/bin/sh\nexec env -i HOME="$HOME" "$(cd "$(dirname "$0")" && pwd)/x" "$@"\n', 0],
    ['folders of its own alone', '#!/bin/sh\nexport LD_LIBRARY_PATH="$(dirname "$0")/lib"\nexec x\n', 0],
    ['no process substitution', '#!/bin/bash\nexec 3< <(true); unset LD_LIBRARY_PATH; exec "${0%/*}/x" "$@"\n', 0],
    ['a braced word', '#!/bin/bash\nmkdir -p {a,b}; { unset LD_LIBRARY_PATH; }\nexec x\n', 0],
    ['a start of itself by another shell', '#!/bin/sh\n[ "$B" ] || exec bash "$0" "$@"\nunset LD_LIBRARY_PATH\n"$H/x" "$@"\n', 0],
    ['an empty value for another command', '#!/bin/sh\nLD_LIBRARY_PATH= ldconfig -p\nexec x "$@"\n', 1],
    ['env -u for another command', '#!/bin/sh\nenv -u LD_LIBRARY_PATH uname -a\n"$H/x" "$@"\n', 1],
    ['env -i that passes it on', '#!/bin/sh\nexec env -i LD_LIBRARY_PATH="$LD_LIBRARY_PATH" x "$@"\n', 1],
    ['unset that is taken back', '#!/bin/sh\no=$LD_LIBRARY_PATH; unset LD_LIBRARY_PATH; true; export LD_LIBRARY_PATH=$o\nexec x\n', 1],
    ['unset in a substitution', '#!/bin/sh\nv=$(unset LD_LIBRARY_PATH; ./x --version)\nexec x "$@"\n', 1],
    ['the name of a function', '#!/bin/sh\nunset -f LD_LIBRARY_PATH\nexec x\n', 1],
    ['folders behind the caller’s', '#!/bin/sh\nexport LD_LIBRARY_PATH="$LD_LIBRARY_PATH:$H/lib"\nexec x\n', 1],
  ])('that clears LD_LIBRARY_PATH by %s', (_case, text, errors) => {
    expect(findingsOf('loader', pythonApp(launcher(text))).filter(({ level }) => level === 'error')).toHaveLength(errors);
  });

  it.each([
    ['LD_LIBRARY_PATH="$here/lib:$here/nowhere:$LD_LIBRARY_PATH" exec "$here/bin/tool"', ['lib']],
    ['export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"; exec "$here/bin/tool"', ['lib']],
    ['LD_LIBRARY_PATH=`dirname "$0"`/lib\nexport LD_LIBRARY_PATH\nexec "$here/bin/tool"', ['lib']],
    ['# LD_LIBRARY_PATH="$here/lib"\nexec "$here/bin/tool"', undefined],
    ['LD_LIBRARY_PATH="$here/lib" true; exec "$here/bin/tool"', undefined],
    ['LD_LIBRARY_PATH="$here/lib"; exec "$here/bin/tool"', undefined],
  ])('that leads to its own folders by LD_LIBRARY_PATH: %s', (line, folders) => {
    const facts = pythonApp((entries) => [
      script('studio', `#!/bin/sh\nhere="\${0%/*}"\n${line}\n`),
      elf('bin/tool', { interpreter: LOADER, needed: ['libz.so.1'] }),
      ...entries.filter(({ path }) => path !== 'studio'),
    ]);
    expect(facts.layout.launcherLibraryFolders).toEqual(folders);
    expect(findingsOf('needed-libraries', facts)).toHaveLength(folders ? 0 : 1);
  });
});
