import { relocatabilitySmokeOptions } from './options';

describe('options of relocatability-smoke', () => {
  it('refuse a proof without checks: it would always hold', () => {
    expect(relocatabilitySmokeOptions.safeParse({ checks: [] }).success).toBe(false);
    expect(relocatabilitySmokeOptions.safeParse({ checks: ['rpath'] }).success).toBe(true);
  });

  it('refuse a permit without a reason', () => {
    expect(relocatabilitySmokeOptions.safeParse({ allow: [{ check: 'rpath', path: 'a.so' }] }).success).toBe(false);
    expect(relocatabilitySmokeOptions.safeParse({ allow: [{ check: 'rpath', path: 'a.so', reason: 'vendor file' }] }).success).toBe(true);
  });
});
