import type { UpstreamArtifact } from '@waybill/plugin-kit';
import { packageDistOptions } from '../options';
import { findUpstreamRuntime } from './upstream-runtime';

const OPTIONS = packageDistOptions.parse({ entry: { module: 'a' } });
const { runtime, prune, strip, pyc, vendorLibraries } = OPTIONS;
const PREPARED = { facts: { version: '3.11.7' } };

const artifact = (facts: unknown, more: Partial<UpstreamArtifact> = {}) =>
  ({
    kind: 'runtime',
    name: 'python.runtime.tar',
    project: 'python',
    target: 'prepare-runtime',
    platform: 'linux-x86_64',
    sha256: 'ab'.repeat(32),
    record: { facts },
    ...more,
  }) as unknown as UpstreamArtifact;
const FITTING = { options: { runtime, prune, strip, pyc, vendorLibraries }, prepared: PREPARED };

describe('findUpstreamRuntime', () => {
  it('is nothing without one', () => {
    expect(findUpstreamRuntime([artifact({}, { kind: 'wheel' })], OPTIONS, 'linux-x86_64')).toBeUndefined();
  });

  it('takes one whose options are the same, in any order of keys', () => {
    const reversed = Object.fromEntries(Object.entries(prune).reverse());
    const found = findUpstreamRuntime([artifact({ ...FITTING, options: { ...FITTING.options, prune: reversed } })], OPTIONS, 'linux-x86_64');
    expect(found?.prepared).toBe(PREPARED);
  });

  it('takes one for an application that leaves files of wheels out, and takes libraries from the host that the runtime does not carry', () => {
    const options = { ...OPTIONS, prune: { ...prune, drop: ['python/vendor/x'] }, vendorLibraries: { ...vendorLibraries, fromHost: ['desktop'] } };
    expect(findUpstreamRuntime([artifact(FITTING)], options, 'linux-x86_64')?.prepared).toBe(PREPARED);
  });

  it.each([
    ['files of the runtime', { ...OPTIONS, prune: { ...prune, drop: ['sqlite3'] } }, PREPARED],
    [
      'a library that the runtime carries and the host is to bring',
      { ...OPTIONS, vendorLibraries: { ...vendorLibraries, fromHost: ['desktop'] } },
      { ...PREPARED, carried: [{ path: 'lib/libstdc++.so.6' }] },
    ],
  ])('BUNDLE_RUNTIME_ARTIFACT: the application differs by %s', (_, options, prepared) => {
    expect(() => findUpstreamRuntime([artifact({ ...FITTING, prepared })], options, 'linux-x86_64')).toThrow(
      expect.objectContaining({ code: 'BUNDLE_RUNTIME_ARTIFACT' }),
    );
  });

  it('has no more than the plan of it in a dry run', () => {
    expect(findUpstreamRuntime([artifact({}, { sha256: '0'.repeat(64) })], OPTIONS, 'linux-x86_64')).toEqual({
      artifact: expect.anything() as unknown,
    });
  });

  it.each<[string, unknown, string]>([
    ['another platform', FITTING, 'linux-aarch64'],
    ['another prune preset', { ...FITTING, options: { ...FITTING.options, prune: { ...prune, preset: 'none' } } }, 'linux-x86_64'],
    ['not stripped', { ...FITTING, options: { ...FITTING.options, strip: false } }, 'linux-x86_64'],
    ['no byte code', { ...FITTING, options: { ...FITTING.options, pyc: 'none' } }, 'linux-x86_64'],
    ['another interpreter', { ...FITTING, options: { ...FITTING.options, runtime: { ...runtime, version: '3.12' } } }, 'linux-x86_64'],
    ['other libraries', { ...FITTING, options: { ...FITTING.options, vendorLibraries: { ...vendorLibraries, enabled: false } } }, 'linux-x86_64'],
    ['a record without facts', {}, 'linux-x86_64'],
  ])('BUNDLE_RUNTIME_ARTIFACT: %s', (_what, facts, platform) => {
    expect(() => findUpstreamRuntime([artifact(facts)], OPTIONS, platform)).toThrow(
      expect.objectContaining({ code: 'BUNDLE_RUNTIME_ARTIFACT', message: expect.stringContaining('python:prepare-runtime') as string }),
    );
  });
});
