import type { ManifestEntry, TreeManifest } from '../tree-manifest';
import { parseManifest } from './parse-manifest';
import { formatMode, manifestDigest, renderManifest } from './render-manifest';

const sha = (digit: string): string => digit.repeat(64);
const entries: ManifestEntry[] = [
  { path: 'bin/pychat-bin', type: 'file', mode: '0755', size: 10, sha256: sha('1') },
  { path: 'lib/libssl.so', type: 'symlink', target: 'libssl.so.3' },
];
const manifest: TreeManifest = {
  schema: 'waybill/manifest/1',
  name: 'pychat',
  version: '0.3.0',
  platform: 'linux-x86_64',
  kind: 'embedded-app',
  layout: {
    launcher: 'pychat',
    program: 'bin/pychat-bin',
    python: 'python/runtime/bin/python3.11',
    libpython: 'python/runtime/lib/libpython3.11.so.1.0',
  },
  runtime: { version: '3.11.7', buildId: 'abcdef', provider: 'interpreter', source: 'cpython', sha256: sha('2') },
  glibc: '2.35',
  launcher: { kind: 'native' },
  carried: [{ path: 'lib/libssl.so.3', name: 'openssl', version: '3.0', licence: 'Apache-2.0', licenceFiles: ['share/waybill/licences/openssl'] }],
  pruned: [{ path: 'python/runtime/lib/python3.11/test', reason: 'tests of the standard library' }],
  entries,
};
const withField = (field: string, value: unknown): unknown => ({ ...manifest, [field]: value });
const withEntry = (entry: object): unknown => withField('entries', [{ ...entries[0], ...entry }]);

describe('parseManifest', () => {
  it('reads what renderManifest writes, entries sorted, to the same bytes', () => {
    const text = renderManifest({ ...manifest, entries: [...entries].reverse() });
    expect(parseManifest(text)).toEqual(manifest);
    expect(renderManifest(parseManifest(text))).toBe(text);
  });

  it('keeps what the bundle takes from the system it runs on', () => {
    const text = renderManifest({ ...manifest, fromHost: ['libEGL.so.1', 'libGL.so.1'] });
    expect(parseManifest(text).fromHost).toEqual(['libEGL.so.1', 'libGL.so.1']);
    expect(renderManifest(parseManifest(text))).toBe(text);
  });

  it('takes a manifest without what is optional', () => {
    const { glibc: _glibc, ...rest } = manifest;
    const least = {
      ...rest,
      layout: { launcher: 'studio', python: 'python/runtime/bin/python3.12' },
      runtime: { version: '3.12.1', provider: 'uv', source: 'uv' },
    };
    expect(parseManifest(JSON.stringify(least))).toEqual(least);
  });

  it.each<[string, unknown, string]>([
    ['another schema version', withField('schema', 'waybill/manifest/9'), 'RECORD_SCHEMA'],
    ['a record', withField('schema', 'waybill/artifacts/1'), 'RECORD_FIELD'],
    ['an unknown key', withField('host', 'x'), 'RECORD_FIELD'],
    ['an unknown kind', withField('kind', 'library'), 'RECORD_FIELD'],
    ['an unknown launcher', withField('launcher', { kind: 'perl' }), 'RECORD_FIELD'],
    ['a glibc that is no version', withField('glibc', 'new'), 'RECORD_FIELD'],
    ['a layout that leads outwards', withField('layout', { ...manifest.layout, launcher: '../pychat' }), 'RECORD_PATH'],
    ['an entry that is absolute', withEntry({ path: '/etc/passwd' }), 'RECORD_PATH'],
    ['a mode that is a number', withEntry({ mode: 493 }), 'RECORD_FIELD'],
    ['an entry of another type', withEntry({ type: 'fifo' }), 'RECORD_FIELD'],
    ['a link without a target', withField('entries', [{ path: 'a', type: 'symlink' }]), 'RECORD_FIELD'],
    ['a path twice', withField('entries', [entries[0], entries[0]]), 'RECORD_DUPLICATE'],
    ['a library of the host that is a path', withField('fromHost', ['/usr/lib/libGL.so.1']), 'RECORD_FIELD'],
    ['a library of the host that is a folder', withField('fromHost', ['..']), 'RECORD_FIELD'],
    ['a licence outside of the bundle', withField('carried', [{ ...manifest.carried[0], licenceFiles: ['../x'] }]), 'RECORD_PATH'],
    ['a build id that is none', withField('runtime', { ...manifest.runtime, buildId: 'zz' }), 'RECORD_FIELD'],
    ['what was pruned without a reason', withField('pruned', [{ path: 'a' }]), 'RECORD_FIELD'],
  ])('refuses %s', (_, value, code) => {
    expect(() => parseManifest(JSON.stringify(value), { path: 'share/waybill/manifest.json' })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining('The manifest `share/waybill/manifest.json`') }),
    );
  });
});

describe('manifestDigest', () => {
  it('does not depend on the order of entries or keys', () => {
    const mixed = entries.map((entry) => Object.fromEntries(Object.entries(entry).reverse()) as unknown as ManifestEntry).reverse();
    expect(manifestDigest(mixed)).toBe(manifestDigest(entries));
  });

  it.each<[string, Partial<ManifestEntry>]>([
    ['mode', { mode: '0644' }],
    ['size', { size: 11 }],
    ['content', { sha256: sha('9') }],
    ['path', { path: 'bin/other' }],
  ])('changes with the %s', (_, change) => {
    expect(manifestDigest([{ ...entries[0], ...change } as ManifestEntry, entries[1]!])).not.toBe(manifestDigest(entries));
  });

  it.each([
    [0o100755, '0755'],
    [0o644, '0644'],
    [0o4755, '4755'],
    [0, '0000'],
  ])('writes mode %p as %p', (mode, text) => {
    expect(formatMode(mode)).toBe(text);
  });
});
