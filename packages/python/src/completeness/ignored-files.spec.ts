import { parse } from 'smol-toml';
import { findIgnored, ignorable } from './ignored-files';

const TREE = ['src/demo/__init__.py', 'README.md'];
const IGNORED = [
  'src/demo/_version.py',
  'src/demo/words_pb2.py',
  'src/demo/data/words.json',
  'src/demo/_fast.cpython-311-x86_64-linux-gnu.so',
  'src/demo/__pycache__/x.pyc',
  'src/other/x.py',
];

const found = (backend: string, manifest: string, inWheel: readonly string[] = [], ignored = IGNORED) =>
  findIgnored({
    project: { backend, manifest: parse(manifest) },
    tree: TREE,
    ignored,
    wheel: ['demo/__init__.py', 'demo-1.dist-info/METADATA', ...inWheel],
    fileName: 'demo-1-py3-none-any.whl',
  }).map(({ level, path }) => `${level} ${path!}`);

const VERSION = 'warning src/demo/_version.py';
const MODULE = 'warning src/demo/words_pb2.py';
const DATA = 'warning src/demo/data/words.json';

it.each<[string, string, string, readonly string[], readonly string[]]>([
  ['modules that setuptools takes', 'setuptools.build_meta', '', [], [VERSION, MODULE]],
  ['no module that the build made', 'setuptools.build_meta', '', ['demo/_version.py', 'demo/words_pb2.py'], []],
  ['no version module', 'setuptools.build_meta', '[tool.setuptools_scm]\nversion_file = "src/demo/_version.py"', [], [MODULE]],
  ['data that setuptools is told to take', 'setuptools.build_meta', '[tool.setuptools.package-data]\n"*" = ["*.json"]', [], [VERSION, MODULE, DATA]],
  ['all of a package but compiled code', 'flit_core.buildapi', '', [], [VERSION, MODULE, DATA]],
  ['nothing where the backend heeds git', 'hatchling.build', '', [], []],
  ['artifacts of hatchling', 'hatchling.build', '[tool.hatch.build]\nartifacts = ["*_pb2.py", "/src/demo/data/", "!x"]', [], [MODULE, DATA]],
  [
    'what is forced into a wheel',
    'hatchling.build',
    '[tool.hatch.build.targets.wheel.force-include]\n"src/demo/data" = "x"\n"src/demo/words_pb2.py" = "y"',
    [],
    [MODULE, DATA],
  ],
  ['includes of poetry', 'poetry.core.masonry.api', '[tool.poetry]\ninclude = [{ path = "src/demo/data/*" }, "**/*_pb2.py"]', [], [MODULE, DATA]],
])('names %s', (_, backend, manifest, inWheel, expected) => {
  expect(found(backend, manifest, inWheel)).toEqual(expected);
});

it('names a lock of crates that git ignores', () => {
  const wheel = ['demo/__init__.py'];
  expect(ignorable({ tree: TREE, wheel })).toEqual(['src/demo']);
  expect(ignorable({ tree: [...TREE, 'Cargo.toml'], wheel })).toEqual(['src/demo', 'Cargo.lock']);
  expect(found('maturin', '', [], ['Cargo.lock'])).toEqual(['warning Cargo.lock']);
});
