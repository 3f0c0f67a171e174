import { judgeAnswer, judgeRun, judgeRunInDeleted, parseAnswer } from './judge-answer';
import type { ProbeContext } from './probe';
import { adviceOn, judgeExtension, judgeService } from './probe-imports';
import { driverLines, readDriverReport } from './read-driver';
import { appRun as run } from '../testing/app-run';

const context = {
  request: { expect: {}, commandIsDefault: true },
  layout: { sitePackages: [], pythonHome: 'py', pythonSeries: '3.11' },
  items: [],
} as unknown as ProbeContext;

it.each([
  ['{"a": 1}\n', { a: 1 }],
  ['noise\n{"a": 1}', { a: 1 }],
  ['', undefined],
  ['[1]', undefined],
  ['{"a": ', undefined],
  ['version 1', undefined],
])('%j holds the answer %j', (text, answer) => {
  expect(parseAnswer(text)).toEqual(answer);
});

it.each([
  ['a good answer', { stdout: '{"prefix": "/opt/app/py"}' }, undefined],
  ['silence', {}, /nothing that could be checked/],
  ['an exit code', { exitCode: 3, stderr: 'a\nb' }, /does not run/],
  ['a death', { diedOf: 'SIGBUS' }, /does not run/],
  ['no end', { timedOut: true }, /does not run/],
  ['a path outside', { stdout: '{"imports": {"os": "/usr/lib/os.py"}}' }, /`imports.os` .* outside/],
  ['a path that only begins alike', { stdout: '{"prefix": "/opt/app2"}' }, /outside/],
])('%s', (_, rest, expected) => {
  const findings = judgeRun('moved-copy', run(rest), context, 'a plain path');
  if (expected === undefined) expect(findings).toEqual([]);
  else expect(findings[0]!.message).toMatch(expected);
});

it('a run that did not end has a fix', () => {
  expect(judgeRun('moved-copy', run({ timedOut: true }), context, 'x')[0]!.fix).toMatch(/raise `timeoutMs`/);
});

it.each([
  ['error while loading shared libraries: libx.so.1: cannot open shared object file', /carry `libx.so.1`/],
  ["/lib/libc.so.6: version `GLIBC_2.36' not found", /GLIBC_2.36/],
  ["ModuleNotFoundError: No module named 'encodings'", /home of Python/],
  ['sh: dirname: not found', /nothing of the machine/],
  ['OSError: /usr/lib/libx.so.1.0: cannot open shared object file: No such file or directory', /carry `libx.so.1.0` .* relative/],
  ["ModuleNotFoundError: No module named 'six'", /add `six`/],
  ["zoneinfo._common.ZoneInfoNotFoundError: 'No time zone found with key UTC'", /`tzdata`/],
  ["FileNotFoundError: [Errno 2] No such file or directory: 'git'", /needs `git`/],
  ["FileNotFoundError: [Errno 2] No such file or directory: '/etc/app.ini'", /needs `\/etc\/app.ini`/],
  ['strange', /by hand/],
])('%s has a fix', (stderr, fix) => {
  expect(judgeRun('moved-copy', run({ exitCode: 1, stderr }), context, 'x')[0]!.fix).toMatch(fix);
});

it('a module that packaging left out is told with the reason and the way back, not as a requirement', () => {
  const pruned = [{ path: 'py/lib/python3.11/lib-dynload/readline.cpython-311.so', reason: 'needs `libreadline.so.8`, whose licence is GPL' }];
  const with_ = { ...context, manifest: { pruned } } as unknown as ProbeContext;
  const fixOf = (module: string): string | undefined =>
    judgeRun('moved-copy', run({ exitCode: 1, stderr: `ModuleNotFoundError: No module named '${module}'` }), with_, 'x')[0]!.fix;
  expect(fixOf('readline')).toMatch(/left `readline` out: needs `libreadline.so.8`.*`prune.keep`/);
  expect(fixOf('readlines')).toMatch(/add `readlines` to the requirements/);
});

it.each([
  ['an app that asks for it', 1, '    dir=os.getcwd(),\nFileNotFoundError: [Errno 2] No such file or directory\n', 'warning'],
  ['a launcher that needs it', 2, 'sh: 0: getcwd() failed: No such file or directory\n', 'error'],
  ['a file that is not there', 1, "FileNotFoundError: [Errno 2] No such file or directory: 'share/x'\n", 'error'],
])('in a working folder that was deleted: %s', (_, exitCode, stderr, level) => {
  expect(judgeRunInDeleted('moved-twice', run({ exitCode, stderr }), context).map((finding) => finding.level)).toEqual([level]);
});

it('a command that is the user’s own need not answer in JSON, but must answer', () => {
  const own = { ...context, request: { ...context.request, commandIsDefault: false } };
  expect(judgeRun('moved-copy', run({ stdout: 'version 1' }), own, 'x')).toEqual([]);
  expect(judgeRun('moved-copy', run({}), own, 'x')).toHaveLength(1);
});

it('another version than that of the manifest', () => {
  const manifest = { runtime: { version: '3.11.7' } } as ProbeContext['manifest'];
  expect(judgeAnswer('identity', { version: '3.11.2' }, ['/opt/app'], { ...context, manifest: manifest! }, 'x')[0]).toMatchObject({
    expected: '3.11.7',
    actual: '3.11.2',
  });
});

