import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../testing';
import { findFiles } from './find-files';

const folder = temporaryFolder();

beforeEach(() => {
  for (const path of [
    'b.so',
    'a.so',
    'B.so',
    'a.txt',
    '.hidden',
    'sub/c.so',
    'sub/deep/d.so',
    'app (1)/x[2].so',
    'app (1)/x2.so',
    '[id].py',
    'i.py',
    '!odd',
    '.dot/e.so',
    '{a,b}.so',
  ]) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), '');
  }
  symlinkSync('a.so', join(folder.path, 'link.so'));
  symlinkSync('sub', join(folder.path, 'folder-link.so'));
  symlinkSync('none', join(folder.path, 'dangling.so'));
  symlinkSync('..', join(folder.path, 'sub', 'up'));
  symlinkSync('round.so', join(folder.path, 'round.so'));
});

describe('findFiles', () => {
  it.each<[string, string[], string[], boolean?]>([
    ['one pattern, ordered by bytes, links to files too', ['*.so'], ['B.so', 'a.so', 'b.so', 'link.so', '{a,b}.so']],
    [
      'folders at any depth',
      ['**/*.so'],
      ['B.so', 'a.so', 'app (1)/x2.so', 'app (1)/x[2].so', 'b.so', 'link.so', 'sub/c.so', 'sub/deep/d.so', '{a,b}.so'],
    ],
    ['hidden files when asked', ['**/*'], ['.dot/e.so', '.hidden'], true],
    ['hidden files by name', ['.hidden', '.dot/*'], ['.dot/e.so', '.hidden']],
    ['each file once', ['a.*', 'a.so', './a.so'], ['a.so', 'a.txt']],
    ['a path with special characters', ['app (1)/x[2].so'], ['app (1)/x[2].so']],
    ['a pattern in a folder with special characters', ['app (1)/*2.so'], ['app (1)/x2.so']],
    ['a name that is a pattern too', ['[id].py'], ['[id].py']],
    ['a name with braces', ['{a,b}.so'], ['{a,b}.so']],
    ['a name with an exclamation mark', ['!odd'], ['!odd']],
    ['braces', ['{a,b,c}.so', 'sub/{c,x}.so'], ['a.so', 'b.so', 'sub/c.so']],
    ['exclusions', ['*.so', '!a.so', '!l*'], ['B.so', 'b.so', '{a,b}.so']],
    ['no folder', ['sub'], []],
    ['nothing', ['none/*'], []],
  ])('finds %s', async (_, patterns, expected, dot = false) => {
    const found = await findFiles(patterns, { cwd: folder.path, dot });
    expect(dot ? found.filter((path) => path.startsWith('.')) : found).toEqual(expected);
  });

  it('finds nothing in a folder that is not there', async () => {
    expect(await findFiles(['*'], { cwd: join(folder.path, 'none') })).toEqual([]);
  });
});
