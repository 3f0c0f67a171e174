import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { extractArchive, hashBytes, listArchive, readTree } from '@waybill/core';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { parseRecordText, recordHash } from '@waybill/distributions';
import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { codeDirectoryOf, readCodeFile } from '../macho/read-code-file';
import { archiveMacos, infoPlistOf, linkerSigned, MACOS_ARCHIVE, MACOS_TOP, modeOf, unsignedBundle } from '../testing/macos-bundle';
import { problemsOfBundles } from '../testing/problems-of-bundles';
import { placeRcodesign, realRcodesign, recordedKey, RECORDINGS, runApple } from '../testing/rcodesign-under-test';
import { removeRuns } from '../testing/run-sign';
import { useRecordedServers } from '../testing/timestamp-authority';
import { APP, APP_CODE, APP_LINKS, appWithManifest, CONTENTS, unsignedApp } from '../testing/unsigned-app';
import { findBundles } from './find-bundles';
import { outsideProblems } from './find-outside';
import { judgeSeal, type SealedItem } from './judge-seal';

const folder = temporaryFolder();
const place = mkdtempSync(join(tmpdir(), 'waybill-seals-'));
const real = realRcodesign();
const recording = process.env['WAYBILL_RECORD'] === '1' ? real : undefined;
const { certificates: CERT, key: KEY } = recordedKey();
const servers = useRecordedServers(real !== undefined);
afterAll(async () => {
  await removeRuns();
  rmSync(place, { recursive: true, force: true });
});

const sign = (content: Uint8Array, request: object = {}, bin = placeRcodesign(place, recording)): Promise<ExecutorRun> =>
  runApple({ certificateEnv: 'CERT', keyEnv: 'KEY', timestampUrls: servers() }, { CERT, KEY }, content, { bin, ...request });

async function unpack(run: ExecutorRun): Promise<string> {
  const destination = mkdtempSync(join(place, 'signed-'));
  await extractArchive({ archive: join(run.folder, MACOS_ARCHIVE), destination });
  return join(destination, MACOS_TOP);
}

const VERSION = `${CONTENTS}/Frameworks/Python.framework/Versions/3.12`;
const BUNDLES = [`${VERSION}/Resources/Python.app`, `${CONTENTS}/Frameworks/Python.framework`, APP];
const SEALS = [`${VERSION}/Resources/Python.app/Contents`, VERSION, CONTENTS].map((base) => `${base}/_CodeSignature/CodeResources`);

