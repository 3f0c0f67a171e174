import { requiredByExtras } from '../requirements/local-wheels';
import { judgeAbsence, lackedFile } from './judge-imports';
import { judgeCommands } from './run-commands';

const NOT_THERE = 'FileNotFoundError: [Errno 2] No such file or directory:';

it.each<[string, string, string | undefined]>([
  ['a file of the package', `${NOT_THERE} '/tmp/e/lib/python3.11/site-packages/demo/data/x.json'`, 'demo/data/x.json'],
  ['one of Windows', `${NOT_THERE} 'C:\\\\e\\\\Lib\\\\site-packages\\\\demo\\\\x.json'`, 'demo/x.json'],
  ['a name with an apostrophe', `${NOT_THERE} "/e/lib/python3.11/site-packages/demo/it's.txt"`, "demo/it's.txt"],
  ['a namespace package', `${NOT_THERE} '/e/lib/python3.11/site-packages/acme/tools/x.txt'`, 'acme/tools/x.txt'],
  ['a file of another distribution', `${NOT_THERE} '/e/lib/python3.11/site-packages/other/x.json'`, undefined],
  ['a file of the user', `${NOT_THERE} '/home/demo/x.json'`, undefined],
  ['another error', "KeyError: 'site-packages/demo/x.json'", undefined],
])('tells which file of the wheel was looked for in vain: %s', (_, text, expected) => {
  expect(lackedFile(text, ['demo', 'acme.tools'])).toBe(expected);
});

it('tells it of programs as well', () => {
  const stderr = `Traceback (most recent call last):\n  File "x"\n${NOT_THERE} '/e/lib/python3.11/site-packages/demo/x.json'\n`;
  const result = { exitCode: 1, signal: null, timedOut: false, stdout: '', stderr, durationMs: 1 } as never;
  expect(judgeCommands([{ command: ['demo', '--help'], result }], { own: ['demo'], unmet: [], bare: true })).toMatchObject([
    { level: 'error', path: 'demo/x.json', message: '`demo --help` does not start: it reads `demo/x.json`, which the wheel lacks' },
  ]);
});

it('takes what an extra declares for left out, as the host of a plugin; what nothing declares is a fault', () => {
  const optional = requiredByExtras([
    'Sphinx>=5; extra == "standalone"',
    "ruamel.yaml ; python_version > '3' and extra == 'yaml'",
    'requests; python_version > "3"',
  ]);
  expect(optional).toEqual(['sphinx', 'ruamel-yaml']);
  const surroundings = { own: ['demo'], unmet: [], bare: true, optional };
  expect(judgeAbsence('`demo` cannot be imported without `sphinx.ext`', 'sphinx.ext', surroundings)).toMatchObject({
    level: 'warning',
    expected: 'installed: `sphinx.ext`, which an extra declares',
  });
  expect(judgeAbsence('', 'requests', surroundings).level).toBe('error');
  expect(judgeAbsence('', 'sphinx', { ...surroundings, optional: [] }).level).toBe('error');
});
