import type { WaybillError } from '@waybill/core';
import { checkGlibc, checkSize } from './check-limits';

const thrown = (work: () => void): WaybillError | undefined => {
  try {
    work();
  } catch (error) {
    return error as WaybillError;
  }
  return undefined;
};

describe('checkGlibc', () => {
  const floor = {
    version: '2.35',
    holders: [{ path: 'python/runtime/lib/libpython3.11.so.1.0', symbol: 'hypot', version: '2.35' }, { path: 'bin/chat-bin', symbol: 'pthread_create', version: '2.34' }],
  };

  it('BUNDLE_GLIBC names file and symbol', () => {
    const error = thrown(() => checkGlibc(floor, '2.28'))!;
    expect(error.code).toBe('BUNDLE_GLIBC');
    expect(error.details.join('\n')).toContain('`python/runtime/lib/libpython3.11.so.1.0` needs `hypot` of glibc 2.35');
    expect(error.details).toHaveLength(3);
  });

  it.each([['2.35'], ['2.36'], ['2.100'], [undefined]])('lets %s pass', (allowed) => {
    expect(thrown(() => checkGlibc(floor, allowed))).toBeUndefined();
  });

  it('compares numbers, not texts', () => {
    expect(thrown(() => checkGlibc({ version: '2.9', holders: [] }, '2.17'))).toBeUndefined();
    expect(thrown(() => checkGlibc({ version: '2.17', holders: [] }, '2.9'))?.code).toBe('BUNDLE_GLIBC');
  });

  it('lets a bundle pass that needs no glibc', () => {
    expect(thrown(() => checkGlibc({ holders: [] }, '2.17'))).toBeUndefined();
  });
});

describe('checkSize', () => {
  const files = [{ path: 'python/vendor/big/x', size: 900_000 }, { path: 'lib/y', size: 200_000 }];

  it('BUNDLE_SIZE names the largest folders', () => {
    const error = thrown(() => checkSize(files, 1_000_000))!;
    expect(error.code).toBe('BUNDLE_SIZE');
    expect(error.message).toContain('1.10 MB');
    expect(error.details.map((line) => line.trim())).toEqual(['900 kB  `python/vendor/big`', '200 kB  `lib`']);
  });

  it.each([[1_100_000], [undefined]])('lets %s pass', (limit) => {
    expect(thrown(() => checkSize(files, limit))).toBeUndefined();
  });
});
