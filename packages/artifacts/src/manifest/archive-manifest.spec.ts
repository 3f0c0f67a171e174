import {
  APP_MANIFEST_PATH,
  archiveManifestName,
  archiveOfManifest,
  isAppList,
  isLeftOutOfApp,
  type ArchiveManifest,
  type ArchiveManifestEntry,
} from '../archive-manifest';
import { compareEntries, entryText } from './compare-entries';
import { describeEntry } from './describe-entry';
import { parseArchiveManifest, renderArchiveManifest } from './parse-archive-manifest';

const sha = (digit: string): string => digit.repeat(64);
const ENTRIES: readonly ArchiveManifestEntry[] = [
  { path: 'app-1.0', type: 'directory', mode: '0755' },
  { path: 'app-1.0/App.app/Contents/MacOS/App', type: 'file', mode: '0755', size: 10, sha256: sha('1') },
  { path: 'app-1.0/App.app/Icon\r', type: 'file', mode: '0644', size: 0, sha256: sha('2') },
  { path: 'app-1.0/link', type: 'symlink', target: 'App.app' },
];
const MANIFEST: ArchiveManifest = {
  schema: 'waybill/archive-manifest/1',
  archive: 'app-1.0.tar.gz',
  size: 20,
  sha256: sha('3'),
  entries: ENTRIES,
};
const withEntry = (change: object): object => ({ ...MANIFEST, entries: [{ ...ENTRIES[1], ...change }] });

describe('the manifest beside an archive', () => {
  it('has one text, whatever the order it was given in', () => {
    const text = renderArchiveManifest(MANIFEST);
    expect(renderArchiveManifest({ ...MANIFEST, entries: [...ENTRIES].reverse() })).toBe(text);
    expect(renderArchiveManifest(parseArchiveManifest(text))).toBe(text);
    expect(parseArchiveManifest(text)).toEqual(MANIFEST);
  });

  it('is known by its name', () => {
    expect(archiveManifestName('a.tar.gz')).toBe('a.tar.gz.manifest.json');
    expect(['a.tar.gz.manifest.json', 'manifest.json', '.manifest.json', 'a.tar.gz'].map(archiveOfManifest)).toEqual([
      'a.tar.gz',
      ...[undefined, undefined, undefined],
    ]);
  });

  it.each<[string, object, string]>([
    ['another schema version', { ...MANIFEST, schema: 'waybill/archive-manifest/9' }, 'RECORD_SCHEMA'],
    ['the manifest of a bundle', { ...MANIFEST, schema: 'waybill/manifest/1' }, 'RECORD_FIELD'],
    ['an unknown key', { ...MANIFEST, host: 'x' }, 'RECORD_FIELD'],
    ['no digest', { ...MANIFEST, sha256: 'x' }, 'RECORD_FIELD'],
    ['a folder with a digest', { ...MANIFEST, entries: [{ ...ENTRIES[0], sha256: sha('1') }] }, 'RECORD_FIELD'],
    ['a folder without a mode', { ...MANIFEST, entries: [{ path: 'a', type: 'directory' }] }, 'RECORD_FIELD'],
    ['an entry of another type', withEntry({ type: 'fifo' }), 'RECORD_FIELD'],
    ['an entry that is nothing', { ...MANIFEST, entries: [null] }, 'RECORD_FIELD'],
    ['a path that leads upwards', withEntry({ path: 'a/../../b' }), 'RECORD_PATH'],
    ['a path with NUL', withEntry({ path: 'a\0b' }), 'RECORD_PATH'],
    ['a folder that is absolute', { ...MANIFEST, entries: [{ ...ENTRIES[0], path: '/etc' }] }, 'RECORD_PATH'],
    ['a path twice', { ...MANIFEST, entries: [ENTRIES[0], ENTRIES[0]] }, 'RECORD_DUPLICATE'],
  ])('refuses %s', (_, value, code) => {
    expect(() => parseArchiveManifest(JSON.stringify(value))).toThrow(expect.objectContaining({ code }));
  });
});

describe('compareEntries', () => {
  it('finds nothing between equal lists in any order', () => {
    expect(compareEntries(ENTRIES, [...ENTRIES].reverse())).toEqual([]);
  });

  it.each<[string, ArchiveManifestEntry]>([
    ['the mode of a file', { ...ENTRIES[1], mode: '0644' } as ArchiveManifestEntry],
    ['the content of a file', { ...ENTRIES[1], sha256: sha('9') } as ArchiveManifestEntry],
    ['the size of a file', { ...ENTRIES[1], size: 11 } as ArchiveManifestEntry],
    ['the mode of a folder', { ...ENTRIES[0], mode: '0700' } as ArchiveManifestEntry],
    ['the target of a link', { ...ENTRIES[3], target: 'elsewhere' } as ArchiveManifestEntry],
    ['a link in place of a file', { path: ENTRIES[1]!.path, type: 'symlink', target: 'x' }],
  ])('finds %s', (_, changed) => {
    const there = ENTRIES.map((entry) => (entry.path === changed.path ? changed : entry));
    const [found, ...others] = compareEntries(ENTRIES, there);
    expect(others).toEqual([]);
    expect(found).toEqual({ path: changed.path, expected: ENTRIES.find(({ path }) => path === changed.path), actual: changed });
    expect(entryText(found!.expected!)).not.toBe(entryText(found!.actual!));
  });

  it('finds what is missing, then what was added', () => {
    const added: ArchiveManifestEntry = { path: 'a', type: 'directory', mode: '0755' };
    expect(compareEntries(ENTRIES, [added, ...ENTRIES.slice(1)])).toEqual([
      { path: 'app-1.0', expected: ENTRIES[0] },
      { path: 'a', actual: added },
    ]);
  });
});

it('an entry is described by its content', async () => {
  const content = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from('ab');
    yield Buffer.from('c');
  };
  expect(await describeEntry('a', { kind: 'file', mode: 0o755, content })).toEqual({
    ...{ path: 'a', type: 'file', mode: '0755', size: 3 },
    sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  });
  expect(await describeEntry('b', { kind: 'symlink', mode: 0o777, linkTarget: 'a', content })).toEqual({ path: 'b', type: 'symlink', target: 'a' });
  expect(await describeEntry('c', { kind: 'directory', mode: 0o700, content })).toEqual({ path: 'c', type: 'directory', mode: '0700' });
});

it.each([
  ['top/App.app/Contents/Info.plist', true],
  ['App.app/Contents/Info.plist', true],
  ['top/Contents/Info.plist', true],
  ['Contents/Info.plist', true],
  ['a/b/Contents/Info.plist', false],
  ['a/b.docset/Contents/Info.plist', false],
  ['top/App.app/Contents/Info.plist.bak', false],
])('%s is the list of an .app: %s', (path, expected) => {
  expect(isAppList(path)).toBe(expected);
});

it('the manifest in an .app leaves out what is written after it, and nothing else', () => {
  const left = ['Contents/MacOS/App', 'Contents/_CodeSignature/CodeResources', 'Contents/CodeResources', APP_MANIFEST_PATH];
  const listed = ['Contents/MacOS/helper', 'Contents/Frameworks/A.app/Contents/_CodeSignature/CodeResources', 'Contents/Info.plist', 'Icon\r'];
  const isLeftOut = (path: string): boolean => isLeftOutOfApp(path, 'Contents/MacOS/App');
  expect([left.every(isLeftOut), listed.some(isLeftOut)]).toEqual([true, false]);
});
