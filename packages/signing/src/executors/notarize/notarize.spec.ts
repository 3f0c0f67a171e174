import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { APP_MANIFEST_PATH, archiveManifestName, compareEntries, MANIFEST_PATH, parseArchiveManifest, parseManifest } from '@waybill/artifacts';
import { buildMachO } from '@waybill/binary/testing';
import { extractArchive, hashBytes, listArchive, writeArchive } from '@waybill/core';
import { temporaryFolder } from '@waybill/core/testing';
import { readFolderEntries } from '@waybill/plugin-kit';
import { runExecutor, type ExecutorRequest, type ExecutorRun } from '@waybill/plugin-kit/testing';
import {
  appBundle,
  archiveMacos,
  developerId,
  MACOS_ARCHIVE,
  MACOS_TOP,
  modeOf,
  signedBundle,
  signedCode,
  TEAM,
  unsignedBundle,
  type BundleFiles,
} from '../../testing/macos-bundle';
import { ISSUER, KEY_ID, startNotary, testApiKey, testClock, type NotaryStandIn, type TestClock } from '../../testing/notary-under-test';
import { problemsOfBundles } from '../../testing/problems-of-bundles';
import { placeRcodesign, RECORDED_ENTITLEMENTS, recordedKey, runApple, WITH_ENTITLEMENTS } from '../../testing/rcodesign-under-test';
import { APP, APP_LINKS, appWithManifest } from '../../testing/unsigned-app';
import { notarizeStage } from './notarize';

const key = testApiKey();
const people = developerId();
const VARIABLES = { API_KEY: key.pem, API_KEY_ID: KEY_ID, API_ISSUER: ISSUER };
const NAMED = { keyEnv: 'API_KEY', keyIdEnv: 'API_KEY_ID', issuerEnv: 'API_ISSUER' };
const folder = temporaryFolder();
const BESIDE = archiveManifestName(MACOS_ARCHIVE);
const runs: ExecutorRun[] = [];
let clock: TestClock;
let notary: NotaryStandIn;
beforeEach(async () => {
  clock = testClock();
  notary = await startNotary(key, { nowMs: clock.nowMs });
});
afterEach(async () => {
  await notary.stop();
  for (const run of runs.splice(0)) await run.remove();
});

type Content = NonNullable<NonNullable<ExecutorRequest['upstream']>[number]['artifacts']>[number];
const archive = (content: Uint8Array, name = MACOS_ARCHIVE): Content => ({ name, kind: 'bundle-archive', content, platform: 'macos-aarch64' });

const ENDPOINTS = (): Record<string, string> => ({ notary: notary.notaryUrl, bucket: notary.bucketUrl, tickets: notary.ticketUrl });

/** Behind a target that signed. */
async function run(artifacts: readonly Content[], options: object = {}, request: ExecutorRequest = {}): Promise<ExecutorRun> {
  const done = await runExecutor(notarizeStage(clock), {
    target: 'notarize-macos',
    upstream: [{ target: 'sign-macos', stage: 'sign', artifacts }],
    options: { ...NAMED, endpoints: ENDPOINTS(), ...options },
    environment: VARIABLES,
    ...request,
  });
  if (!request.again) runs.push(done);
  return done;
}

async function unpackedApp(done: ExecutorRun): Promise<string> {
  const destination = mkdtempSync(join(folder.path, 'app-'));
  await extractArchive({ archive: join(done.folder, MACOS_ARCHIVE), destination });
  return join(destination, MACOS_TOP, APP);
}

const tar = (files: BundleFiles): Promise<Buffer> => archiveMacos(files);

it('sends a zip of what ships, waits, keeps the log, and records that the ticket is online only', async () => {
  const files = signedBundle(people);
  const done = await run([archive(await tar(files))]);
  expect({ success: done.success, output: done.output }).toMatchObject({ success: true });
  expect(done.record).toMatchObject({
    stage: 'notarize',
    artifacts: [],
    facts: { notarized: [{ name: MACOS_ARCHIVE, status: 'Accepted', ticket: 'online', submitted: `sha256:${notary.judged[0]!}` }] },
  });
  expect(done.output).toContain('the first start needs the network');
  expect(done.files).toEqual([`${MACOS_ARCHIVE}.notary-log.json`, 'artifacts.json', 'report.json', 'submissions.json']);
  const [sent] = [...notary.s3.objects.values()];
  expect(sent!.bytes.subarray(0, 2).toString()).toBe('PK');
  const again = await run([], {}, { again: done });
  expect(again.record).toEqual(done.record);
  expect(notary.judged).toHaveLength(1);
});

