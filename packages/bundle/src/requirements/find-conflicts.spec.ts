import { findConflicts } from './find-conflicts';

describe('findConflicts', () => {
  const installed = (name: string, ...lines: { path: string; hash?: string }[]) => ({ name, version: '1', distInfo: `${name}-1.dist-info`, lines });

  it('tells the same content from different content', () => {
    const found = findConflicts([
      installed('b', { path: 'ns/__init__.py', hash: 'h' }, { path: 'tool.py', hash: '1' }, { path: 'only.py', hash: '1' }),
      installed('a', { path: 'ns/__init__.py', hash: 'h' }, { path: 'tool.py', hash: '2' }),
    ]);
    expect(found).toEqual([
      { path: 'ns/__init__.py', distributions: ['a', 'b'], same: true },
      { path: 'tool.py', distributions: ['a', 'b'], same: false },
    ]);
  });

  it('takes a file without a hash for different', () => {
    expect(findConflicts([installed('a', { path: 'x' }), installed('b', { path: 'x' })])[0]!.same).toBe(false);
  });
});
