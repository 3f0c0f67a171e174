import { elf, file, special } from '../testing/build-facts';
import { pythonApp } from '../testing/good-bundles';
import { add, describeFindings, findingsOf } from '../testing/plant-fault';
import type { BundleEntry } from '../bundle-facts';

const found = (...entries: BundleEntry[]): string[] => describeFindings(findingsOf('tree-entries', pythonApp(add(...entries))));
const core = elf('core.1234');

it.each([
  ['.netrc', file('.netrc'), 'error .netrc The file is one in which tools keep passwords'],
  ['.pypirc', file('share/.pypirc'), 'error share/.pypirc The file is one in which tools keep'],
  ['a key by its name', file('share/id_ed25519'), 'error share/id_ed25519'],
  ['a key by its content', file('share/server.pem', { privateKey: true }), 'error share/server.pem The file holds a private key'],
  ['a password in pip.conf', file('pip.conf', { text: 'index-url = https://me:secret@index.example/simple\n' }), 'error pip.conf The settings hold'],
  ['a token in pip.conf', file('pip.conf', { text: 'index-url = https://0123456789abcdef0123@index.example/\n' }), 'error pip.conf'],
  ['a token in .npmrc', file('.npmrc', { text: '//registry.example/:_authToken=abc\n' }), 'error .npmrc The settings hold'],
  ['.env', file('.env'), 'warning .env The file is one in which developers'],
  ['the file of a worktree', file('.git'), 'error .git The entry belongs to version control'],
  ['a core dump', { ...core, elf: { ...core.elf!, type: 'core' as const } }, 'error core.1234 The file is a core dump'],
])('%s', (_, entry, expected) => {
  expect(found(entry)).toEqual([expect.stringContaining(expected)]);
});

it('a folder of version control is told once', () => {
  const folder: BundleEntry = { ...special('.git', 'fifo'), kind: 'directory', mode: 0o755 };
  expect(found(folder, file('.git/HEAD'), file('.git/hooks/pre-commit'))).toHaveLength(1);
});

it.each([
  ['settings without a password', file('pip.conf', { text: 'index-url = https://index.example/simple\n' })],
  ['settings that name a variable', file('pip.conf', { text: 'index-url = https://${USER}:${TOKEN}@index.example/simple\n' })],
  ['a public key', file('share/id_rsa.pub')],
  ['a key among the tests of the standard library', file('python/runtime/lib/python3.11/test/keycert.pem', { privateKey: true })],
  ['a key that a wheel brings', file('share/test.key', { privateKey: true, recorded: true })],
])('%s is no fault', (_, entry) => {
  expect(found(entry)).toEqual([]);
});