it('what rcodesign has signed is found to be in order, sent, and kept to its team', async () => {
  const { certificates: CERT, key: KEY } = recordedKey();
  const options = { certificateEnv: 'CERT', keyEnv: 'KEY', timestampUrls: ['http://127.0.0.1:1/recorded'], entitlements: RECORDED_ENTITLEMENTS };
  const signed = await runApple(options, { CERT, KEY }, await tar(unsignedBundle()), { bin: placeRcodesign(folder.path), ...WITH_ENTITLEMENTS });
  expect(signed.success ? '' : signed.output).toBe('');
  const done = await run([archive(readFileSync(join(signed.folder, MACOS_ARCHIVE)))]);
  await signed.remove();
  expect(done.success ? '' : done.output).toBe('');
  expect(done.record!.facts).toMatchObject({ notarized: [{ status: 'Accepted', ticket: 'online' }] });
});

it('takes what an earlier run has sent although only its stage folder is there', async () => {
  notary.inProgress = 1_000;
  const content = await tar(signedBundle(people));
  const first = await run([archive(content)]);
  expect(first).toMatchObject({ success: false, files: ['report.json', 'submissions.json'] });
  expect(first.report).toMatchObject({ outcome: 'pending' });
  expect(first.output).toContain('run it again');
  notary.inProgress = 0;
  const stored = join(folder.path, 'stored');
  await cp(first.folder, stored, { recursive: true });
  const fresh = await run([archive(content)], { wait: false });
  rmSync(join(fresh.workspaceRoot, '.waybill'), { recursive: true, force: true });
  await cp(stored, fresh.folder, { recursive: true });
  const second = await run([], {}, { again: fresh });
  expect({ success: second.success, output: second.output }).toMatchObject({ success: true });
  expect(notary.s3.stored).toHaveLength(1);
});

