import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import { buildScripts } from '../project/build-scripts';
import { namedIn, temporaryFolders, watchTemporary } from './watch-temporary';

const folder = temporaryFolder();
const at = (name: string): string => join(folder.path, name);

it('watches the folders that programs know by name, where there are any', () => {
  expect(temporaryFolders('linux')).toEqual(['/tmp', '/var/tmp']);
  expect(temporaryFolders('win32')).toEqual([]);
});

it('sees what is new and what has changed at their top', () => {
  for (const name of ['same', 'touched', 'grows']) writeFileSync(at(name), '');
  const changes = watchTemporary([folder.path, at('not-there')]);
  expect(changes()).toEqual([]);
  writeFileSync(at('new'), '');
  mkdirSync(at('made'));
  writeFileSync(at('grows'), 'more');
  utimesSync(at('touched'), 1, 1);
  expect([...changes()].sort()).toEqual(['grows', 'made', 'new', 'touched'].map(at));
});

it.each<[string, string, readonly string[]]>([
  ['a path', `open("/tmp/demo-cache", "w")`, ['/tmp/demo-cache']],
  ['one of the other folder', 'mkdir -p /var/tmp/demo-cache/x', ['/tmp/demo-cache']],
  ['parts of one', `os.path.join('/tmp', 'demo-cache')`, ['/tmp/demo-cache']],
  ['parts of a Path', `Path("/tmp") / "demo-cache"`, ['/tmp/demo-cache']],
  ['a beginning', 'f"/tmp/demo-{os.getpid()}"', ['/tmp/demo-cache', '/tmp/demo-17']],
  ['a beginning that is added to', `'/tmp/demo-' + name`, ['/tmp/demo-cache', '/tmp/demo-17']],
  ['a beginning of few letters', `'/tmp/de' + name`, []],
  ['a longer name', 'touch /tmp/demo-cache-2', []],
  ['the name in another folder', `open("build/demo-cache")`, []],
  ['a folder that ends so', 'open("mytmp/demo-cache")', []],
])('takes for its own what a script names: %s', (_, text, expected) => {
  expect(namedIn([text], ['/tmp/demo-cache', '/tmp/demo-17', '/tmp/pip-4711', '/tmp/pytest-of-ada'])).toEqual(expected);
});

it('knows what runs in a build, and what may run beside one', () => {
  const manifest = { 'build-system': { 'backend-path': ['./backend/'] } };
  const running = ['setup.py', 'version_of.py', 'backend/hooks/one.py', 'meson.build', 'native/CMakeLists.txt', 'native/build.rs', 'tools/make.sh'];
  const beside = ['conftest.py', 'noxfile.py', 'test_demo.py', 'src/demo/__init__.py', 'tests/setup.py', 'README.md', 'backend.md'];
  expect(buildScripts(manifest, [...running, ...beside])).toEqual(running);
});
