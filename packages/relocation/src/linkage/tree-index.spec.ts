import { file, symlink } from '../testing/build-facts';
import { TreeIndex } from './tree-index';

const index = new TreeIndex([
  file('a/b/real'),
  symlink('a/link', 'b/real'),
  symlink('folder', 'a/b'),
  symlink('abs', '/etc/passwd'),
  symlink('out', '../../x'),
  symlink('one', 'two'),
  symlink('two', 'one'),
  symlink('gone', 'a/nothing'),
  { path: 'empty', kind: 'directory', mode: 0o755, size: 0, mtimeMs: 0 },
]);

describe('TreeIndex', () => {
  it.each([
    ['a/b/real', 'found a/b/real'],
    ['a/./b//real', 'found a/b/real'],
    ['a/link', 'found a/b/real'],
    ['folder/real', 'found a/b/real'],
    ['folder/../link', 'found a/b/real'],
    ['empty', 'found empty'],
    ['', 'found '],
    ['a/link/more', 'missing a/b/real'],
    ['gone', 'missing a/nothing'],
    ['nowhere/x', 'missing nowhere'],
    ['abs', 'outside /etc/passwd'],
    ['a/../../x', 'outside a/../../x'],
    ['out', 'outside out'],
    ['one', 'loop'],
  ])('walks %s: %s', (path, expected) => {
    const walk = index.walk(path);
    const where = walk.kind === 'outside' ? walk.target : walk.path;
    expect(`${walk.kind} ${where}`).toContain(expected);
  });

  it('knows folders that only files name', () => {
    expect([index.isFolder('a/b'), index.isFolder('a/b/real'), index.isFolder(''), index.isFolder('empty')]).toEqual([true, false, true, true]);
  });
});
