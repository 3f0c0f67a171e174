import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  APP_MANIFEST_PATH,
  archiveManifestName,
  compareEntries,
  isLeftOutOfApp,
  MANIFEST_PATH,
  parseArchiveManifest,
  parseManifest,
  type ArchiveManifestEntry,
} from '@waybill/artifacts';
import { extractArchive, hashBytes, listArchive } from '@waybill/core';
import { readFolderEntries } from '@waybill/plugin-kit';
import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { archiveMacos, MACOS_ARCHIVE, MACOS_TOP, unsignedBundle } from '../testing/macos-bundle';
import { problemsOfBundles } from '../testing/problems-of-bundles';
import { placeRcodesign, realRcodesign, recordedKey, runApple } from '../testing/rcodesign-under-test';
import { removeRuns } from '../testing/run-sign';
import { useRecordedServers } from '../testing/timestamp-authority';
import { APP, APP_LINKS, appWithManifest, CONTENTS, unsignedApp } from '../testing/unsigned-app';

const place = mkdtempSync(join(tmpdir(), 'waybill-manifests-'));
const real = realRcodesign();
const recording = process.env['WAYBILL_RECORD'] === '1' ? real : undefined;
const { certificates: CERT, key: KEY } = recordedKey();
const BESIDE = archiveManifestName(MACOS_ARCHIVE);
const servers = useRecordedServers(recording !== undefined);
afterAll(async () => {
  await removeRuns();
  rmSync(place, { recursive: true, force: true });
});

const sign = (content: Uint8Array, request: object = {}, options: object = {}): Promise<ExecutorRun> =>
  runApple({ certificateEnv: 'CERT', keyEnv: 'KEY', timestampUrls: servers(), ...options }, { CERT, KEY }, content, {
    bin: placeRcodesign(place, recording),
    ...request,
  });
const tar = (files: Readonly<Record<string, Uint8Array>>): Promise<Buffer> => archiveMacos(files, 'tar.gz', APP_LINKS);

async function unpack(run: ExecutorRun): Promise<string> {
  const destination = mkdtempSync(join(place, 'signed-'));
  await extractArchive({ archive: join(run.folder, MACOS_ARCHIVE), destination });
  return join(destination, MACOS_TOP);
}

async function signed(files: Readonly<Record<string, Uint8Array>>, request: object = {}): Promise<ExecutorRun> {
  const run = await sign(await tar(files), request);
  expect(run.success ? '' : run.output).toBe('');
  return run;
}

describe('the manifest in an .app', () => {
  it('is written again before the outermost seal, which covers it, and leaves out what is written after it', async () => {
    const older = { [`${CONTENTS}/CodeResources`]: Buffer.from('s8ch ticket of an older signature') };
    const run = await signed(appWithManifest(older));
    const root = await unpack(run);
    expect(await problemsOfBundles(root)).toEqual([]);
    expect(readFileSync(join(root, CONTENTS, '_CodeSignature/CodeResources'), 'utf8')).toContain(APP_MANIFEST_PATH.slice('Contents/'.length));
    const { entries } = parseManifest(readFileSync(join(root, APP, APP_MANIFEST_PATH), 'utf8'));
    const differences = compareEntries(entries, await readFolderEntries(join(root, APP)));
    const left = ['Contents/MacOS/App', APP_MANIFEST_PATH, 'Contents/_CodeSignature/CodeResources'];
    expect(differences.map(({ path, expected }) => [path, expected])).toEqual(left.sort().map((path) => [path, undefined]));
    expect(left.every((path) => isLeftOutOfApp(path, 'Contents/MacOS/App'))).toBe(true);
    // seals of what lies within, and RECORD files, as they are then
    expect(entries.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'Contents/Frameworks/Python.framework/Versions/3.12/_CodeSignature/CodeResources',
        'Contents/Resources/python/vendor/fast-1.0.dist-info/RECORD',
      ]),
    );
    const again = await signed(appWithManifest(older), { again: run });
    expect(again.record).toEqual(run.record);
    expect(again.report!.report).toMatchObject({ files: [{ made: [] }] });
  });

  it('stands with its new bytes in the manifest of the bundle that the .app lies in', async () => {
    const root = await unpack(await signed(unsignedBundle(appWithManifest())));
    const { entries } = parseManifest(readFileSync(join(root, MANIFEST_PATH), 'utf8'));
    const differing = compareEntries(entries, await readFolderEntries(root)).map(({ path }) => path);
    expect(differing.sort()).toEqual([...Object.keys(APP_LINKS), MANIFEST_PATH].sort());
  });

  it('is not made up where there is none', async () => {
    const root = await unpack(await signed(unsignedApp()));
    expect((await readFolderEntries(root)).filter(({ path }) => path.endsWith('manifest.json'))).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, Uint8Array>>, string]>([
    ['names a file that is not there', appWithManifest({}, { [`${CONTENTS}/Resources/gone`]: Buffer.from('x') }), 'gone`, which is not there'],
    ['tells of another content', appWithManifest({}, { [`${CONTENTS}/PkgInfo`]: Buffer.from('x') }), `\`${CONTENTS}/PkgInfo\` is not what it says`],
    ['does not name a file', { ...appWithManifest(), [`${CONTENTS}/Resources/new`]: Buffer.from('x') }, 'it does not list'],
    ['names another program', otherLauncher(), 'its launcher is'],
  ])('that %s is refused before anything is signed (`SIGN_APP_MANIFEST`)', async (_, files, said) => {
    const run = await sign(await tar(files));
    expect(run).toMatchObject({ success: false, output: expect.stringContaining('SIGN_APP_MANIFEST') });
    expect(run.output).toContain(said);
    expect(run.files).toEqual(['report.json']);
  });
});

