import { ISOLATION_CLASSES, isolationClassOf, reaches, TIERS } from './isolation-tiers';

describe('isolation', () => {
  it.each([
    ['root-namespace', [true, true, true]],
    ['bubblewrap', [true, true, true]],
    ['proot', [true, true, false]],
    ['copy', [true, false, false]],
    ['magic', [false, false, false]],
    ['toString', [false, false, false]],
  ])('%s reaches copy, rename, namespace: %j', (tier, expected) => {
    expect(ISOLATION_CLASSES.map((minimum) => reaches(tier, minimum))).toEqual(expected);
  });

  it('gets weaker from tier to tier', () => {
    const strength = TIERS.map((tier) => ISOLATION_CLASSES.indexOf(isolationClassOf(tier)));
    expect(strength).toEqual([...strength].sort((one, other) => other - one));
  });
});
