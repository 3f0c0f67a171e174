import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ElfFacts } from '@waybill/binary';
import type { WaybillError } from '@waybill/core';
import { temporaryFolder } from '@waybill/core/testing';
import type { BundleFacts } from '@waybill/relocation';
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
  const elf = (needs: string[]) => ({ versionNeeds: [{ library: 'libc.so.6', versions: needs.map((version) => `GLIBC_${version}`) }], symbols: [] });
  const factsOf = (files: Record<string, string[]>) =>
    ({
      platform: 'linux-x86_64',
      layout: { sitePackages: [] },
      entries: Object.entries(files).map(([path, needs]) => ({ path, kind: 'file', elf: elf(needs) })),
    }) as unknown as BundleFacts;
  const read = (path: string) =>
    ({
      ...elf(path.includes('chat') ? ['2.34'] : ['2.17', '2.35']),
      symbols: [
        {
          name: path.includes('chat') ? 'pthread_create' : 'hypot',
          defined: false,
          weak: false,
          version: path.includes('chat') ? 'GLIBC_2.34' : 'GLIBC_2.35',
        },
      ],
    }) as unknown as ElfFacts;
  const facts = factsOf({ 'lib/old.so': ['2.2.5'], 'bin/chat-bin': ['2.34'], 'python/runtime/lib/libpython3.11.so.1.0': ['2.17', '2.35'] });
  const check = (allowed: string | undefined, of = facts) => thrown(() => checkGlibc(of, allowed, read));

  it('BUNDLE_GLIBC names every file that needs more, with its symbol, the newest first', () => {
    const error = check('2.28')!;
    expect(error.code).toBe('BUNDLE_GLIBC');
    expect(error.message).toBe('the bundle needs glibc 2.35, and `glibc` allows 2.28');
    expect(error.details).toEqual([
      'expected glibc ≤ 2.28',
      'actual `python/runtime/lib/libpython3.11.so.1.0` needs `hypot` of glibc 2.35',
      'actual `bin/chat-bin` needs `pthread_create` of glibc 2.34',
    ]);
  });

  it.each([['2.35'], ['2.36'], ['2.100'], [undefined]])('lets %s pass', (allowed) => {
    expect(check(allowed)).toBeUndefined();
  });

  it('compares numbers, not texts', () => {
    expect(check('2.17', factsOf({ a: ['2.9'] }))).toBeUndefined();
    expect(check('2.9', factsOf({ a: ['2.17'] }))?.code).toBe('BUNDLE_GLIBC');
  });

  it('lets a bundle pass that needs no glibc', () => {
    expect(check('2.17', factsOf({ a: [] }))).toBeUndefined();
  });
});

describe('checkSize', () => {
  const root = temporaryFolder();
  beforeEach(() => {
    for (const [path, size] of [
      ['python/vendor/big/x', 900_000],
      ['lib/y', 200_000],
    ] as const) {
      mkdirSync(dirname(join(root.path, path)), { recursive: true });
      writeFileSync(join(root.path, path), Buffer.alloc(size));
    }
  });

  it('BUNDLE_SIZE names the largest folders', async () => {
    await expect(checkSize(root.path, 1_000_000)).rejects.toMatchObject({
      code: 'BUNDLE_SIZE',
      message: 'the unpacked bundle has 1.10 MB, and `sizeLimit` allows 1.00 MB',
      details: ['900 kB in `python/vendor/big`', '200 kB in `lib`'],
    });
  });

  it.each([[1_100_000], [undefined]])('lets %s pass', async (limit) => {
    await expect(checkSize(root.path, limit)).resolves.toBeUndefined();
  });
});
