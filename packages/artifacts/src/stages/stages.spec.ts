import { STAGES, stageRow } from './stage-table';
import { systemOfTarget, targetName, wheelTargetName } from './target-names';

const indexOf = (stage: string): number => STAGES.findIndex((row) => row.stage === stage);

describe('the stage table', () => {
  it('has each stage once, in the order of a release', () => {
    expect(STAGES.map(({ stage }) => stage)).toEqual([
      'build-wheel',
      'prepare-runtime',
      'package',
      'smoke',
      'sign',
      'notarize',
      'smoke-signed',
      'checksum',
      'sign-checksums',
      'publish',
      'prepare',
      'release',
      'take-back',
    ]);
  });

  it('sums only when nothing changes bytes any more', () => {
    const late = STAGES.filter(({ changesBytes, stage }) => changesBytes && indexOf(stage) > indexOf('checksum'));
    expect(late).toEqual([]);
  });

  it('keeps no remote effect, and looks before it', () => {
    const remote = STAGES.filter(({ effect }) => effect === 'remote');
    expect(remote.map(({ stage }) => stage)).toEqual(['notarize', 'publish', 'take-back']);
    expect(remote.filter(({ cache, preflight }) => cache || !preflight)).toEqual([]);
  });

  it('keeps nothing that depends on what is not kept', () => {
    const firstUncached = indexOf('sign');
    expect(STAGES.filter(({ cache, stage }) => cache && indexOf(stage) > firstUncached)).toEqual([]);
  });

  it('refuses a stage that it does not have', () => {
    expect(stageRow('package').executor).toBe('@waybill/bundle:package-dist');
    expect(() => stageRow('deploy')).toThrow(expect.objectContaining({ code: 'GRAPH_STAGE_UNKNOWN' }));
  });

  it('names targets', () => {
    expect(targetName('package', { os: 'linux' })).toBe('package-linux');
    expect(targetName('package', { os: 'linux', arch: 'aarch64' })).toBe('package-linux-aarch64');
    expect(targetName('checksum', { os: 'linux' })).toBe('checksum');
    const systems = [
      'package-linux',
      'package-linux-aarch64-musl',
      'package-macos-universal2',
      'package-windows-debug',
      'package',
      'pack-linux',
      'smoke-linux',
    ];
    expect(systems.map((name) => systemOfTarget('package', name))).toEqual([
      ...[{ os: 'linux' }, { os: 'linux', arch: 'aarch64' }, { os: 'macos' }, { os: 'windows' }],
      ...[undefined, undefined, undefined],
    ]);
    expect(systemOfTarget('checksum', 'checksum-linux')).toBe(undefined);
    expect([wheelTargetName(), wheelTargetName('linux-aarch64')]).toEqual(['build-wheel', 'build-wheel-linux-aarch64']);
  });
});
