import { findTopLevels } from './find-top-levels';

it.each<[string, string[], string[]]>([
  ['a module', ['demo.py'], ['demo']],
  ['a package', ['demo/__init__.py', 'demo/inner/__init__.py', 'demo/x.py'], ['demo']],
  ['several', ['b/__init__.py', 'a.py', '_c.abi3.so'], ['_c', 'a', 'b']],
  [
    'extension modules',
    ['x.cpython-311-x86_64-linux-gnu.so', 'y.cp311-win_amd64.pyd', 'z.so', 'p/__init__.cpython-311-darwin.so'],
    ['p', 'x', 'y', 'z'],
  ],
  ['a namespace’s only package', ['ruamel/yaml/__init__.py', 'ruamel/yaml/main.py'], ['ruamel.yaml']],
  ['modules of a namespace', ['ns/one.py', 'ns/two/__init__.py'], ['ns.one', 'ns.two']],
  ['modules below `.data`', ['d-1.data/purelib/demo/__init__.py', 'd-1.data/platlib/_x.abi3.so', 'd-1.data/scripts/run.py'], ['_x', 'demo']],
  ['libraries and metadata', ['demo.libs/libz.so', 'demo-1.dist-info/x.py', 'demo/__init__.py'], ['demo']],
  ['type stubs', ['demo-stubs/__init__.pyi', 'demo/py.typed'], []],
  ['names that no import can spell', ['my-dir/__init__.py', '1st.py', 'a b.py'], []],
  ['libraries whose version stands behind the suffix', ['demo/__init__.py', 'libx.so.1'], ['demo']],
  ['nothing', [], []],
])('%s', (_what, paths, expected) => {
  expect(findTopLevels(paths)).toEqual(expected);
});
