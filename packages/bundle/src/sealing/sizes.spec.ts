import { formatSize } from './format-size';
import { largestFolders } from './largest-folders';

describe('formatSize', () => {
  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1.00 kB'],
    [12_345, '12.3 kB'],
    [999_499, '999 kB'],
    [999_999, '1.00 MB'],
    [33_554_432, '33.6 MB'],
    [4_200_000_000, '4.20 GB'],
  ])('%d is %s', (bytes, text) => expect(formatSize(bytes)).toBe(text));
});

describe('largestFolders', () => {
  const files = [
    { path: 'python/vendor/numpy/core/a.so', size: 500 },
    { path: 'python/vendor/numpy/b.so', size: 300 },
    { path: 'python/vendor/pydantic/c.so', size: 100 },
    { path: 'lib/d.so', size: 50 },
    { path: 'launcher', size: 10_000 },
  ];

  it('names what holds most, not every folder above it', () => {
    expect(largestFolders(files)).toEqual([
      { path: 'python/vendor', size: 900 },
      { path: 'python/vendor/numpy', size: 800 },
      { path: 'python/vendor/numpy/core', size: 500 },
      { path: 'python/vendor/pydantic', size: 100 },
      { path: 'lib', size: 50 },
    ]);
  });

  it('stops at the number asked for', () => {
    expect(largestFolders(Array.from({ length: 30 }, (_, index) => ({ path: `f${index}/x`, size: index }))).map(({ path }) => path)).toHaveLength(10);
  });
});
