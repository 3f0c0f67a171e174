import type { Finding } from '@waybill/core';
import type { MemberFacts, SdistFacts } from '../distribution-facts';
import { elfMember, member, METADATA, sdistFacts, wheelFacts } from '../testing/good-distributions';
import { checkDelivery } from './check-delivery';
import { checkSdist } from './check-sdist';

const brief = ({ check, level, path }: Finding): string => `${level} ${check} ${path!}`;
const link = (path: string, linkTarget: string): MemberFacts => member(path, '', { kind: 'symlink', linkTarget });
type Change = Parameters<typeof sdistFacts>[0];

describe('a good sdist has no finding', () => {
  it.each<[string, Change]>([
    ['plain', {}],
    [
      'whose top folder is spelt otherwise than the file',
      { fileName: 'my_demo-1.0.tar.gz', metadata: METADATA.replace('Name: demo', 'Name: my.demo'), facts: { topFolders: ['my.demo-1.0'] } },
    ],
    ['with a link that stays inside', { members: [link('demo-1.0/docs/README', '../README')] }],
    ['with folders', { members: [member('demo-1.0/'), member('demo-1.0/demo/')] }],
    ['with the manifest that uv_build wrote anew', { members: [member('demo-1.0/pyproject.toml.orig')] }],
    ['with tests and documents', { members: [member('demo-1.0/tests/test_x.py'), member('demo-1.0/docs/index.rst')] }],
  ])('%s', (_what, change) => {
    const facts = sdistFacts(change);
    const paths =
      facts.topFolders[0] === 'demo-1.0'
        ? facts
        : { ...facts, members: facts.members.map((one) => ({ ...one, path: one.path.replace('demo-1.0/', `${facts.topFolders[0]!}/`) })) };
    expect(checkSdist(paths)).toEqual([]);
  });

  it('a sample of a file of variables is told, and stops nothing', () => {
    expect(checkSdist(sdistFacts({ members: [member('demo-1.0/tests/app/.env')] })).map(brief)).toEqual([
      'info contents demo-1.0.tar.gz/demo-1.0/tests/app/.env',
    ]);
  });
});

const FAULTS: readonly [string, Change, string][] = [
  ['a name that is no sdist’s', { fileName: 'demo.zip' }, 'error names demo.zip'],
  ['another name in PKG-INFO', { metadata: METADATA.replace('Name: demo', 'Name: other') }, 'error names demo-1.0.tar.gz/demo-1.0/PKG-INFO'],
  ['another version in PKG-INFO', { metadata: METADATA.replace('Version: 1.0', 'Version: 1.1') }, 'error version demo-1.0.tar.gz/demo-1.0/PKG-INFO'],
  [
    'another top folder',
    {
      facts: { topFolders: ['demo-main'], members: sdistFacts().members.map((one) => ({ ...one, path: one.path.replace('demo-1.0', 'demo-main') })) },
    },
    'error names demo-1.0.tar.gz/demo-main',
  ],
  ['two top folders', { facts: { topFolders: ['demo-1.0', 'other'] } }, 'error contents demo-1.0.tar.gz'],
  ['no PKG-INFO', { facts: { metadata: undefined as never } }, 'error metadata demo-1.0.tar.gz/demo-1.0/PKG-INFO'],
  ['no pyproject', { facts: { hasPyproject: false } }, 'error contents demo-1.0.tar.gz'],
  ['a set-up file alone', { members: [member('demo-1.0/setup.py')], facts: { hasPyproject: false } }, 'warning contents demo-1.0.tar.gz'],
  ['a link out of the sdist', { members: [link('demo-1.0/secret', '../../etc/passwd')] }, 'error contents demo-1.0.tar.gz/demo-1.0/secret'],
  ['an absolute link', { members: [link('demo-1.0/secret', '/etc/passwd')] }, 'error contents demo-1.0.tar.gz/demo-1.0/secret'],
  [
    'a hard link to nothing',
    { members: [member('demo-1.0/x', '', { kind: 'hardlink', linkTarget: 'demo-1.0/none' })] },
    'error contents demo-1.0.tar.gz/demo-1.0/x',
  ],
  ['a pipe', { members: [member('demo-1.0/x', '', { kind: 'special' })] }, 'error contents demo-1.0.tar.gz/demo-1.0/x'],
  ['a path out of the sdist', { members: [member('demo-1.0/../../evil')] }, 'error contents demo-1.0.tar.gz/demo-1.0/../../evil'],
  ['a member twice', { members: [member('demo-1.0/LICENSE')] }, 'error contents demo-1.0.tar.gz/demo-1.0/LICENSE'],
  ['paths that differ in case', { members: [member('demo-1.0/license')] }, 'error contents demo-1.0.tar.gz/demo-1.0/license'],
  ['a name of a Windows device', { members: [member('demo-1.0/con.txt')] }, 'error contents demo-1.0.tar.gz/demo-1.0/con.txt'],
  ['a key', { members: [member('demo-1.0/id_ed25519')] }, 'error contents demo-1.0.tar.gz/demo-1.0/id_ed25519'],
  ['the settings of an uploader', { members: [member('demo-1.0/.pypirc')] }, 'error contents demo-1.0.tar.gz/demo-1.0/.pypirc'],
  ['byte code', { members: [member('demo-1.0/demo/x.pyc')] }, 'error contents demo-1.0.tar.gz/demo-1.0/demo/x.pyc'],
  [
    'a licence file that is not there',
    { metadata: METADATA.replace('License-File: LICENSE', 'License-File: COPYING') },
    'error licence demo-1.0.tar.gz/demo-1.0/PKG-INFO',
  ],
  ['a description of no type', { metadata: METADATA.replace(/Description-.*\n/, '') }, 'error description demo-1.0.tar.gz/demo-1.0/PKG-INFO'],
  [
    'a file that did not parse',
    { facts: { faults: [{ path: 'demo-1.0/PKG-INFO', message: 'is not UTF-8' }] } },
    'error metadata demo-1.0.tar.gz/demo-1.0/PKG-INFO',
  ],
];