describe('an .app with a nested Python', () => {
  const files = unsignedApp({ [`${CONTENTS}/CodeResources`]: Buffer.from('s8ch ticket of an older signature') });
  let archive: Buffer;
  let run: ExecutorRun;
  let root: string;
  beforeAll(async () => {
    archive = await archiveMacos({ ...files, 'README.txt': Buffer.from('read me\n') }, 'tar.gz', APP_LINKS);
    run = await sign(archive);
    expect(run.success ? '' : run.output).toBe('');
    root = await unpack(run);
  });

  it('is signed inside out, sealed, and read back; the ticket of an older signature is gone', async () => {
    expect(run.record!.facts).toMatchObject({ signatures: [{ name: MACOS_ARCHIVE, files: Object.keys(APP_CODE).length, bundles: BUNDLES }] });
    expect(await problemsOfBundles(root)).toEqual([]);
    const listed = (await listArchive(join(run.folder, MACOS_ARCHIVE)))
      .filter(({ kind }) => kind === 'file')
      .map(({ path, mode }) => [path.slice(MACOS_TOP.length + 1), mode]);
    const kept = [...Object.keys(files).filter((path) => path !== `${CONTENTS}/CodeResources`), 'README.txt'];
    expect(listed.sort()).toEqual([...kept, ...SEALS].map((path) => [path, modeOf(path)]).sort());
    const read = readCodeFile(join(root, CONTENTS, 'MacOS/App'), Date.now());
    const signature = read?.kind === 'macho' ? read.slices[0]!.signature : undefined;
    const { identifier, flagNames } = codeDirectoryOf((signature as Extract<typeof signature, { state: 'read' }>).verification);
    expect([identifier, flagNames]).toEqual(['org.example.app', ['runtime']]);
  });

  it('is what lies beside the recordings, for tests of the whole product', async () => {
    const stored = { app: await archiveMacos(unsignedApp(), 'tar.gz', APP_LINKS), folder: await archiveMacos(unsignedBundle()) };
    for (const [what, bytes] of Object.entries(stored)) {
      const file = join(RECORDINGS, `unsigned-${what}.tar.gz`);
      if (recording !== undefined) writeFileSync(file, bytes);
      expect({ what, same: gunzipSync(readFileSync(file)).equals(gunzipSync(bytes)) }).toEqual({ what, same: true });
    }
  });

  it('has RECORD files that are true, and sealed as such', () => {
    const vendor = join(root, CONTENTS, 'Resources/python/vendor');
    const lines = parseRecordText(readFileSync(join(vendor, 'fast-1.0.dist-info/RECORD'), 'utf8'));
    const bytes = readFileSync(join(vendor, 'fast/_fast.so'));
    expect(lines).toContainEqual({ path: 'fast/_fast.so', hash: recordHash(hashBytes(bytes)), size: bytes.length });
  });

  it('keeps the same bytes when it is run again', async () => {
    const again = await sign(archive, { again: run });
    expect(again.record).toEqual(run.record);
    expect(again.report!.report).toMatchObject({ files: [{ made: [] }] });
  });

  it('is signed as the artifact itself too, link for link', async () => {
    const inside = (path: string): string => path.slice(APP.length + 1);
    const content = Object.fromEntries([
      ...Object.entries(unsignedApp()).map(([path, bytes]) => [inside(path), { content: bytes, mode: modeOf(path) }]),
      ...Object.entries(APP_LINKS).map(([path, link]) => [inside(path), { link }]),
    ]) as Record<string, { link: string }>;
    const upstream = [{ target: 'package-macos', stage: 'package', artifacts: [{ name: APP, kind: 'app', content, platform: 'macos-aarch64' }] }];
    const single = await sign(Buffer.of(), { upstream });
    expect(single.success ? '' : single.output).toBe('');
    expect(single.record).toMatchObject({
      artifacts: [{ name: APP, kind: 'app' }],
      facts: { signatures: [{ bundles: [...BUNDLES.slice(0, 2).map(inside), APP] }] },
    });
    expect(await problemsOfBundles(join(single.folder, APP))).toEqual([]);
    expect((await readTree(join(single.folder, APP))).filter(({ kind }) => kind === 'symlink')).toHaveLength(Object.keys(APP_LINKS).length);
  });

  const change = (path: string): void => writeFileSync(join(root, path), Buffer.concat([readFileSync(join(root, path)), Buffer.from('x')]));
  const PLANTED: readonly (readonly [what: string, work: () => void, said: string])[] = [
    ['a resource that was changed', () => change(`${VERSION}/lib/python3.12/os.py`), 'lib/python3.12/os.py: its sha256 is'],
    [
      'a property list that was changed',
      () => writeFileSync(join(root, CONTENTS, 'Info.plist'), infoPlistOf('App', 'org.example.evil')),
      'MacOS/App: Info.plist: other bytes',
    ],
    ['a file that was added', () => writeFileSync(join(root, CONTENTS, 'Resources/evil.py'), 'x'), 'Resources/evil.py: it is not sealed'],
    ['code that was added', () => writeFileSync(join(root, CONTENTS, 'MacOS/evil'), linkerSigned({ fileType: 2 })), 'MacOS/evil: it is not sealed'],
    ['a link that was added', () => symlinkSync('/etc', join(root, CONTENTS, 'Resources/etc')), 'Resources/etc: it is not sealed'],
    ['a link that leads out', () => symlinkSync('../../../etc', join(root, CONTENTS, 'Resources/etc')), 'etc`, which leads out of the bundle'],
    ['a link to elsewhere', () => symlinkSync('/System/../etc', join(root, CONTENTS, 'Resources/etc')), 'etc`, which leads out of the bundle'],
    ['a program beside Contents', () => writeFileSync(join(root, APP, 'run.sh'), 'x'), `${APP}/run.sh: it lies beside`],
    ['a folder beside Contents', () => mkdirSync(join(root, APP, 'lib')), `${APP}/lib: it lies beside`],
    [
      'a program by the name of a file of macOS',
      () => writeFileSync(join(root, APP, '.DS_Store'), 'x', { mode: 0o755 }),
      '.DS_Store: it lies beside',
    ],
    [
      'a file beside the Contents of a nested .app',
      () => writeFileSync(join(root, BUNDLES[0]!, 'run.sh'), 'x'),
      'Python.app/run.sh: it is not sealed',
    ],
    [
      'a file beside the seal',
      () => writeFileSync(join(root, CONTENTS, '_CodeSignature/run.sh'), 'x'),
      '_CodeSignature/run.sh: it lies beside the seal',
    ],
    ['a folder beside the seal', () => mkdirSync(join(root, VERSION, '_CodeSignature/lib')), '_CodeSignature/lib: it lies beside the seal'],
    [
      'a file beside a receipt',
      () => (mkdirSync(join(root, CONTENTS, '_MASReceipt')), writeFileSync(join(root, CONTENTS, '_MASReceipt/run.sh'), 'x')),
      '_MASReceipt/run.sh: it lies beside the seal',
    ],
    ['a file at the top of a framework', () => writeFileSync(join(root, BUNDLES[1]!, 'version.txt'), 'x'), 'version.txt: it lies at the top'],
    [
      'a link at the top of a framework',
      () => symlinkSync('Versions/Current/bin', join(root, BUNDLES[1]!, 'x')),
      'Python.framework/x: it lies at the top',
    ],
    ['a version without a seal', () => mkdirSync(join(root, BUNDLES[1]!, 'Versions/3.11')), 'Versions/3.11: it lies in a framework'],
    ['a file among versions', () => writeFileSync(join(root, BUNDLES[1]!, 'Versions/run.sh'), 'x'), 'Versions/run.sh: it lies in a framework'],
    [
      'a file that became a link',
      () => (
        rmSync(join(root, CONTENTS, 'PkgInfo')),
        rmSync(join(root, VERSION, 'lib/python3.12/os.py')),
        symlinkSync('posix.py', join(root, VERSION, 'lib/python3.12/os.py'))
      ),
      'os.py: it is a link to `posix.py`, sealed was a file',
    ],
    ['a file that was taken out', () => rmSync(join(root, VERSION, 'lib/python3.12/os.py')), 'os.py: it is sealed, and not there'],
    [
      'nested code that was changed',
      () => writeFileSync(join(root, CONTENTS, 'MacOS/helper'), linkerSigned({ fileType: 2 })),
      'MacOS/helper: its code directory is',
    ],
    [
      'a framework whose program was changed',
      () => writeFileSync(join(root, VERSION, 'Python'), linkerSigned({ fileType: 6 })),
      'Frameworks/Python.framework: its code directory is',
    ],
    ['a seal that was taken out', () => rmSync(join(root, SEALS[2]!)), 'it has no seal'],
    [
      'a seal that leaves out a file',
      () => {
        const seal = join(root, SEALS[2]!);
        writeFileSync(seal, readFileSync(seal, 'utf8').replace('Resources/python/vendor/fast/_fast.so', 'x'));
      },
      'CodeResources: other bytes than those that are signed',
    ],
  ];
  it.each(PLANTED)('%s is found', async (_, work, said) => {
    const before = mkdtempSync(join(folder.path, 'before-'));
    cpSync(root, before, { recursive: true, verbatimSymlinks: true });
    try {
      work();
      expect(await problemsOfBundles(root)).toEqual(expect.arrayContaining([expect.stringContaining(said)]));
    } finally {
      rmSync(root, { recursive: true });
      cpSync(before, root, { recursive: true, verbatimSymlinks: true });
    }
  });

  it('may lose a translation, and get what macOS itself writes', async () => {
    const copy = mkdtempSync(join(folder.path, 'copy-'));
    cpSync(root, copy, { recursive: true, verbatimSymlinks: true });
    rmSync(join(copy, CONTENTS, 'Resources/en.lproj/Main.strings'));
    writeFileSync(join(copy, CONTENTS, 'Resources/.DS_Store'), 'x');
    writeFileSync(join(copy, CONTENTS, 'CodeResources'), 's8ch');
    for (const path of [APP, BUNDLES[1]!, `${BUNDLES[1]!}/Versions`]) writeFileSync(join(copy, path, '.DS_Store'), 'x');
    writeFileSync(join(copy, APP, 'Icon\r'), 'x');
    writeFileSync(join(copy, BUNDLES[1]!, 'module.map'), 'x');
    symlinkSync('./Versions/3.12/bin', join(copy, BUNDLES[1]!, 'bin'));
    expect(await problemsOfBundles(copy)).toEqual([]);
  });
});