describe('an .app', () => {
  it('in an archive gets its ticket, and nothing else of it changes', async () => {
    const app = appBundle(people);
    const content = await tar({ ...app, 'README.txt': Buffer.from('read me\n') });
    const done = await run([archive(content)]);
    expect({ success: done.success, output: done.output }).toMatchObject({ success: true });
    expect(done.record).toMatchObject({
      artifacts: [
        { name: MACOS_ARCHIVE, ships: true },
        { name: BESIDE, kind: 'delivery', ships: true, madeFrom: [`sha256:${done.record!.artifacts[0]!.sha256}`] },
      ],
      facts: { notarized: [{ ticket: 'stapled' }] },
    });
    const beside = parseArchiveManifest(readFileSync(join(done.folder, BESIDE), 'utf8'));
    expect([beside.archive, beside.sha256]).toEqual([MACOS_ARCHIVE, done.record!.artifacts[0]!.sha256]);
    expect(beside.entries).toContainEqual(expect.objectContaining({ path: `${MACOS_TOP}/App.app/Contents/CodeResources`, type: 'file' }));
    const root = mkdtempSync(join(folder.path, 'out-'));
    await extractArchive({ archive: join(done.folder, MACOS_ARCHIVE), destination: root });
    expect(readFileSync(join(root, MACOS_TOP, 'App.app/Contents/CodeResources'), 'utf8')).toMatch(/^s8ch stand-in ticket for [0-9a-f]{40}$/);
    for (const [path, bytes] of Object.entries(app)) expect(readFileSync(join(root, MACOS_TOP, path)).equals(bytes)).toBe(true);
    const modes = (await listArchive(join(done.folder, MACOS_ARCHIVE))).map(({ path, mode }) => [path.slice(MACOS_TOP.length + 1), mode]);
    const expected = [...[...Object.keys(app), 'README.txt'].sort(), 'App.app/Contents/CodeResources'];
    expect(modes).toEqual(expected.map((path) => [path, modeOf(path)]));
  });

  it('with a manifest of its own keeps it as it was sealed: the ticket is left out of it', async () => {
    const { certificates: CERT, key: KEY } = recordedKey();
    const options = { certificateEnv: 'CERT', keyEnv: 'KEY', timestampUrls: ['http://127.0.0.1:1/recorded'] };
    const content = await archiveMacos(appWithManifest(), 'tar.gz', APP_LINKS);
    const signed = await runApple(options, { CERT, KEY }, content, { bin: placeRcodesign(folder.path) });
    expect(signed.success ? '' : signed.output).toBe('');
    const sealed = await unpackedApp(signed);
    const done = await run([archive(readFileSync(join(signed.folder, MACOS_ARCHIVE)))]);
    await signed.remove();
    expect(done.success ? '' : done.output).toBe('');
    expect(done.record!.facts).toMatchObject({ notarized: [{ ticket: 'stapled' }] });
    const stapled = await unpackedApp(done);
    const text = readFileSync(join(stapled, APP_MANIFEST_PATH), 'utf8');
    expect(text).toBe(readFileSync(join(sealed, APP_MANIFEST_PATH), 'utf8'));
    const unlisted = compareEntries(parseManifest(text).entries, await readFolderEntries(stapled));
    const left = ['Contents/CodeResources', 'Contents/MacOS/App', APP_MANIFEST_PATH, 'Contents/_CodeSignature/CodeResources'];
    expect(unlisted.map(({ path, expected }) => [path, expected])).toEqual(left.sort().map((path) => [path, undefined]));
    expect(await problemsOfBundles(stapled)).toEqual([]);
  });

  it('in an archive is planned with the manifest beside it, when it is to get a ticket', async () => {
    const content = await tar(appBundle(people));
    const planned = async (options: object): Promise<readonly string[]> => {
      const dry = await run([archive(content)], options, { dryRun: true });
      return dry.planned!.artifacts.map(({ name }) => name);
    };
    expect(await planned({})).toEqual([MACOS_ARCHIVE, BESIDE]);
    expect(await planned({ staple: false })).toEqual([MACOS_ARCHIVE]);
    expect(await planned({ skip: 'internal build' })).toEqual([MACOS_ARCHIVE]);
    // without a ticket what signing wrote stays true
    const done = await run([archive(content)], { staple: false });
    expect(done).toMatchObject({ success: true, record: { artifacts: [] } });
  });

  it('that is a folder too; with `staple: false` it stays as it is', async () => {
    const app: Content = { name: 'App.app', kind: 'app', content: withModes(appBundle(people)), platform: 'macos-aarch64' };
    const done = await run([app]);
    expect({ success: done.success, output: done.output }).toMatchObject({ success: true, output: expect.stringContaining('ticket inside') });
    expect(readFileSync(join(done.folder, 'App.app/Contents/CodeResources'), 'utf8')).toMatch(/^s8ch/);
    const plain = await run([], { staple: false }, { again: done });
    expect(plain.record).toMatchObject({ artifacts: [], facts: { notarized: [{ ticket: 'online' }] } });
  });

  it.each(['archive', 'folder'])('beside a manifest stands in it with its ticket (%s)', async (what) => {
    const files = signedBundle(people, appBundle(people));
    const content = Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, { content: bytes, mode: modeOf(path) }]));
    const unpacked: Content = { name: MACOS_TOP, kind: 'bundle-folder', content, platform: 'macos-aarch64' };
    const done = await run([what === 'archive' ? archive(await tar(files)) : unpacked], { artifacts: [`bundle-${what}`] });
    expect({ success: done.success, output: done.output }).toMatchObject({ success: true, output: expect.stringContaining('ticket inside') });
    const root = what === 'archive' ? mkdtempSync(join(folder.path, 'out-')) : done.folder;
    if (what === 'archive') await extractArchive({ archive: join(done.folder, MACOS_ARCHIVE), destination: root });
    const { entries } = parseManifest(readFileSync(join(root, MACOS_TOP, MANIFEST_PATH), 'utf8'), { path: MANIFEST_PATH });
    const listed = entries.map((entry) => [entry.path, 'sha256' in entry && entry.sha256]);
    const paths = [...Object.keys(files).filter((path) => path !== MANIFEST_PATH), 'App.app/Contents/CodeResources'].sort();
    expect(listed.sort()).toEqual(paths.map((path) => [path, hashBytes(readFileSync(join(root, MACOS_TOP, path)))]));
  });

  it('whose Info.plist was changed behind the seal is not sent', async () => {
    const app = appBundle(people);
    const path = 'App.app/Contents/Info.plist';
    const done = await run([archive(await tar({ ...app, [path]: Buffer.from(String(app[path]).replace('org.example.app', 'org.example.other')) }))]);
    expect(done.report!.findings).toEqual([expect.objectContaining({ check: 'signature', path: `${MACOS_TOP}/App.app/Contents/MacOS/App` })]);
  });

  it.each([
    ['a resource that was added', { 'App.app/Contents/Resources/late.pyc': Buffer.from('x') }, 'Resources/late.pyc', 'it was added later'],
    [
      'a resource that was changed',
      { 'App.app/Contents/Resources/python/lib/libpython3.12.dylib': signedCode(people, { fileType: 8 }) },
      'libpython3.12.dylib',
      'its sha256 is',
    ],
    ['no seal at all', { 'App.app/Contents/_CodeSignature/CodeResources': undefined }, 'App.app', 'it has no seal'],
  ])('with %s is not sent', async (_, more, path, said) => {
    const files = Object.entries({ ...appBundle(people), ...more }).filter((entry): entry is [string, Buffer] => entry[1] !== undefined);
    const done = await run([archive(await tar(Object.fromEntries(files)))]);
    const [finding] = done.report!.findings.filter(({ check }) => check === 'seal');
    expect([finding!.path!.endsWith(path), finding!.message]).toEqual([true, expect.stringContaining(said)]);
    expect(notary.s3.stored).toEqual([]);
  });

  it('of which nobody can say what its program is, is not sent, because it would get no ticket', async () => {
    const path = 'App.app/Contents/Info.plist';
    const done = await run([archive(await tar({ ...appBundle(people), [path]: Buffer.from('bplist00\x00') }))]);
    expect(done.report!.findings).toEqual([expect.objectContaining({ check: 'info-plist', level: 'error', path: `${MACOS_TOP}/${path}` })]);
    expect(notary.s3.stored).toEqual([]);
  });

  it('with a binary Info.plist, as Xcode writes it, gets its ticket too', async () => {
    const done = await run([archive(await tar(appBundle(people, 'App.app', BINARY_INFO)))]);
    expect({ success: done.success, output: done.output }).toMatchObject({ success: true });
    expect(done.record!.facts).toMatchObject({ notarized: [{ ticket: 'stapled' }] });
  });
});