it.each(FAULTS)('%s is found, and only it', (_what, change, expected) => {
  expect(checkSdist(sdistFacts(change)).map(brief)).toEqual([expected]);
});

describe('checkDelivery', () => {
  const wheel = wheelFacts();
  const sdist = sdistFacts({
    facts: { members: [...sdistFacts().members, member('demo-1.0/src/demo/__init__.py', 'demo/__init__.py')] } as Partial<SdistFacts>,
  });

  it('is content with what belongs together, and with nothing', () => {
    expect(checkDelivery({ sdist, wheels: [wheel, wheelFacts({ fileName: 'demo-1.0-cp311-cp311-win_amd64.whl' })] })).toEqual([]);
    expect(checkDelivery({ wheels: [] })).toEqual([]);
  });

  it.each<[string, Parameters<typeof checkDelivery>[0], string]>([
    ['another name', { sdist, wheels: [wheelFacts({ metadata: METADATA.replace('Name: demo', 'Name: other') })] }, 'error names'],
    ['another version', { sdist, wheels: [wheelFacts({ metadata: METADATA.replace('Version: 1.0', 'Version: 1.1') })] }, 'error version'],
    ['other requirements', { sdist, wheels: [wheelFacts({ metadata: METADATA.replace('six>=1.16', 'six>=1.17') })] }, 'error metadata'],
    ['another Python', { sdist, wheels: [wheelFacts({ metadata: METADATA.replace('>=3.9', '>=3.10') })] }, 'error metadata'],
    ['a module that the sdist lacks', { sdist, wheels: [wheelFacts({ members: [member('demo/extra.py')] })] }, 'warning sdist-completeness'],
    ['two wheels for the same', { wheels: [wheel, wheelFacts({ fileName: 'demo-1.0.0-py3-none-any.whl' })] }, 'error tags'],
  ])('%s is found', (_what, delivery, expected) => {
    expect(checkDelivery(delivery).map(({ level, check }) => `${level} ${check}`)).toEqual([expected]);
  });

  it('maturin makes up the module round one of Rust, and nothing else', () => {
    const wheelFile = (generator: string) => `Wheel-Version: 1.0\nGenerator: ${generator}\nRoot-Is-Purelib: false\nTag: cp311-cp311-linux_x86_64\n`;
    const paths = (generator: string, ...made: string[]) => {
      const members = made.map((path) => member(path, 'from .fast import *'));
      const natives = ['fast/fast.cpython-311-x86_64-linux-gnu.so', 'deep/sub/native.so'].map((path) => elfMember(path));
      const native = wheelFacts({ wheel: wheelFile(generator), members, natives });
      return checkDelivery({ sdist, wheels: [native] }).map(({ path }) => path?.split('.whl/')[1]);
    };
    expect(paths('maturin (1.16.0)', 'fast/__init__.py', 'deep/sub/ffi.py')).toEqual([]);
    expect(paths('maturin (1.16.0)', 'fast/other.py', 'slow/__init__.py', 'deep/ffi2.py')).toEqual([
      'fast/other.py',
      'slow/__init__.py',
      'deep/ffi2.py',
    ]);
    expect(paths('setuptools (84.2)', 'fast/__init__.py')).toEqual(['fast/__init__.py']);
  });

  it('a dynamic field may differ', () => {
    const dynamic = sdistFacts({ metadata: METADATA.replace('Summary', 'Dynamic: requires-dist\nSummary').replace(/Requires-Dist.*\n/, '') });
    expect(checkDelivery({ sdist: dynamic, wheels: [wheel] })).toEqual([]);
  });
});