it('a seal of older macOS, with SHA-1 alone, is read; one without the list of today is not', () => {
  const file = (sha1: string, sha256: string): SealedItem => ({
    kind: 'file',
    digest: (name) => (name === 'sha1' ? sha1 : sha256),
    codeHashes: () => [],
  });
  const seal = (inner: string): Uint8Array => Buffer.from(`<plist><dict>${inner}</dict></plist>`);
  const items = new Map([['Resources/a', file('00', 'ff')]]);
  const old = seal('<key>files2</key><dict><key>Resources/a</key><data>AA==</data></dict>');
  expect(judgeSeal({ codeResources: old, items })).toEqual([]);
  expect(judgeSeal({ codeResources: old, items: new Map([['Resources/a', file('01', 'ff')]]) })).toHaveLength(1);
  expect(judgeSeal({ codeResources: seal('<key>files</key><dict/>'), items })[0]!.message).toContain('no `files2`');
  expect(judgeSeal({ codeResources: Buffer.from('x'), items })[0]!.message).toContain('no property list');
  const rules = '<key>rules2</key><dict><key>^Resources/</key><dict><key>omit</key><true/></dict></dict>';
  expect(judgeSeal({ codeResources: seal(`<key>files2</key><dict/>${rules}`), items })[0]).toEqual({
    path: 'Resources/a',
    message: 'it is not sealed: it was added later',
  });
  const both = seal(
    '<key>files2</key><dict><key>Resources/a</key><dict><key>hash</key><data>AA==</data><key>hash2</key><data>AA==</data></dict></dict>',
  );
  expect(judgeSeal({ codeResources: both, items })[0]!.message).toContain('its sha256 is ff');
});

