import { relocatableSysconfig } from './rewrite-sysconfig';

const data = (prefix: string): string => `build_time_vars = {'AR': 'ar',
 'BINDIR': '${prefix}/bin',
 'CC': '/tools/llvm/bin/clang -pthread',
 'CONFIG_ARGS': "'--prefix=${prefix}' '--enable-shared'",
 'INSTALL': '/usr/bin/install -c',
 'LIBDIR': '${prefix}/lib/x86_64-linux-gnu',
 'TZPATH': '/usr/share/zoneinfo',
 'WHEEL_PKG_DIR': '/usr/share/python-wheels',
 'abs_builddir': '/tmp/python-build.1/Python-3.11.7',
 'prefix': '${prefix}'}
`;

describe('relocatableSysconfig', () => {
  it('leaves no path of the home or of its build', () => {
    const text = relocatableSysconfig(data('/home/me/3.11.7'), ['/home/me/3.11.7'], ['/tmp/python-build.1']);
    expect(text).not.toMatch(/\/home\/me|python-build/);
    expect(text).toContain("'prefix': '@WAYBILL_HOME@'");
    expect(text).toContain("'--prefix=@WAYBILL_HOME@'");
  });

  it('makes only places relative when the prefix is one that systems share', () => {
    const text = relocatableSysconfig(data('/usr'), ['/usr'], []);
    expect(text).toContain("'prefix': '@WAYBILL_HOME@'");
    expect(text).toContain("'BINDIR': '@WAYBILL_HOME@/bin'");
    expect(text).toContain("'INSTALL': '/usr/bin/install -c'");
    expect(text).toContain("'TZPATH': '/usr/share/zoneinfo'");
  });

  it('points to the library folder of the bundle, not to wheels of the host, and names compilers without folders', () => {
    const text = relocatableSysconfig(data('/usr'), ['/usr'], []);
    expect(text).toContain("'LIBDIR': '@WAYBILL_HOME@/lib'");
    expect(text).toContain("'WHEEL_PKG_DIR': ''");
    expect(text).toContain("'CC': 'clang -pthread'");
  });

  it('changes nothing the second time', () => {
    const once = relocatableSysconfig(data('/install'), ['/install'], []);
    expect(relocatableSysconfig(once, ['/install'], [])).toBe(once);
  });
});
