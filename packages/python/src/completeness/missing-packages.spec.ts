import { parse } from 'smol-toml';
import { findMissingPackages } from './missing-packages';

const WHEEL = ['demo/__init__.py', 'demo-1.dist-info/METADATA'];
const TREE = ['src/demo/__init__.py', 'src/tests/__init__.py', 'tests/__init__.py', 'docs/conf.py', 'setup.py', 'tools/make.py'];

function find(manifest: string, further: readonly string[], sdist: readonly string[] | undefined, wheel: readonly string[] = WHEEL): string[] {
  const project = { backend: 'x', manifest: parse(manifest), distribution: 'My.Demo' };
  const names = { sdistName: 'my_demo-1.tar.gz', wheelName: 'my_demo-1-py3-none-any.whl' };
  const found = findMissingPackages({ project, tree: [...TREE, ...further], ...(sdist && { sdist: [...TREE, ...sdist] }), wheel, ...names });
  return found.map(({ check, level, path }) => `${level} ${check} ${path!}`);
}

const EXTRA = ['src/extra/__init__.py', 'src/extra/data.txt'];
const SETUPTOOLS = '[tool.setuptools]\npackages = ["demo", "extra"]';

it.each<[string, string, readonly string[], readonly string[] | undefined, string[]]>([
  ['nothing when all is packed', '', [], [], []],
  ['a package in src that the sdist lacks', '', EXTRA, [], ['warning sdist-completeness src/extra']],
  ['a package in src that the wheel alone lacks', '', EXTRA, EXTRA, ['warning contents src/extra']],
  ['a package in src, without an sdist', '', EXTRA, undefined, ['warning contents src/extra']],
  ['a package that the settings name, and the sdist lacks', SETUPTOOLS, EXTRA, [], ['error sdist-completeness src/extra']],
  ['a package that the settings name, and the wheel lacks', SETUPTOOLS, EXTRA, EXTRA, ['error contents src/extra']],
  ['a package by its folder', '[tool.hatch.build.targets.wheel]\npackages = ["src/extra"]', EXTRA, EXTRA, ['error contents src/extra']],
  ['a package of Poetry', '[tool.poetry]\npackages = [{ include = "extra", from = "src" }]', EXTRA, [], ['error sdist-completeness src/extra']],
  ['the package that is called as the distribution', '', ['my_demo/__init__.py'], [], ['error sdist-completeness my_demo']],
  ['the module that is called as the distribution, beside a package', '', ['my_demo.py'], ['my_demo.py'], ['warning contents my_demo']],
  ['no package of Poetry that is for the sdist', '[tool.poetry]\npackages = [{ include = "tests", format = "sdist" }]', [], [], []],
  [
    'packages of Poetry by their formats',
    '[tool.poetry]\npackages = [{ include = "tests", format = ["sdist"] }, { include = "extra", from = "src", format = ["sdist", "wheel"] }]',
    EXTRA,
    EXTRA,
    ['error contents src/extra'],
  ],
  [
    'no package that hatchling may have renamed',
    '[tool.hatch.build.targets.wheel]\npackages = ["src/extra"]\n[tool.hatch.build.targets.wheel.sources]\n"src/extra" = "other"',
    EXTRA,
    EXTRA,
    [],
  ],
  ['no other package where the settings choose', '[tool.setuptools]\npackages = ["demo"]', EXTRA, [], []],
  ['no other package where the settings exclude', '[tool.setuptools.packages.find]\nexclude = ["extra*"]', EXTRA, [], []],
  ['no package of a file that makes `src` one', '', ['src/__init__.py', 'src/__init__.pyi'], [], []],
  ['no other folder at the top', '', ['other/__init__.py', 'my_demo_tests/__init__.py'], [], []],
])('names %s', (_, manifest, further, sdist, expected) => {
  expect(find(manifest, further, sdist)).toEqual(expected);
});

it.each(['extra.abi3.so', 'extra.cpython-311-x86_64-linux-gnu.so', 'extra.py', 'extra/__init__.py', 'my_demo-1.data/platlib/extra/x.py'])(
  'takes %s for the package',
  (path) => {
    expect(find(SETUPTOOLS, EXTRA, EXTRA, [...WHEEL, path])).toEqual([]);
  },
);

it.each<[string, readonly string[], string[]]>([
  ['nothing at all', [], ['error contents my_demo']],
  ['it as a script', ['my_demo-1.data/scripts/my_demo.py'], []],
  ['it as a script without an ending', [...WHEEL, 'my_demo-1.data/scripts/my_demo'], []],
  ['another script', ['my_demo-1.data/scripts/other.py'], ['error contents my_demo']],
])('a module that is called as the distribution, and a wheel that holds %s', (_, wheel, expected) => {
  const found = find('', ['my_demo.py'], ['my_demo.py'], [...wheel, 'my_demo-1.dist-info/METADATA']);
  expect(found.filter((line) => line.endsWith(' my_demo'))).toEqual(expected);
});
