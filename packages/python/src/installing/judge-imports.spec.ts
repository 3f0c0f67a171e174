import type { Finding } from '@waybill/core';
import { extrasFor, optionalRequirements } from './find-extras';
import { judgeAbsence, lackedFile, type Surroundings } from './judge-imports';
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

it.each<[string, string, readonly string[], 'warning' | 'error']>([
  ['a dependency', 'importlib.metadata.PackageNotFoundError: No package metadata was found for Flask', ['flask>=3'], 'warning'],
  ['one, as Python 3.9 says it', 'importlib.metadata.PackageNotFoundError: flask', ['flask'], 'warning'],
  [
    'one, as setuptools says it',
    "pkg_resources.DistributionNotFound: The 'a.b>=1' distribution was not found and is required by demo",
    ['a-b'],
    'warning',
  ],
  ['what is no dependency', 'importlib.metadata.PackageNotFoundError: No package metadata was found for flask', ['six'], 'error'],
  ['itself', 'importlib.metadata.PackageNotFoundError: No package metadata was found for demo-app', ['flask'], 'error'],
])('takes it for absent dependencies when a program asks for the version of %s', (_, said, unmet, level) => {
  const result = {
    exitCode: 1,
    signal: null,
    timedOut: false,
    stdout: '',
    stderr: `Traceback (most recent call last):\n  File "x"\n${said}\n`,
    durationMs: 1,
  };
  expect(judgeCommands([{ command: ['demo', '--help'], result: result as never }], { own: ['demo'], unmet, bare: true })).toMatchObject([{ level }]);
});

const OPTIONAL = optionalRequirements([
  'Sphinx>=5; extra == "standalone"',
  "ruamel.yaml ; python_version > '3' and extra == 'yaml'",
  'PyYAML[fast]>=6 ; "yaml" == extra',
  'sphinx ; extra == "docs"',
  'Pillow; extra == "images"',
  'python-dateutil; extra == "dates"',
  'requests; python_version > "3"',
  'named-extra-alone',
]);

it.each<[module: string, extras: readonly string[] | undefined]>([
  ['sphinx.ext', ['standalone', 'docs']],
  ['yaml', ['yaml']],
  ['ruamel.yaml', ['yaml']],
  ['PIL', ['images']],
  ['dateutil', ['dates']],
  ['requests', undefined],
  ['named', undefined],
])('knows which extras may bring `%s`', (module, extras) => {
  expect(extrasFor(module, OPTIONAL)).toEqual(extras);
});

it.each<[string, Partial<Surroundings>, string, Partial<Finding>]>([
  [
    'an extra, dependencies left out',
    {},
    'yaml',
    { level: 'warning', message: '?: no extra is installed, so this was not tested', expected: 'installed: `yaml`, which the extra `yaml` declares' },
  ],
  ['an extra, dependencies installed', { bare: false }, 'yaml', { level: 'warning' }],
  ['an extra, other dependencies left out', { unmet: ['six'] }, 'yaml', { level: 'warning', expected: 'installed: six' }],
  ['nothing', {}, 'requests', { level: 'error' }],
  ['nothing, dependencies installed', { bare: false, unmet: [] }, 'requests', { level: 'error' }],
  ['nothing, without extras', { optional: [] }, 'yaml', { level: 'error' }],
])('judges a module that is absent and declared by %s', (_, surroundings, module, expected) => {
  expect(judgeAbsence('?', module, { own: ['demo'], unmet: [], bare: true, optional: OPTIONAL, ...surroundings })).toMatchObject(expected);
});
