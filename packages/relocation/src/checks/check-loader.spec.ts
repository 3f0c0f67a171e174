import { elf } from '../testing/build-facts';
import { pythonApp } from '../testing/good-bundles';
import { add, describeFindings, findingsOf } from '../testing/plant-fault';

const LOADER = '/lib64/ld-linux-x86-64.so.2';
const found = (path: string, mode: number): string[] => {
  const entry = elf(path, { interpreter: LOADER, dynamic: true });
  return describeFindings(findingsOf('loader', pythonApp(add({ ...entry, mode }))));
};

it.each(['bin/tool', 'python/vendor/x/libexec/tool', 'tool'])('%s: a program that nobody may execute', (path) => {
  expect([found(path, 0o644), found(path, 0o755)]).toEqual([[`error ${path} The file is a program and nobody may execute it`], []]);
});

it('programs elsewhere are somebody’s data', () => {
  expect(found('python/vendor/x/samples/tool', 0o644)).toEqual([]);
});
