import { parse } from 'smol-toml';
import { findMissing } from './missing-files';

const WHEEL = ['demo/__init__.py', 'demo-1.dist-info/METADATA'];
const TREE = ['src/demo/__init__.py', 'src/demo/data/x.json', 'src/demo/more.py', 'src/demo/__pycache__/x.pyc', 'tests/test_x.py', 'README.md'];

const find = (backend: string, manifest: string, sdist: readonly string[]) =>
  findMissing({ project: { backend, manifest: parse(manifest) }, tree: TREE, sdist, wheel: WHEEL, fileName: 'demo-1.tar.gz' }).map(
    ({ level, path }) => [level, path],
  );

it.each<[string, string, string, readonly string[], readonly (readonly string[])[]]>([
  [
    'all that a backend would have packed',
    'hatchling.build',
    '',
    [],
    [
      ['error', 'src/demo/__init__.py'],
      ['error', 'src/demo/data/x.json'],
      ['error', 'src/demo/more.py'],
    ],
  ],
  ['nothing when all is there', 'hatchling.build', '', TREE, []],
  [
    'a warning where the settings leave files out of both',
    'hatchling.build',
    '[tool.hatch.build]\nexclude = ["x"]',
    TREE.filter((path) => !path.endsWith('more.py')),
    [['warning', 'src/demo/more.py']],
  ],
  [
    'nothing that the settings leave out of both by its name',
    'pdm.backend',
    '[tool.pdm.build]\nexcludes = ["**/more.py", "src/demo/data"]',
    ['src/demo/__init__.py'],
    [],
  ],
  [
    'data that setuptools is told to pack',
    'setuptools.build_meta',
    '[tool.setuptools.package-data]\ndemo = ["data/*.json"]',
    TREE.filter((path) => !path.endsWith('.json')),
    [['error', 'src/demo/data/x.json']],
  ],
  ['no data that it is not told to pack', 'setuptools.build_meta', '', TREE.filter((path) => !path.endsWith('.json')), []],
])('names %s', (_, backend, manifest, sdist, expected) => {
  expect(find(backend, manifest, sdist)).toEqual(expected);
});