describe('modules', () => {
  const reason = 'its library belongs to desktops';
  const pruned = ['tkinter', 'lib-dynload/_tkinter.cpython-311-x86_64-linux-gnu.so'].map((path) => ({ path: `py/lib/python3.11/${path}`, reason }));
  const withoutTk = { ...context, manifest: { pruned } } as never;
  const judge = (rest: object): string[] =>
    judgeExtension({ module: 'a.b', path: '/opt/app/a/b.so', ...rest }, { place: '/opt/app' }, withoutTk).map(
      ({ level, path }) => `${level} ${path}`,
    );
  it.each([
    [{}, []],
    [{ error: 'ImportError: libx.so: cannot open' }, ['error a/b.so']],
    [
      { circle: "ImportError: cannot import name 'f' from partially initialized module 'a.b' (most likely due to a circular import)" },
      ['warning a/b.so'],
    ],
    // A submodule that is not there is told in the same words, of an extension that was never reached.
    [{ error: "ImportError: cannot import name 'c' from partially initialized module 'a' (most likely due to a circular import)" }, ['error a/b.so']],
    [{ signal: 7 }, ['error a/b.so']],
    [{ error: "ModuleNotFoundError: No module named 'numpy'", missing: 'numpy' }, ['warning a/b.so']],
    [{ error: "ModuleNotFoundError: No module named 'tkinter'", missing: 'tkinter' }, ['info a/b.so']],
    // matplotlib: its own code looked for `tkinter` and said nothing of it.
    [{ error: 'ImportError: initialization failed', missing: null, sought: '_tkinter' }, ['info a/b.so']],
    [{ error: 'ImportError: initialization failed', missing: null, sought: '_tk' }, ['error a/b.so']],
    [{ error: 'ImportError: initialization failed', missing: null, sought: 'numpy' }, ['error a/b.so']],
    [{ error: "ModuleNotFoundError: No module named 'a'", missing: 'a' }, ['error a/b.so']],
  ])('%j', (rest, expected) => {
    expect(judge(rest)).toEqual(expected);
  });
});

describe('services', () => {
  const judge = (service: object, with_: object = {}): string[] =>
    judgeService({ service: 'x', ...service }, { place: '/opt/app' }, { ...context, ...with_ }).map(({ level }) => level);
  it.each([
    [{ service: 'tls', certificates: 3 }, {}, []],
    [{ service: 'tls', certificates: 0 }, {}, ['warning']],
    [{ service: 'tls', certificates: 0 }, { items: [{ path: 'python/vendor/certifi/cacert.pem' }] }, []],
    [{ service: 'tls', error: 'ModuleNotFoundError', missing: 'ssl' }, {}, []],
    [{ service: 'tls', error: 'ImportError: undefined symbol', missing: null }, {}, ['error']],
    [{ service: 'zones', error: 'ZoneInfoNotFoundError', missing: null }, {}, ['warning']],
    [{ service: 'terminals', error: 'error: setupterm: could not find terminal', missing: null }, {}, ['info']],
    [{ service: 'terminals', error: 'ModuleNotFoundError', missing: '_curses' }, {}, []],
    [
      { service: 'tcl', error: "TclError: Can't find a usable init.tcl in the following directories: \n    /usr/share/tcltk/tcl8.6", missing: null },
      {},
      ['error'],
    ],
    [{ service: 'tcl', error: 'ImportError: libtk8.6.so: cannot open shared object file', missing: null }, {}, []],
    [{ service: 'tcl', error: "ModuleNotFoundError: No module named 'tkinter'", missing: 'tkinter' }, {}, []],
    [{ service: 'child', answer: false, prefix: '/usr' }, {}, ['error']],
    [{ service: 'spawn', answer: false }, {}, ['error']],
    [{ service: 'sqlite', signal: 11 }, {}, ['error']],
    [{ service: 'spawn', signal: 14 }, {}, ['error']],
    [{ service: 'stdlib', missing: { json: { error: 'gone' } } }, {}, ['error']],
    [
      { service: 'stdlib', missing: { json: { error: 'gone' } } },
      { manifest: { pruned: [{ path: 'py/lib/python3.11/json', reason: 'not used' }] } },
      [],
    ],
  ])('%j', (service, with_, expected) => {
    expect(judge(service, with_)).toEqual(expected);
  });
});

it('only lines with the nonce are an answer', () => {
  const lines = 'noise\n{"nonce": "other", "kind": "end"}\n{"nonce": "n1", "kind": "broken", "message": "why"}\n';
  expect(driverLines(lines, 'n1')).toHaveLength(1);
  expect(readDriverReport(lines, 'n1', { place: '/p', profile: 'bare' }, undefined)).toMatchObject({
    complete: false,
    trouble: 'why',
    extensions: [],
  });
});

it.each([
  [
    'cffi',
    "OSError: cannot load library 'libcairo.so.2': libcairo.so.2: cannot open shared object file: No such file or directory",
    /`libcairo\.so\.2` by name/,
  ],
  ['ctypes', 'OSError: libusb-1.0.so.0: cannot open shared object file: No such file or directory', /`libusb-1\.0\.so\.0` by name/],
  ['a loader of its own', 'ImportError: failed to find libmagic.  Check your installation', /the library by name.*"to": "lib"/],
  ['nothing but a module', "ModuleNotFoundError: No module named 'demo'", /^add it to the requirements/],
])('says how what %s looks for comes into the bundle', (_who, trouble, advice) => {
  expect(adviceOn(trouble)).toMatch(advice);
});
