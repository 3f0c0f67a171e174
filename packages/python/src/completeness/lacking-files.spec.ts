import { lackingFiles, type FailedBuild } from './lacking-files';

const TREE = [
  '.gitignore',
  'VERSION',
  'build_steps/__init__.py',
  'build_steps/cython.py',
  'demo/VERSION',
  'demo/__init__.py',
  'demo/_core.c',
  'setup.py',
  'tests/__init__.py',
];

const lacking = (lacks: readonly string[], rest: Partial<FailedBuild>): readonly string[] =>
  lackingFiles({ tree: TREE, sdist: new Set(TREE.filter((path) => !lacks.includes(path))), output: '', settings: '', ...rest });

it.each<[string, readonly string[], Partial<FailedBuild>, readonly string[]]>([
  ['a file that the output names', ['VERSION', 'demo/_core.c'], { output: "No such file or directory: 'VERSION'" }, ['VERSION']],
  ['one behind folders', ['demo/_core.c', 'VERSION'], { output: 'cc1: fatal error: /tmp/x/sdist/demo/_core.c: No such file' }, ['demo/_core.c']],
  ['none whose name is a part of another', ['VERSION'], { output: 'VERSION_INFO, my-VERSION, VERSION.txt, VERSION/x' }, []],
  ['a module', ['build_steps/cython.py'], { output: "ModuleNotFoundError: No module named 'build_steps.cython'" }, ['build_steps/cython.py']],
  [
    'a package',
    ['build_steps/__init__.py', 'build_steps/cython.py'],
    { output: "ModuleNotFoundError: No module named 'build_steps'" },
    ['build_steps/__init__.py', 'build_steps/cython.py'],
  ],
  [
    'what the settings name before what lies in packages, when the output says nothing',
    ['demo/_core.c', 'VERSION', 'tests/__init__.py', '.gitignore'],
    { settings: "version = { file = 'VERSION' }" },
    ['VERSION', 'demo/_core.c'],
  ],
  ['nothing, when tests and settings of tools are missing only', ['tests/__init__.py', '.gitignore'], {}, []],
])('names %s', (_, lacks, rest, expected) => {
  expect(lacking(lacks, rest)).toEqual(expected);
});
