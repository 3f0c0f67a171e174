import { elf, factsOf } from '../testing/build-facts';
import { embeddedApp, frozenApp, LOADER, standaloneApp } from '../testing/good-bundles';
import { renderLinkageReport } from '../render-linkage-report';
import { glibcFloor } from './glibc-floor';
import { resolveNeeded } from './resolve-needed';

const SSL = 'python/runtime/lib/python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so';
const ZLIB = 'python/runtime/lib/python3.11/lib-dynload/zlib.cpython-311-x86_64-linux-gnu.so';

describe('resolveNeeded', () => {
  it('a program by its own start', () => {
    expect(resolveNeeded(embeddedApp(), 'bin/pychat-bin')).toEqual([
      {
        needed: 'libpython3.11.so.1.0',
        status: 'bundle',
        path: 'python/runtime/lib/libpython3.11.so.1.0',
        via: 'RPATH $ORIGIN/../python/runtime/lib of bin/pychat-bin',
      },
      { needed: 'libgcc_s.so.1', status: 'bundle', path: 'lib/libgcc_s.so.1', via: 'RPATH $ORIGIN/../lib of bin/pychat-bin' },
      { needed: 'libc.so.6', status: 'system', via: 'the system' },
    ]);
  });

  it('a module in the program that opens it, through the chain up to the program and through links', () => {
    expect(resolveNeeded(embeddedApp(), ZLIB)[0]).toEqual({
      needed: 'libz.so.1',
      status: 'bundle',
      path: 'lib/libz.so.1.2.13',
      via: 'RPATH $ORIGIN/../lib of bin/pychat-bin',
    });
    expect(resolveNeeded(embeddedApp(), SSL)[0]!.via).toBe(`RPATH $ORIGIN/../../../../../lib of ${SSL}`);
  });

  it('a module in a chain that is given', () => {
    const facts = embeddedApp();
    const libpython = 'python/runtime/lib/libpython3.11.so.1.0';
    expect(resolveNeeded(facts, ZLIB, ['python/runtime/bin/python3.11', libpython])[0]!.via).toBe(
      'RPATH $ORIGIN/../../../lib of python/runtime/bin/python3.11',
    );
    expect(resolveNeeded(facts, ZLIB, [libpython])[0]!.status).toBe('missing');
  });

  it('a NEEDED with a path', () => {
    expect(resolveNeeded(standaloneApp(), 'python/runtime/bin/python3.9')[0]).toMatchObject({
      status: 'bundle',
      path: 'python/runtime/lib/libpython3.9.so.1.0',
      via: 'the path in NEEDED',
    });
  });

  it('a frozen program by the folder that it puts on LD_LIBRARY_PATH', () => {
    expect(resolveNeeded(frozenApp(), '_internal/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so')[0]).toMatchObject({
      status: 'bundle',
      path: '_internal/libssl.so.3',
    });
  });

  it('a library where no program is: by its own paths', () => {
    const facts = factsOf([elf('lib/libone.so', { needed: ['libtwo.so', 'libgone.so'], runpath: '$ORIGIN' }), elf('lib/libtwo.so')]);
    expect(resolveNeeded(facts, 'lib/libone.so').map(({ status }) => status)).toEqual(['bundle', 'missing']);
  });

  it('nothing for what is no dynamic ELF file', () => {
    expect(resolveNeeded(embeddedApp(), 'share/waybill/launcher.conf')).toEqual([]);
    expect(resolveNeeded(embeddedApp(), 'pychat')).toEqual([]);
  });

  it('musl: both kinds of path serve everything below, LD_LIBRARY_PATH comes first', () => {
    const facts = factsOf(
      [
        elf('bin/app', { interpreter: '/lib/ld-musl-x86_64.so.1', needed: ['libone.so', 'libc.musl-x86_64.so.1'], runpath: '$ORIGIN/../lib' }),
        elf('lib/libone.so', { soname: 'libone.so', needed: ['libtwo.so'] }),
        elf('lib/libtwo.so', { soname: 'libtwo.so' }),
      ],
      'linux-x86_64-musl',
    );
    expect(resolveNeeded(facts, 'lib/libone.so')[0]).toMatchObject({ status: 'bundle', via: 'RUNPATH $ORIGIN/../lib of bin/app' });
    expect(resolveNeeded(facts, 'bin/app')[1]).toMatchObject({ status: 'system' });
  });

  it('passes over files for another machine, as ld.so does', () => {
    const facts = factsOf([
      elf('bin/app', { interpreter: LOADER, needed: ['libone.so'], rpath: '$ORIGIN/../lib32:$ORIGIN/../lib' }),
      elf('lib32/libone.so', { soname: 'libone.so', architecture: 'i386', bits: 32 }),
      elf('lib/libone.so', { soname: 'libone.so' }),
    ]);
    expect(resolveNeeded(facts, 'bin/app')[0]).toMatchObject({ path: 'lib/libone.so' });
  });
});

describe('glibcFloor', () => {
  it('names the version, its holders with a symbol, and the tag', () => {
    expect(glibcFloor(embeddedApp())).toEqual({
      version: '2.35',
      surely: '2.35',
      holders: [{ path: 'python/runtime/lib/libpython3.11.so.1.0', symbol: 'hypot', version: '2.35' }],
      manylinuxTag: 'manylinux_2_35_x86_64',
    });
  });

  it('compares numbers, not text', () => {
    expect(glibcFloor(factsOf([elf('a.so', { glibc: '2.9' }), elf('b.so', { glibc: '2.17' })])).version).toBe('2.17');
  });

  it('counts a mark that older systems may have by back-port, but not as what is surely needed', () => {
    const marked = elf('a.so', { versionNeeds: [{ library: 'libc.so.6', versions: ['GLIBC_2.17', 'GLIBC_ABI_GNU2_TLS'] }] });
    expect(glibcFloor(factsOf([marked]))).toMatchObject({ version: '2.43', surely: '2.17', holders: [{ symbol: 'GLIBC_ABI_GNU2_TLS' }] });
  });

  it('is absent where nothing needs glibc', () => {
    expect(glibcFloor(factsOf([elf('app', { dynamic: false })]))).toEqual({ holders: [] });
  });
});

describe('renderLinkageReport', () => {
  it('shows each file, what it needs and where that leads', () => {
    const facts = factsOf([
      elf('bin/app', { interpreter: LOADER, needed: ['libone.so', 'libgone.so', 'libc.so.6'], rpath: '$ORIGIN/../lib', glibc: '2.34' }),
      elf('lib/libone.so', { soname: 'libone.so' }),
    ]);
    expect(renderLinkageReport(facts)).toBe(
      [
        'platform       linux-x86_64',
        'ELF files      2',
        'programs       bin/app',
        'glibc          2.34 (manylinux_2_34_x86_64)',
        '  held by      bin/app: stat',
        '',
        'bin/app',
        '  is           x86_64, shared, dynamic',
        `  loader       ${LOADER}`,
        '  RPATH        $ORIGIN/../lib',
        '  glibc        2.34',
        '  needs        libone.so → lib/libone.so (RPATH $ORIGIN/../lib of bin/app)',
        '  needs        libgone.so → MISSING: searched RPATH $ORIGIN/../lib of bin/app',
        '  needs        libc.so.6 → the system',
        '',
        'lib/libone.so',
        '  is           x86_64, shared, dynamic',
        '  soname       libone.so',
        '  loaded as    bin/app → lib/libone.so',
        '',
      ].join('\n'),
    );
  });
});
