import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import { compileC, hostPython } from '../testing/real-world';
import { readDriverReport, type ImportResult } from './read-driver';

const DRIVER = join(__dirname, 'inside/drive-imports.py');
/** As matplotlib’s `_tkagg` does it: the reason is lost, and what comes up says nothing. */
const extension = (name: string, body: string): string => `
typedef struct _object PyObject;
extern PyObject *PyImport_ImportModule(const char *), *PyExc_ImportError;
extern void PyErr_Clear(void), PyErr_SetString(PyObject *, const char *);
PyObject *PyInit_${name}(void) {
  ${body}
  PyErr_SetString(PyExc_ImportError, "initialization failed");
  return 0;
}
`;

/** What the driver says of each extension module below the folder. */
function drive(folder: string): Map<string, ImportResult> {
  const run = execFileSync(hostPython().executable, ['-S', '-B', DRIVER, 'nonce', '2', folder, '20', ''], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: folder },
  });
  const report = readDriverReport(run, 'nonce', { place: folder, profile: 'host' }, undefined);
  expect(report.complete).toBe(true);
  return new Map(report.extensions.map((result) => [result.module, result]));
}

describe('extension modules, each imported by the driver', () => {
  const folder = temporaryFolder();

  it('tell what their own code looked for in vain, not what their package did', () => {
    const app = join(folder.path, 'app');
    mkdirSync(app);
    writeFileSync(join(app, '__init__.py'), 'try:\n    import not_of_the_module\nexcept ImportError:\n    pass\n');
    const plant = (name: string, body: string): string =>
      compileC(join(app, `${name}.so`), extension(name, body), ['-shared', '-fPIC', '-Wl,--unresolved-symbols=ignore-all']);
    plant('hides', 'PyImport_ImportModule("kept_away"); PyErr_Clear();');
    plant('fails', '');
    writeFileSync(join(app, 'damaged.so'), 'no library');
    const results = drive(folder.path);
    expect(results.get('app.hides')).toMatchObject({ error: 'ImportError: initialization failed', missing: null, sought: 'kept_away' });
    expect(results.get('app.fails')).toMatchObject({ error: 'ImportError: initialization failed', missing: null, sought: null });
    expect(results.get('app.damaged')).toMatchObject({ error: expect.stringContaining('damaged.so') as string, sought: null });
  });

  it('are imported after their packages, each package once, and one that ends the process costs no other its turn', () => {
    const note = (what: string): string =>
      `import os; os.write(os.open(os.path.join(r"${folder.path}", "order"), os.O_WRONLY | os.O_CREAT | os.O_APPEND), b"${what} ")\n`;
    for (const [at, text] of Object.entries({ app: '', 'app/slow': '', 'app/deadly': 'os._exit(3)\n' })) {
      mkdirSync(join(folder.path, at));
      writeFileSync(join(folder.path, at, '__init__.py'), note(at) + text);
      for (const name of ['one', 'two'])
        compileC(join(folder.path, at, `${name}.so`), extension(name, 'PyImport_ImportModule("gone");'), [
          '-shared',
          '-fPIC',
          '-Wl,--unresolved-symbols=ignore-all',
        ]);
    }
    const results = drive(folder.path);
    expect([...results].filter(([module]) => module.startsWith('app')).map(([module, { sought, error }]) => [module, sought ?? error])).toEqual([
      ['app.one', 'gone'],
      ['app.two', 'gone'],
      ['app.deadly.one', 'the process ended without a result'],
      ['app.deadly.two', 'the process ended without a result'],
      ['app.slow.one', 'gone'],
      ['app.slow.two', 'gone'],
    ]);
    const order = readFileSync(join(folder.path, 'order'), 'utf8').trim().split(' ');
    expect(order.filter((at) => at !== 'app/deadly')).toEqual(['app', 'app/slow']);
  });

  it('are tried again behind the package that they want before them (psycopg_binary), and stay broken where that does not help', () => {
    const refuse = (first: string): string =>
      `import sys\nif ${JSON.stringify(first)} not in sys.modules:\n    raise ImportError("the ${first} package should be imported before this")\n`;
    for (const [name, text] of Object.entries({ first: '', broken: 'raise ImportError("no")\n', second: refuse('first'), third: refuse('broken') })) {
      mkdirSync(join(folder.path, name));
      writeFileSync(join(folder.path, name, '__init__.py'), text);
    }
    for (const name of ['second', 'third']) compileC(join(folder.path, name, 'plain.so'), 'int plain(void) { return 1; }', ['-shared', '-fPIC']);
    const results = drive(folder.path);
    expect(results.get('second.plain')).toMatchObject({ library: true });
    expect(results.get('third.plain')).toMatchObject({ error: 'ImportError: the broken package should be imported before this' });
  });

  it('are loaded when their package has made a module of them under another name (cv2), and not when it failed to', () => {
    const native = `
typedef struct _object PyObject;
extern PyObject *PyExc_ImportError;
extern void PyErr_SetString(PyObject *, const char *);
static int turns;
static struct { long refcount; void *type; void *rest[3]; const char *name; void *none[8]; } definition = {1, 0, {0}, "native"};
extern PyObject *PyModule_Create2(void *, int);
PyObject *PyInit_NAME(void) {
  if (turns++ == BAD) return PyModule_Create2(&definition, 1013);
  PyErr_SetString(PyExc_ImportError, "only once");
  return 0;
}
`;
    const package_ = (name: string, bad: number): void => {
      mkdirSync(join(folder.path, name));
      const load = [
        'import importlib.machinery, importlib.util, os',
        `loader = importlib.machinery.ExtensionFileLoader(${JSON.stringify(name)}, os.path.join(os.path.dirname(__file__), ${JSON.stringify(`${name}.so`)}))`,
        'try:',
        `    native = importlib.util.module_from_spec(importlib.util.spec_from_loader(${JSON.stringify(name)}, loader))`,
        'except ImportError:',
        '    pass',
      ];
      writeFileSync(join(folder.path, name, '__init__.py'), `${load.join('\n')}\n`);
      const body = native.replace('NAME', name).replace('BAD', String(bad));
      compileC(join(folder.path, name, `${name}.so`), body, ['-shared', '-fPIC', '-Wl,--unresolved-symbols=ignore-all']);
    };
    package_('vision', 0);
    package_('blind', 9);
    const results = drive(folder.path);
    expect(results.get('vision.vision')).toEqual(expect.not.objectContaining({ error: expect.anything() as unknown }));
    expect(results.get('blind.blind')).toMatchObject({ error: 'ImportError: only once' });
  });
});
