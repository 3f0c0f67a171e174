import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drive, type Scenario } from '../testing/drive';
import { EVERY_LAUNCHER, openYard } from '../testing/every-launcher';
import type { BundleYard } from '../testing/test-bundle';

const HOST_CERTIFICATES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
].find((path) => existsSync(path));

let yard: BundleYard;
let evil: string;
const bundles = new Map<string, string>();
beforeAll(async () => {
  yard = await openYard();
  evil = join(yard.root, 'evil');
  mkdirSync(evil);
  for (const module of ['sitecustomize', 'usercustomize', 'json', 'start', 'warned']) {
    writeFileSync(join(evil, `${module}.py`), 'print("EVIL")\n');
  }
  for (const [kind, behaviour] of EVERY_LAUNCHER) {
    const root = yard.bundle(`${kind}-${behaviour} ü`, kind, behaviour, {
      carries: ['openssl', 'ncurses'],
      certificates: 'python/vendor/certifi/cacert.pem',
      environment: { PROBE_HOME: '{bundle}/share', PROBE_TEXT: `it's "\n{bundle}"` },
    });
    bundles.set(`${kind} ${behaviour}`, root);
  }
});
afterAll(() => yard.remove());

describe.each(EVERY_LAUNCHER)('%s launcher, %s', (kind, behaviour) => {
  const root = () => bundles.get(`${kind} ${behaviour}`)!;
  const run = async (code: string, more: Partial<Scenario> = {}) => {
    const outcome = await drive(yard.python, { argv: [join(root(), 'probe'), '-c', code], ...more });
    expect(outcome.stderr).toBe('');
    return outcome.stdout;
  };
  const json = async (expression: string, more: Partial<Scenario> = {}) =>
    JSON.parse(await run(`import json, os, sys; print(json.dumps(${expression}))`, more));
  const interpreter = () => join(root(), `python/runtime/bin/python${yard.python.series}`);

  it('runs in a working folder that was deleted, without PATH', async () => {
    const folder = join(yard.root, `gone-${kind}-${behaviour}`);
    mkdirSync(folder);
    const script = 'cd "$1" && rmdir "$1" && exec "$2" -c "print(1)"';
    const outcome = await drive(yard.python, { argv: ['/bin/sh', '-c', script, 'sh', folder, join(root(), 'probe')] });
    // dash itself remarks on the folder before the first line of a script runs.
    expect(outcome).toMatchObject({ stdout: '1\n', ...(kind === 'native' ? { stderr: '' } : {}) });
  });

  it('runs the Python of the bundle, and its packages', async () => {
    const facts = await json(
      '{"prefix": sys.prefix, "base": sys.base_prefix, "os": os.__file__, "executable": sys.executable, "own": sys._base_executable, "vendor": [p for p in sys.path if p.endswith("vendor")], "outside": [p for p in sys.path if p and not p.startswith(sys.prefix)], "user": __import__("site").ENABLE_USER_SITE}',
    );
    const home = join(root(), 'python/runtime');
    const vendor = join(root(), 'python/vendor');
    expect(facts).toEqual({
      prefix: home,
      base: home,
      os: join(home, `lib/python${yard.python.series}/os.py`),
      executable: interpreter(),
      own: interpreter(),
      vendor: [vendor],
      outside: [vendor],
      user: false,
    });
  });

  it('starts children with the Python of the bundle', async () => {
    const code =
      'import subprocess, sys; print(subprocess.run([sys.executable, "-c", "import sys, probe_child; print(sys.prefix, sys.version_info[:2])"], capture_output=True, text=True))';
    writeFileSync(join(root(), 'python/vendor/probe_child.py'), '');
    expect(await run(code)).toContain(`${root()}/python/runtime (${yard.python.series.replace('.', ', ')})`);
  });

  it.each(['spawn', 'forkserver'])('multiprocessing works by %s', async (method) => {
    writeFileSync(join(root(), 'python/vendor/probe_work.py'), 'import os, sys\ndef work(n):\n    return n * n, sys.prefix\n');
    const code = `
import multiprocessing, probe_work
context = multiprocessing.get_context("${method}")
with context.Pool(1) as pool:
    print(pool.map(probe_work.work, [3]))
`;
    expect(await run(code, { env: {} })).toBe(`[(9, '${root()}/python/runtime')]\n`);
  });

  describe('in the locale', () => {
    const code =
      'import sys, os; print("é 漢", sys.stdout.encoding, sys.getfilesystemencoding(), os.fsencode("é"), os.environ.get("LC_ALL"), os.environ.get("LC_CTYPE"), os.environ.get("LANG"))';
    const expectUtf8 = async (env: Record<string, string>) => {
      const said = (name: string) => env[name] ?? 'None';
      const text = `é 漢 utf-8 utf-8 b'\\xc3\\xa9' ${said('LC_ALL')} ${said('LC_CTYPE')} ${said('LANG')}\n`;
      expect(await run(code, { env })).toBe(text);
    };
    it.each([
      ['of nobody', {}],
      ['C by LC_ALL', { LC_ALL: 'C' }],
      ['POSIX by LC_ALL', { LC_ALL: 'POSIX' }],
      ['C by LC_CTYPE', { LC_CTYPE: 'C', LANG: 'C.UTF-8' }],
      ['C by LANG', { LANG: 'C' }],
      ['of empty names', { LC_ALL: '', LC_CTYPE: '', LANG: '' }],
      ['C.UTF-8', { LC_ALL: 'C.UTF-8' }],
      ['that this machine does not have', { LC_ALL: 'xx_XX.UTF-8' }],
    ])('%s it speaks UTF-8 and leaves the variables as they were', async (_what, env: Record<string, string>) => {
      if (kind === 'shell' && behaviour === 'become' && env['LC_ALL'] === 'xx_XX.UTF-8' && existsSync('/usr/lib/locale/locale-archive')) {
        // No shell can read the archive of locales, so the shell launcher believes that the name is in it.
        expect(await run(code, { env })).toContain('xx_XX.UTF-8');
        return;
      }
      await expectUtf8(env);
    });
  });

  describe('hostile variables', () => {
    const hostile: () => Record<string, string> = () => ({
      PYTHONHOME: '/nonexistent',
      PYTHONPATH: evil,
      PYTHONPLATLIBDIR: 'lib64',
      PYTHONSTARTUP: join(evil, 'start.py'),
      PYTHONINSPECT: '1',
      PYTHONOPTIMIZE: '2',
      PYTHONDEBUG: '1',
      PYTHONVERBOSE: '1',
      PYTHONUSERBASE: evil,
      PYTHONHASHSEED: 'nonsense',
      PYTHONMALLOC: 'nonsense',
      PYTHONIOENCODING: 'latin-1',
      PYTHONUTF8: 'nonsense',
      PYTHONCOERCECLOCALE: '0',
      PYTHONWARNINGS: 'error::warned.Nonsense',
      PYTHONBREAKPOINT: 'start.breakpoint',
      PYTHONEXECUTABLE: '/nonexistent/python',
      PYTHONPYCACHEPREFIX: evil,
      PYTHONCASEOK: '1',
      PYTHONSAFEPATH: '1',
      PYTHONTRACEMALLOC: 'nonsense',
      PYTHONDEVMODE: '1',
      PYTHONLEGACYWINDOWSSTDIO: '1',
      PYTHONTZPATH: evil,
      PYTHONINTMAXSTRDIGITS: 'nonsense',
      PYTHON_SOMETHING_NEW: 'x',
      _PYTHON_SYSCONFIGDATA_NAME: 'evil',
      __PYVENV_LAUNCHER__: '/nonexistent/python',
      WAYBILL_PRIVATE: 'PATH:HOME',
      WAYBILL_WAS_PATH: evil,
    });
    const state =
      '{"prefix": sys.prefix, "path": sys.path, "flags": list(sys.flags), "encoding": sys.stdout.encoding, "hash": bool(sys.flags.hash_randomization)}';

    it('have no effect', async () => {
      const plain = { PATH: '/usr/bin:/bin', HOME: yard.root };
      expect(await json(state, { env: { ...plain, ...hostile() } })).toEqual(await json(state, { env: plain }));
    });

    it('do not reach children', async () => {
      const plain = { PATH: '/usr/bin:/bin', HOME: yard.root };
      const seen = await json('sorted(k for k in os.environ if "PYTHON" in k or "PYVENV" in k or k.startswith("WAYBILL"))', {
        env: { ...plain, ...hostile() },
      });
      expect(seen).toEqual([]);
    });

    it.each(Object.keys({ PYTHONHOME: 0, PYTHONPATH: 0, PYTHONPLATLIBDIR: 0, PYTHONHASHSEED: 0, PYTHONMALLOC: 0, PYTHONUTF8: 0 }))(
      '%s alone has none, too',
      async (name) => {
        const prefix = await run('import sys, json; print(sys.prefix)', { env: { [name]: hostile()[name]! } });
        expect(prefix).toBe(`${root()}/python/runtime\n`);
      },
    );

    it('a value with lines that look like variables harms nothing', async () => {
      const env = { TRAP: 'x\nexport PYTHONHOME=/y\nexport PATH\nPYTHONPATH=/z', PATH: '/usr/bin' };
      expect(await json('[os.environ["TRAP"], os.environ["PATH"]]', { env })).toEqual([env.TRAP, env.PATH]);
    });
  });

  it('PYTHONUNBUFFERED, PYTHONDONTWRITEBYTECODE and PYTHONFAULTHANDLER keep working', async () => {
    const state = '[sys.stdout.write_through, sys.dont_write_bytecode, __import__("faulthandler").is_enabled()]';
    const names = ['PYTHONUNBUFFERED', 'PYTHONDONTWRITEBYTECODE', 'PYTHONFAULTHANDLER'];
    const plain = await json(state, { env: {} });
    expect(plain).toEqual([false, false, false]);
    expect(await json(state, { env: Object.fromEntries(names.map((name) => [name, '1'])) })).toEqual([true, true, true]);
    expect(await json(state, { env: Object.fromEntries(names.map((name) => [name, ''])) })).toEqual([false, false, false]);
    for (const [index, name] of names.entries()) {
      expect(await json(state, { env: { [name]: '1' } })).toEqual([0, 1, 2].map((other) => other === index));
    }
  });

  it('a Python of the host runs as from the caller itself', async () => {
    const env = { PATH: '/usr/bin:/bin', LANG: 'C', SOMETHING: 'with\nline' };
    const code =
      'import json, os, sys; print(json.dumps([sys.prefix, sorted(k for k in os.environ if not k.startswith(("SSL_", "OPENSSL_", "TERMINFO", "PROBE_")) and k not in ("_", "PWD", "OLDPWD", "SHLVL"))]))';
    const direct = await drive(yard.python, { argv: [yard.python.executable, '-c', code], env });
    const child = `import subprocess; print(subprocess.run([${JSON.stringify(yard.python.executable)}, "-c", ${JSON.stringify(code)}], capture_output=True, text=True).stdout, end="")`;
    expect(JSON.parse(await run(child, { env }))).toEqual(JSON.parse(direct.stdout));
  });

  it('the environment of the C library is clean, too', async () => {
    const code = `
import ctypes
getenv = ctypes.CDLL(None).getenv
getenv.restype = ctypes.c_char_p
print([getenv(n) for n in (b"PYTHONHOME", b"PYTHONNOUSERSITE", b"LC_ALL", b"LC_CTYPE", b"WAYBILL_PRIVATE", b"WAYBILL_WAS_LC_ALL")])`;
    expect(await run(code, { env: { LC_ALL: 'C' } })).toBe("[None, None, b'C', None, None, None]\n");
  });

  describe('certificates and terminal descriptions', () => {
    const state = '[os.environ.get(n) for n in ("SSL_CERT_FILE", "SSL_CERT_DIR", "OPENSSL_CONF")]';
    it('the user’s come first', async () => {
      const env = { SSL_CERT_FILE: '/my/cert.pem', SSL_CERT_DIR: '/my/certs', OPENSSL_CONF: '/my/openssl.cnf' };
      expect(await json(state, { env })).toEqual(Object.values(env));
      expect((await json(state, { env: { SSL_CERT_FILE: '/my/cert.pem' } }))[0]).toBe('/my/cert.pem');
    });

    it('then the host’s, then the carried ones; the folder and the settings of the library are set, too (T32)', async () => {
      const [file, folder, configuration] = await json(state, { env: {} });
      expect(file).toBe(HOST_CERTIFICATES ?? join(root(), 'python/vendor/certifi/cacert.pem'));
      expect(existsSync(folder)).toBe(true);
      expect(configuration).toBe('/dev/null');
    });

    it('a carried ncurses finds the host’s terminals', async () => {
      expect(await json('os.environ["TERMINFO_DIRS"]', { env: {} })).toContain('/usr/share/terminfo');
      expect(await json('os.environ["TERMINFO_DIRS"]', { env: { TERMINFO_DIRS: '/mine' } })).toBe('/mine');
    });
  });

  it('variables of the application are defaults', async () => {
    const state = '[os.environ["PROBE_HOME"], os.environ["PROBE_TEXT"]]';
    expect(await json(state, { env: {} })).toEqual([`${root()}/share`, `it's "\n${root()}"`]);
    expect(await json(state, { env: { PROBE_HOME: '', PROBE_TEXT: 'mine' } })).toEqual(['', 'mine']);
  });

  it('LD_LIBRARY_PATH stays and does not win over the bundle', async () => {
    const trap = join(yard.root, `trap-${kind}-${behaviour}`);
    mkdirSync(trap);
    writeFileSync(join(trap, yard.python.libpython.split('/').at(-1)!), 'not a library');
    const seen = await json('[os.environ["LD_LIBRARY_PATH"], sys.prefix]', { env: { LD_LIBRARY_PATH: trap } });
    expect(seen).toEqual([trap, join(root(), 'python/runtime')]);
  });
});