/** `{CFBundleExecutable: App, CFBundleIdentifier: org.example.app}` as Python writes it. */
const BINARY_INFO = Buffer.from(
  'YnBsaXN0MDDSAQIDBF8QEkNGQnVuZGxlRXhlY3V0YWJsZV8QEkNGQnVuZGxlSWRlbnRpZmllclNBcHBfEA9vcmcuZXhhbXBsZS5hcHAIDSI3OwAAAAAAAAEBAAAAAAAAAAUAAAAAAAAAAAAAAAAAAABN',
  'base64',
);

/** As the content of a folder that is the `.app` itself. */
const withModes = (files: BundleFiles): Content['content'] =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [path.slice('App.app/'.length), { content, mode: modeOf(path) }]));

it('a ticket that is not given out yet is waited for, and the target pending', async () => {
  notary.ticketDelay = 12;
  const content = await tar(signedBundle(people));
  const first = await run([archive(content)]);
  expect(first).toMatchObject({ success: false, report: { outcome: 'pending' } });
  expect(first.output).toContain('the server of tickets said: NOT_FOUND: Record not found');
  const broken = await run([], { endpoints: { ...ENDPOINTS(), tickets: `${notary.notaryUrl}/nowhere` } }, { again: first });
  expect(broken.output).toMatch(/the server of tickets said: HTTP 401 \{"errors"/);
  expect((await run([], {}, { again: first })).success).toBe(true);
  expect(notary.judged).toHaveLength(1);
});

it('tells each issue of Apple’s log with its path', async () => {
  const issue = {
    severity: 'error',
    path: `${MACOS_ARCHIVE}/bin/app`,
    message: 'The executable does not have the hardened runtime enabled.',
    docUrl: 'https://developer.apple.com/x',
    architecture: 'arm64',
  };
  notary.judge = () => ({ status: 'Invalid', issues: [issue, { ...issue, severity: 'warning', message: 'old' }] });
  const done = await run([archive(await tar(signedBundle(people)))]);
  expect(done).toMatchObject({ success: false, files: [`${MACOS_ARCHIVE}.notary-log.json`, 'report.json', 'submissions.json'] });
  expect(done.report!.findings).toEqual([
    { check: 'apple', level: 'error', path: issue.path, message: `${issue.message} (arm64)`, fix: `see ${issue.docUrl}` },
    expect.objectContaining({ level: 'warning', message: 'old (arm64)' }),
  ]);
  expect(done.output).toContain(`error apple ${issue.path}: ${issue.message}`);
  notary.judge = () => ({ status: 'Rejected' });
});

describe('the look before anything is sent', () => {
  const other = developerId({ commonName: 'Apple Development: Ada', criticalExtension: '1.2.840.113635.100.6.1.2' });
  const debugged = '<plist><dict><key>com.apple.security.get&#x2d;task-allow</key><!-- so --><true></true></dict></plist>';
  const flipped = (): Uint8Array => {
    const bytes = signedCode(people);
    bytes[1_500]! ^= 1;
    return bytes;
  };
  const FAULTS: readonly (readonly [name: string, check: string, () => Uint8Array])[] = [
    ['unsigned', 'signature', () => buildMachO({ fileType: 2 }).bytes],
    ['changed', 'signature', flipped],
    ['ad-hoc', 'signature', () => signedCode(people, {}, { cms: () => new Uint8Array(0), flags: 0x2 })],
    ['cut off', 'code', () => signedCode(people).subarray(0, 300)],
    ['other-certificate', 'developer-id', () => signedCode(other)],
    ['no-runtime', 'hardened-runtime', () => signedCode(people, {}, { flags: 0 })],
    ['no-timestamp', 'secure-timestamp', () => signedCode(people, {}, { stampedAt: null })],
    ['debugging', 'debugging', () => signedCode(people, {}, { entitlements: debugged })],
    ['object', 'stray-object', () => buildMachO({ fileType: 1 }).bytes],
    ['library', 'stray-object', () => Buffer.from('!<arch>\nmain.o/')],
    ['old', 'sdk', () => signedCode(people, { targets: [[1, 0xa0600, 0xa0600]] })],
  ];

  it('finds everything that Apple would refuse at once, in zips too, and sends nothing', async () => {
    const zip = join(folder.path, 'inner.zip');
    const member = (path: string, bytes: Uint8Array): object => ({ kind: 'file', path, mode: 0o644, size: bytes.length, open: () => [bytes] });
    const write = (entries: object[]): Promise<unknown> =>
      writeArchive({ format: 'zip', entries: entries as never, output: zip, mtimeSeconds: 1_580_601_600 });
    await write([member('a/_x.so', buildMachO().bytes)]);
    await write([member('fine.txt', Buffer.from('x')), member('deep.whl', readFileSync(zip)), member('_y.so', signedCode(people, { fileType: 6 }))]);
    const more = Object.fromEntries(FAULTS.map(([name, , make]) => [`faults/${name}`, make()]));
    const done = await run([archive(await tar(signedBundle(people, { ...more, 'lib/python.zip': readFileSync(zip) })))]);
    expect(done).toMatchObject({ success: false, report: { outcome: 'failure' } });
    const found = done.report!.findings.map(({ check, path }) => `${path!.slice(MACOS_TOP.length + 1)} ${check}`);
    expect(found.sort()).toEqual([...FAULTS.map(([name, check]) => `faults/${name} ${check}`), 'lib/python.zip/deep.whl/a/_x.so signature'].sort());
    expect(done.report!.findings.every(({ fix }) => fix !== undefined)).toBe(true);
    expect([done.files, notary.requests]).toEqual([['report.json'], []]);
  });

  it('a zip that is damaged is told, and the rest is sent', async () => {
    const more = { 'lib/broken.zip': Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(40, 7)]) };
    const done = await run([archive(await tar(signedBundle(people, more)))]);
    expect({ success: done.success, output: done.output }).toMatchObject({ success: true });
    expect(done.report!.findings).toEqual([expect.objectContaining({ check: 'zip', level: 'warning', path: `${MACOS_TOP}/lib/broken.zip` })]);
    expect(notary.judged).toHaveLength(1);
  });

  it('wants a chain up to Apple’s root when Apple is asked', async () => {
    const done = await run([archive(await tar(signedBundle(people)))], { endpoints: {} });
    expect(done.report!.findings.map(({ check, actual }) => `${check} ${actual!}`)).toContain('developer-id CN=Test Root');
    expect(done.output).toContain('nothing was sent');
  });
});

