import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APP_MANIFEST_PATH } from '@waybill/artifacts';
import { parseFingerprint } from '../keys/trusted-keys';
import { APP, APP_ARCHIVE, BESIDE, PROGRAM, makeAppArchive, type AppArchiveSpec } from '../testing/make-app-archive';
import { makeDelivery, writeDelivery, type Member, type ShippedFile } from '../testing/make-delivery';
import { minisignKey } from '../testing/signing-keys';
import type { Verification, VerifyRequest } from '../report/verification';
import { verifyDelivery } from '../verify-delivery';

const folder = mkdtempSync(join(tmpdir(), 'waybill-verify-app-'));
const key = minisignKey(Buffer.from('genuine!'));
const keys = [{ ...parseFingerprint(key.fingerprint), required: true }];
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function verify(further: readonly ShippedFile[], drop: readonly string[] = [], more: Partial<VerifyRequest> = {}): Promise<Verification> {
  const { files } = await makeDelivery(folder, { project: 'app', version: '1.0', keys: [key], algorithms: ['sha256'], further });
  for (const name of drop) files.delete(name);
  const place = join(mkdtempSync(join(folder, 'case-')), 'delivery');
  mkdirSync(place);
  writeDelivery(place, files);
  return verifyDelivery({ path: place, keys, temporaryFolder: folder, ...more });
}
const withApp = async (spec: AppArchiveSpec, ...rest: readonly [(readonly string[])?, Partial<VerifyRequest>?]): Promise<Verification> =>
  verify(await makeAppArchive(folder, spec), ...rest);
const told = ({ findings }: Verification): readonly string[] => findings.map(({ path, message }) => `${path}: ${message}`);
const text = (members: Map<string, Member>, path: string): { text: string; mode?: number } => members.get(path) as { text: string };

it('an archive with an .app is what the manifests in it and beside it say, and the table says which there are', async () => {
  const result = await withApp({});
  expect([result.verdict, told(result)]).toEqual(['verified', []]);
  const rows = new Map(result.files.map((row) => [row.name, row]));
  expect(rows.get(APP_ARCHIVE)).toMatchObject({ status: 'ok', detail: `sha256, manifest of 3 files in \`${APP}\`, 8 entries of \`${BESIDE}\`` });
  expect(rows.get(BESIDE)).toMatchObject({ status: 'ok', what: 'delivery', detail: 'sha256' });
});

const PLANTED: readonly (readonly [what: string, change: (members: Map<string, Member>) => unknown, said: string])[] = [
  [
    'a flipped byte in the main program',
    (all) => all.set(PROGRAM, { text: 'program, with the sea1', mode: 0o755 }),
    `\`${PROGRAM}\` in it is not what`,
  ],
  ['a main program that cannot be started', (all) => all.set(PROGRAM, { ...text(all, PROGRAM), mode: 0o644 }), `\`${PROGRAM}\` in it is not what`],
  ['a main program that is gone', (all) => all.delete(PROGRAM), `\`${PROGRAM}\` is missing from it`],
  [
    'another seal',
    (all) => all.set(`${APP}/Contents/_CodeSignature/CodeResources`, { text: '<seal>' }),
    '_CodeSignature/CodeResources` in it is not what',
  ],
  ['a ticket that is gone', (all) => all.delete(`${APP}/Contents/CodeResources`), 'Contents/CodeResources` is missing from it'],
  ['a file beside the seal', (all) => all.set(`${APP}/Contents/_CodeSignature/x`, { text: 'x' }), '_CodeSignature/x` is in it, but not in'],
  ['a file that was added', (all) => all.set('app-1.0-macos-aarch64/evil', { text: 'x' }), '`app-1.0-macos-aarch64/evil` is in it, but not in'],
  ['a link that leads elsewhere', (all) => all.set(`${APP}/Contents/Resources/link`, { link: '../Info.plist' }), 'Resources/link` in it is not what'],
  ['a file in place of a link', (all) => all.set(`${APP}/Contents/Resources/link`, { text: 'data' }), 'Resources/link` in it is not what'],
];

it.each(PLANTED)('%s is not what the manifest beside the archive says', async (_, change, said) => {
  const result = await withApp({ change, withoutOwn: true });
  expect(result.verdict).toBe('failed');
  expect(told(result)).toEqual([expect.stringContaining(said)]);
  expect(told(result)[0]).toContain(`\`${BESIDE}\``);
  expect(result.files.find(({ name }) => name === APP_ARCHIVE)!.status).toBe('refused');
});

it('the manifest in the .app is listed beside the archive as it is', async () => {
  const own = `${APP}/${APP_MANIFEST_PATH}`;
  const result = await withApp({ change: (all) => all.set(own, { text: `${text(all, own).text}\n` }) });
  expect(told(result)).toEqual([`${APP_ARCHIVE}: \`${own}\` in it is not what \`${BESIDE}\` says`]);
});

it('without a release.json its name tells what it is', async () => {
  const change = (all: Map<string, Member>): unknown => all.delete(PROGRAM);
  const result = await withApp({ change }, ['release.json'], { ignoreMissing: true });
  expect(told(result)).toEqual([`${APP_ARCHIVE}: \`${PROGRAM}\` is missing from it, \`${BESIDE}\` says`]);
});