it('frameworks as wheels carry them, and bundles that are resources of another, are judged by their seals alone', async () => {
  const root = mkdtempSync(join(folder.path, 'wheels-'));
  const put = (path: string, bytes: Uint8Array): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), bytes);
  };
  put('A.app/Contents/Info.plist', infoPlistOf('A', 'a'));
  put('A.app/Contents/MacOS/A', linkerSigned({ fileType: 2 }));
  const [wheel, whole] = ['A.app/Contents/Frameworks/PyQt6/Qt6/lib/Qt.framework', 'A.app/Contents/Resources/lib/PyQt6/Qt.framework'];
  for (const framework of [wheel, whole]) {
    put(`${framework}/Versions/A/Resources/Info.plist`, infoPlistOf('Qt', 'qt'));
    put(`${framework}/Versions/A/Qt`, linkerSigned({ fileType: 6 }));
    put(`${framework}/Qt.prl`, Buffer.from('x'));
  }
  symlinkSync('A', join(root, whole, 'Versions/Current'));
  put('A.app/Contents/Resources/Designer.app/Contents/Info.plist', infoPlistOf('D', 'd'));
  put('A.app/Contents/Resources/Designer.app/Contents/MacOS/D', linkerSigned({ fileType: 2 }));
  put('A.app/Contents/Resources/Designer.app/README', Buffer.from('x'));
  symlinkSync('../Frameworks/PyQt6', join(root, 'A.app/Contents/Resources/PyQt6'));
  symlinkSync('/System/Library/Fonts', join(root, 'A.app/Contents/Resources/fonts'));
  put('README', Buffer.from('x'));
  symlinkSync('/Applications', join(root, 'Applications'));
  const items = await readTree(root);
  const found = findBundles(root, items);
  expect(found.bundles).toHaveLength(4);
  expect(found.bundles.flatMap((bundle) => outsideProblems({ items, found }, bundle))).toEqual([]);
});

it('of several versions of a framework the current one counts', async () => {
  const root = mkdtempSync(join(folder.path, 'versions-'));
  const put = (path: string, bytes: Uint8Array): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), bytes);
  };
  put('A.app/Contents/Info.plist', infoPlistOf('A', 'a'));
  put('A.app/Contents/MacOS/A', linkerSigned({ fileType: 2 }));
  for (const version of ['1', '2']) {
    put(`A.app/Contents/Frameworks/F.framework/Versions/${version}/Resources/Info.plist`, infoPlistOf('F', 'f'));
    put(`A.app/Contents/Frameworks/F.framework/Versions/${version}/F`, linkerSigned({ fileType: 6, codeBytes: 1_000 * Number(version) }));
  }
  symlinkSync('2', join(root, 'A.app/Contents/Frameworks/F.framework/Versions/Current'));
  const items = await readTree(root);
  const { bundles } = findBundles(root, items);
  expect(bundles.map(({ folder: one }) => one)).toEqual(
    ['1', '2'].map((version) => `A.app/Contents/Frameworks/F.framework/Versions/${version}`).concat('A.app'),
  );
});

skipUnless(real !== undefined, 'rcodesign is not installed')('rcodesign itself seals what its recordings say', async () => {
  for (const files of [unsignedApp(), appWithManifest()]) {
    const run = await sign(await archiveMacos(files, 'tar.gz', APP_LINKS), {}, join(real!, '..'));
    expect(run.success ? '' : run.output).toBe('');
    expect(await problemsOfBundles(await unpack(run))).toEqual([]);
  }
});