it('code is of the team that the option names', async () => {
  const content = await tar({ 'bin/app': signedCode(people) });
  const done = await run([archive(content)], { team: 'OTHER12345' });
  expect(done.report!.findings).toEqual([expect.objectContaining({ check: 'team', expected: 'OTHER12345', actual: TEAM })]);
  expect(notary.requests).toEqual([]);
  expect((await run([archive(content)], { team: TEAM })).success).toBe(true);
});

describe('without a key', () => {
  it.each([
    ['none is named, and the usual one is not set', { keyEnv: undefined }, VARIABLES, 'the variable APPLE_API_KEY (`keyEnv`) is not set'],
    ['one is not set', {}, { ...VARIABLES, API_ISSUER: ' ' }, 'the variable API_ISSUER (`issuerEnv`) is not set'],
    [
      'there is an Apple ID',
      NAMED,
      { APPLE_ID: 'ada@example.org', APPLE_APP_SPECIFIC_PASSWORD: 'abcd-efgh' },
      'APPLE_ID, APPLE_APP_SPECIFIC_PASSWORD: notarytool takes the password',
    ],
  ])('it is refused: %s (`NOTARIZE_CREDENTIAL`)', async (_, options, environment, said) => {
    const done = await run([archive(Buffer.from('x'))], options, { environment: environment as Record<string, string> });
    expect(done).toMatchObject({ success: false, output: expect.stringContaining('NOTARIZE_CREDENTIAL') });
    expect(done.output).toContain(said);
  });

  it('a reason skips it, and the record carries it', async () => {
    const done = await run([archive(await tar(unsignedBundle()))], { skip: 'internal build' }, { environment: {} });
    expect(done).toMatchObject({ success: true, report: { outcome: 'skipped', reason: 'not notarized: internal build' } });
    expect(done.record).toMatchObject({ artifacts: [], facts: { notarized: [], notNotarized: 'internal build' } });
    expect(done.output).toContain('NOT NOTARIZED (internal build)');
    expect(notary.requests).toEqual([]);
  });
});