function otherLauncher(): Record<string, Uint8Array> {
  const files = appWithManifest();
  const path = `${APP}/${APP_MANIFEST_PATH}`;
  return { ...files, [path]: Buffer.from(Buffer.from(files[path]!).toString().replace('"Contents/MacOS/App"', '"Contents/MacOS/helper"')) };
}

describe('the manifest beside an archive that holds an .app', () => {
  it('lists every entry of the archive that ships, the main program and the seal too', async () => {
    const run = await signed(unsignedApp());
    const bytes = readFileSync(join(run.folder, MACOS_ARCHIVE));
    const text = readFileSync(join(run.folder, BESIDE));
    expect(run.record!.artifacts).toMatchObject([
      { name: MACOS_ARCHIVE, sha256: hashBytes(bytes) },
      {
        ...{ name: BESIDE, path: BESIDE, kind: 'delivery', platform: 'macos-aarch64', ships: true, size: text.length, sha256: hashBytes(text) },
        madeFrom: [`sha256:${hashBytes(bytes)}`],
      },
    ]);
    const manifest = parseArchiveManifest(text.toString());
    expect(manifest).toMatchObject({ archive: MACOS_ARCHIVE, size: bytes.length, sha256: hashBytes(bytes) });
    const listed = await listArchive(join(run.folder, MACOS_ARCHIVE));
    expect(manifest.entries.map(({ path }) => path)).toEqual(listed.map(({ path }) => path.replace(/\/$/, '')).sort());
    const inTree = (await readFolderEntries(join(await unpack(run), '..'))) as readonly ArchiveManifestEntry[];
    const folders = manifest.entries.filter(({ type }) => type === 'directory');
    expect(compareEntries(manifest.entries, [...inTree, ...folders])).toEqual([]);
  });

  it('lists the links and modes of a zip file too', async () => {
    const run = await sign(await archiveMacos(unsignedApp(), 'zip', APP_LINKS));
    expect(run.success ? '' : run.output).toBe('');
    const name = MACOS_ARCHIVE.replace('.tar.gz', '.zip');
    const manifest = parseArchiveManifest(readFileSync(join(run.folder, archiveManifestName(name)), 'utf8'));
    expect(manifest.archive).toBe(name);
    const listed = new Map(manifest.entries.map((entry) => [entry.path, entry]));
    for (const [path, target] of Object.entries(APP_LINKS)) expect(listed.get(`${MACOS_TOP}/${path}`)).toMatchObject({ type: 'symlink', target });
    expect(listed.get(`${MACOS_TOP}/${CONTENTS}/MacOS/App`)).toMatchObject({ type: 'file', mode: '0755' });
  });

  it('is written for archives that ship alone, and only where an .app is in them', async () => {
    const withheld = [
      {
        ...{ target: 'package-macos', stage: 'package' },
        artifacts: [{ name: MACOS_ARCHIVE, kind: 'bundle-archive', content: await tar(unsignedApp()), platform: 'macos-aarch64', ships: false }],
      },
    ];
    const plain = await archiveMacos(unsignedBundle());
    const dry = { dryRun: true };
    const folderOnly = await sign(plain, dry);
    expect(folderOnly.planned!.artifacts.map(({ name }) => name)).toEqual([MACOS_ARCHIVE]);
    expect((await sign(Buffer.of(), { ...dry, upstream: withheld })).output).not.toContain(BESIDE);
  });

  it('is planned by a dry run', async () => {
    const run = await sign(await tar(unsignedApp()), { dryRun: true });
    expect(run).toMatchObject({ success: true, files: [] });
    expect(run.planned!.artifacts.map(({ name, kind, ships }) => [name, kind, ships])).toEqual([
      [MACOS_ARCHIVE, 'bundle-archive', true],
      [BESIDE, 'delivery', true],
    ]);
    expect(run.output).toContain(`write \`${BESIDE}\`, which lists every entry of \`${MACOS_ARCHIVE}\``);
  });

  it('is not planned where nothing is signed', async () => {
    const unsigned = { certificateEnv: 'NONE', keyEnv: undefined, allowUnsigned: 'no key yet' };
    const run = await sign(await tar(unsignedApp()), {}, unsigned);
    expect(run.record).toMatchObject({ artifacts: [], facts: { allowUnsigned: 'no key yet' } });
    expect(run.output).not.toContain(BESIDE);
  });
});