it('a folder of the archive counts beside it', async () => {
  const path = 'app-1.0-macos-aarch64/empty';
  const result = await withApp({ beside: (one) => ({ ...one, entries: [...one.entries, { path, type: 'directory', mode: '0755' }] }) });
  expect(told(result)).toEqual([`${APP_ARCHIVE}: \`${path}\` is missing from it, \`${BESIDE}\` says`]);
});

describe('the manifest in an .app', () => {
  const alone = (change?: AppArchiveSpec['change']): Promise<Verification> => withApp({ beside: () => undefined, ...(change && { change }) });

  it.each<[string, (members: Map<string, Member>) => unknown]>([
    ['nothing', () => undefined],
    ['the main program', (all) => all.set(PROGRAM, { text: 'another', mode: 0o755 })],
    ['the seal', (all) => all.set(`${APP}/Contents/_CodeSignature/CodeResources`, { text: 'another' })],
    ['the ticket', (all) => all.delete(`${APP}/Contents/CodeResources`)],
    ['a file beside the .app', (all) => all.set('app-1.0-macos-aarch64/LICENSE', { text: 'x' })],
  ])('holds when it comes alone and %s is another', async (_, change) => {
    const result = await alone(change);
    expect([result.verdict, told(result)]).toEqual(['verified', []]);
    expect(result.files.find(({ name }) => name === APP_ARCHIVE)!.detail).toBe(`sha256, manifest of 3 files in \`${APP}\``);
  });

  it.each<[string, (members: Map<string, Member>) => unknown, string]>([
    ['a changed file', (all) => all.set(`${APP}/Contents/Resources/data`, { text: 'Data' }), `\`${APP}/Contents/Resources/data\` in it is not what`],
    ['another mode', (all) => all.set(`${APP}/Contents/Resources/data`, { text: 'data', mode: 0o755 }), 'Resources/data` in it is not what'],
    ['a file less', (all) => all.delete(`${APP}/Contents/Info.plist`), 'Info.plist` is missing from it'],
    ['a file more', (all) => all.set(`${APP}/Contents/MacOS/evil`, { text: 'x' }), 'MacOS/evil` is in it, but not in'],
    ['another link', (all) => all.set(`${APP}/Contents/Resources/link`, { link: '../Info.plist' }), 'Resources/link` in it is not what'],
  ])('finds %s', async (_, change, said) => {
    const result = await alone(change);
    expect([result.verdict, told(result)]).toEqual(['failed', [expect.stringContaining(said)]]);
    expect(told(result)[0]).toContain(`the manifest of \`${APP}\``);
  });

  it('that cannot be read fails', async () => {
    const result = await alone((all) => all.set(`${APP}/${APP_MANIFEST_PATH}`, { text: '{}' }));
    expect(told(result)).toEqual([expect.stringContaining('RECORD_FIELD')]);
  });
});

describe('the manifest beside an archive is refused', () => {
  it.each<[string, NonNullable<AppArchiveSpec['beside']>, string]>([
    ['that names another archive', (one) => ({ ...one, archive: 'other.tar.gz' }), 'it is the manifest of another archive'],
    ['that names another digest', (one) => ({ ...one, sha256: 'a'.repeat(64) }), `it is the manifest of another \`${APP_ARCHIVE}\` than the one`],
    ['that names another size', (one) => ({ ...one, size: one.size + 1 }), `it is the manifest of another \`${APP_ARCHIVE}\` than the one`],
    ['that is no manifest', () => '{}\n', 'RECORD_FIELD'],
    ['that is in another form', (one) => JSON.stringify(one), 'it is not in its one canonical form'],
    ['that is too large', () => ' '.repeat(64 * 1024 * 1024 + 1), 'it is too large for a manifest'],
  ])('%s', async (_, beside, said) => {
    const result = await withApp({ beside });
    expect([result.verdict, told(result)]).toEqual(['failed', [expect.stringContaining(`${BESIDE}: `)]]);
    expect(told(result)[0]).toContain(said);
  });

  it('that is of no archive that was summed', async () => {
    const [, beside] = await makeAppArchive(folder);
    expect(told(await verify([beside!]))).toEqual([`${BESIDE}: it is the manifest of \`${APP_ARCHIVE}\`, which no sums file names`]);
  });
});

it('it is missed where it was summed; alone it holds, and so does the archive, where that is asked for', async () => {
  expect(told(await withApp({}, [BESIDE]))).toEqual([`${BESIDE}: the sums name it, and it is not here`]);
  for (const gone of [BESIDE, APP_ARCHIVE]) {
    const result = await withApp({}, [gone], { ignoreMissing: true });
    expect([gone, result.verdict, told(result)]).toEqual([gone, 'verified', []]);
  }
});

it('a file of that name that the release calls another thing is left alone', async () => {
  const [archive] = await makeAppArchive(folder);
  const sbom: ShippedFile = [BESIDE, 'sbom', Buffer.from('{}')];
  const page: ShippedFile = ['page.js.manifest.json', 'installer', Buffer.from('{}')];
  expect(told(await verify([archive!, sbom, page]))).toEqual([]);
});