it('takes the API key from the file whose path the variable holds, and says when no such file is there', async () => {
  const files = { 'keys/AuthKey.p8': key.pem };
  const done = await run([archive(await tar(signedBundle(people)))], {}, { environment: { ...VARIABLES, API_KEY: 'keys/AuthKey.p8' }, files });
  expect(done.success ? '' : done.output).toBe('');
  const missing = await run([archive(Buffer.from('x'))], {}, { environment: { ...VARIABLES, API_KEY: 'keys/AuthKey.p8' } });
  expect(missing.output).toMatch(/NOTARIZE_KEY_FORMAT.* API_KEY .*no such file is there/);
});

it('a dry run says what would be done and asks nobody', async () => {
  const done = await run([archive(await tar(signedBundle(people)))], {}, { dryRun: true });
  expect(done).toMatchObject({ success: true, files: [] });
  expect(done.output).toContain(`have \`${MACOS_ARCHIVE}\` of \`sign-macos\` notarized`);
  expect(notary.requests).toEqual([]);
});

it.each([
  ['a backend that is not built', { backend: 'altool' }, 'OPTION_INVALID', 'notarytool'],
  ['an empty reason', { skip: ' ' }, 'OPTION_INVALID', 'skip'],
  ['a key in place of its name', { keyEnv: '-----BEGIN' }, 'OPTION_INVALID', 'keyEnv'],
  ['one variable for two', { keyIdEnv: 'API_KEY' }, 'OPTION_INVALID', 'keyEnv'],
  ['a key that others would see', { passEnv: ['API_KEY'] }, 'SIGN_SECRET_PASSED', 'API_KEY'],
  ['nothing for macOS', { artifacts: ['*.dmg'] }, 'NOTARIZE_NOTHING', MACOS_ARCHIVE],
])('refuses %s', async (_, options, code, said) => {
  const done = await run([archive(Buffer.from('x'))], options);
  expect(done).toMatchObject({ success: false, output: expect.stringContaining(code) });
  expect(done.output).toContain(said);
});

it('no secret is left anywhere: lines, record, report, journal, log', async () => {
  const done = await run([archive(await tar(signedBundle(people)))], {}, { environment: { ...VARIABLES, NX_VERBOSE_LOGGING: 'true' } });
  const files = readdirSync(done.workspaceRoot, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = [Buffer.from(done.output), ...files.map((entry) => readFileSync(join(entry.parentPath, entry.name)))];
  const secrets = [...Object.values(notary.s3Keys), ...key.pem.split('\n').filter((line) => line.length > 20 && !line.startsWith('-'))];
  for (const secret of secrets)
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -1)])
      expect(texts.filter((text) => text.includes(form))).toEqual([]);
});
