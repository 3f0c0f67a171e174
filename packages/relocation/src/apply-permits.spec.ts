import type { Finding } from '@waybill/core';
import { applyPermits } from './apply-permits';

const finding = (path: string | undefined, level: Finding['level'] = 'error'): Finding => ({
  check: 'rpath',
  level,
  message: 'wrong',
  ...(path === undefined ? {} : { path }),
});

describe('applyPermits', () => {
  it('turns what matches into info with the reason', () => {
    expect(
      applyPermits(
        'rpath',
        [finding('lib/a.so'), finding('lib/b.so', 'warning')],
        [{ check: 'rpath', path: 'lib/*.so', reason: 'measured to be harmless' }],
      ),
    ).toEqual([
      { check: 'rpath', level: 'info', path: 'lib/a.so', message: 'wrong (allowed: measured to be harmless)' },
      { check: 'rpath', level: 'info', path: 'lib/b.so', message: 'wrong (allowed: measured to be harmless)' },
    ]);
  });

  it('leaves other checks, other paths and the input alone', () => {
    const findings = [finding('lib/a.so')];
    const result = applyPermits('rpath', findings, [{ check: 'loader', path: '**', reason: 'other' }]);
    expect(result).toEqual([finding('lib/a.so')]);
    expect(findings[0]!.level).toBe('error');
  });

  it.each([
    [
      'matches nothing',
      [finding('lib/a.so')],
      { check: 'rpath', path: 'bin/*', reason: 'was needed once' },
      'The permit for `bin/*` matches no finding',
      2,
    ],
    [
      'matches only an info',
      [finding('bin/a', 'info')],
      { check: 'rpath', path: 'bin/*', reason: 'was needed once' },
      'The permit for `bin/*` matches no finding',
      1,
    ],
    ['gives no reason', [finding('bin/a')], { check: 'rpath', path: 'bin/*', reason: ' ' }, 'The permit for `bin/*` gives no reason', 2],
  ])('is red over a permit that %s', (_case, findings, permit, message, errors) => {
    const result = applyPermits('rpath', findings, [permit]);
    expect(result).toContainEqual(expect.objectContaining({ level: 'error', message }));
    expect(result.filter(({ level }) => level === 'error')).toHaveLength(errors);
  });

  it('counts two permits for one finding as used', () => {
    const result = applyPermits(
      'rpath',
      [finding('lib/a.so')],
      [
        { check: 'rpath', path: 'lib/*', reason: 'one' },
        { check: 'rpath', path: '**', reason: 'two' },
      ],
    );
    expect(result.map(({ level }) => level)).toEqual(['info']);
  });

  it('a finding without a path needs a permit for everything', () => {
    expect(applyPermits('rpath', [finding(undefined)], [{ check: 'rpath', path: '**', reason: 'all of it' }])[0]!.level).toBe('info');
    expect(applyPermits('rpath', [finding(undefined)], [{ check: 'rpath', path: 'lib/**', reason: 'some' }])[0]!.level).toBe('error');
  });
});
