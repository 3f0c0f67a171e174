import { temporaryFolder } from '@waybill/core/testing';
import { fakeProcesses, type FakeAnswer } from '@waybill/plugin-kit/testing';
import type { ProcessRequest } from '@waybill/core';
import { writeTree } from '../runtime/testing/write-tree';
import { identifyPackages, parseDpkgSearch, pathForms } from './identify-packages';

const folder = temporaryFolder();

const ask = (files: readonly string[], programs: readonly string[], answer: (request: ProcessRequest) => FakeAnswer) => {
  writeTree(folder.path, Object.fromEntries(programs.map((name) => [`${name}!`, ''])));
  const processes = fakeProcesses(answer);
  return {
    processes,
    found: identifyPackages(files, { processes, tools: { resolve: () => Promise.reject(new Error()) }, environment: { PATH: folder.path } }),
  };
};

it('knows both forms of a path on merged systems', () => {
  expect(pathForms('/usr/lib/x86_64-linux-gnu/libz.so.1')).toEqual(['/usr/lib/x86_64-linux-gnu/libz.so.1', '/lib/x86_64-linux-gnu/libz.so.1']);
  expect(pathForms('/lib/libz.so.1')).toEqual(['/lib/libz.so.1', '/usr/lib/libz.so.1']);
  expect(pathForms('/opt/libz.so.1')).toEqual(['/opt/libz.so.1']);
});

it('reads owners, several of them, and no diversions', () => {
  const output = 'diversion by dash from: /bin/sh\nzlib1g:amd64: /lib/libz.so.1.2.13\nliba, libb: /usr/lib/libboth.so.1\n';
  expect([...parseDpkgSearch(output)]).toEqual([
    ['/lib/libz.so.1.2.13', 'zlib1g:amd64'],
    ['/usr/lib/libboth.so.1', 'liba'],
  ]);
});

it('asks dpkg twice for any number of files', async () => {
  const { found, processes } = ask(['/usr/lib/libz.so.1.2.13', '/opt/own/libown.so.1'], ['dpkg-query'], ({ args }) =>
    args[0] === '--search' ? { exitCode: 1, stdout: 'zlib1g:amd64: /lib/libz.so.1.2.13\n' } : { stdout: 'zlib1g:amd64\tzlib1g\t1:1.2.13.dfsg-1\n' },
  );
  expect([...(await found)].map(([file, { name, version }]) => [file, name, version])).toEqual([
    ['/usr/lib/libz.so.1.2.13', 'zlib1g', '1:1.2.13.dfsg-1'],
  ]);
  expect(processes.requests).toHaveLength(2);
});

it('asks rpm where dpkg is not', async () => {
  const { found } = ask(['/usr/lib64/libz.so.1'], ['rpm'], () => ({ stdout: 'zlib\t1.2.13-4.el9\tzlib and Boost' }));
  expect((await found).get('/usr/lib64/libz.so.1')).toMatchObject({ name: 'zlib', version: '1.2.13-4.el9', licence: 'zlib and Boost' });
});

it('knows nothing where there is no database, or the file is nobody’s', async () => {
  expect((await ask(['/lib/libz.so.1'], [], () => ({})).found).size).toBe(0);
  expect(
    (await ask(['/lib/libz.so.1'], ['rpm'], () => ({ exitCode: 1, stdout: 'file /lib/libz.so.1 is not owned by any package\n' })).found).size,
  ).toBe(0);
  expect((await ask([], ['dpkg-query'], () => ({ stdout: 'x' })).found).size).toBe(0);
});
