import { runLimit } from '../../ground/proof-request';
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

  it.each([
    [60_000, 60_000],
    [1_800_000, 120_000],
    [2_400_000, 720_000],
  ])('a limit of %i ms for the target gives each run %i ms', (timeoutMs, ofRun) => {
    expect(runLimit(timeoutMs)).toBe(ofRun);
    if (timeoutMs === 1_800_000) expect(relocatabilitySmokeOptions.parse({}).timeoutMs).toBe(timeoutMs);
  });
});
