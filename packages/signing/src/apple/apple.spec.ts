import { chmodSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFEST_PATH, parseManifest } from '@waybill/artifacts';
import { buildMachO } from '@waybill/binary/testing';
import { extractArchive, hashBytes, listArchive } from '@waybill/core';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { parseRecordText, recordHash } from '@waybill/distributions';
import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { certificateDigest, codeDirectoryOf, readCodeFile, type CodeSlice } from '../macho/read-code-file';
import {
  archiveMacos,
  CODE,
  developerId,
  linkerSigned,
  MACOS_ARCHIVE,
  MACOS_TOP,
  signedCode,
  TEAM,
  unsignedBundle,
  type BundleFiles,
} from '../testing/macos-bundle';
import { placeProgram } from '../testing/place-program';
import {
  placeRcodesign,
  realRcodesign,
  RECORDED_ENTITLEMENTS,
  RECORDINGS,
  recordedKey,
  runApple,
  WITH_ENTITLEMENTS,
} from '../testing/rcodesign-under-test';
import { APP, CONTENTS, unsignedApp } from '../testing/unsigned-app';
import { removeRuns } from '../testing/run-sign';
import { useRecordedServers } from '../testing/timestamp-authority';

const folder = temporaryFolder();
const real = realRcodesign();
/** `WAYBILL_RECORD=1` makes the recordings that are missing, where rcodesign is installed. */
const recording = process.env['WAYBILL_RECORD'] === '1' ? real : undefined;
const { certificates, key } = recordedKey();
const FINGERPRINT = certificateDigest(Buffer.from(certificates.split('-----')[2]!.replace(/\s/g, ''), 'base64'));
const OPTIONS = { certificateEnv: 'CERT', keyEnv: 'KEY', fingerprint: FINGERPRINT };
const PAIR = { CERT: certificates, KEY: key };
const DEAD = 'http://127.0.0.1:9/';
const servers = useRecordedServers(real !== undefined);
afterEach(removeRuns);

const sign = (options: object, content: Uint8Array, request: object = {}, environment: Record<string, string> = PAIR): Promise<ExecutorRun> =>
  runApple({ timestampUrls: servers(), ...options }, environment, content, { bin: placeRcodesign(folder.path, recording), ...request });

async function unpack(run: ExecutorRun): Promise<string> {
  const destination = mkdtempSync(join(folder.path, 'signed-'));
  await extractArchive({ archive: join(run.folder, MACOS_ARCHIVE), destination });
  return join(destination, MACOS_TOP);
}

/** The signature of the only architecture of a file. */
function signatureOf(file: string): Extract<CodeSlice['signature'], { state: 'read' }>['verification'] {
  const code = readCodeFile(file, Date.now());
  const signature = code?.kind === 'macho' ? code.slices[0]!.signature : undefined;
  if (signature?.state !== 'read') throw new Error(`${file} is not signed`);
  return signature.verification;
}

describe('the backend apple', () => {
  it('signs every Mach-O file of an archive with one team, and all else is as it was', async () => {
    const files = unsignedBundle();
    const archive = await archiveMacos(files);
    const options = { ...OPTIONS, entitlements: RECORDED_ENTITLEMENTS };
    const first = await sign(options, archive, WITH_ENTITLEMENTS);
    expect(first.success ? '' : first.output).toBe('');
    expect(first.record).toMatchObject({
      stage: 'sign',
      artifacts: [
        { name: MACOS_ARCHIVE, kind: 'bundle-archive', platform: 'macos-aarch64', ships: true, madeFrom: [`sha256:${hashBytes(archive)}`] },
      ],
      facts: {
        signatures: [{ name: MACOS_ARCHIVE, backend: 'apple', fingerprint: FINGERPRINT, team: TEAM, files: 6, hardenedRuntime: true, replaced: [] }],
      },
    });
    const root = await unpack(first);
    for (const path of Object.keys(CODE)) {
      const verification = signatureOf(join(root, path));
      const { flagNames, identifier, teamId } = codeDirectoryOf(verification);
      expect({ path, problems: verification.problems, kind: verification.kind }).toEqual({ path, problems: [], kind: 'certificate' });
      expect({ path, runtime: flagNames.includes('runtime'), identifier, teamId }).toEqual({
        ...{ path, runtime: /(^|\/)bin\/|^app$/.test(path), identifier: path.split('/').at(-1), teamId: TEAM },
      });
      expect(verification.signer!.timestamp).toMatchObject({ kind: 'rfc3161', problems: [] });
      expect(verification.signature.entitlements?.includes('allow-jit') ?? false).toBe(path.startsWith('python/runtime/bin/'));
    }
    checkRest(root, files);
    await checkMetadata(root, archive, first);

    const again = await sign(options, archive, { again: first });
    expect(again.record).toEqual(first.record);
    expect(again.report!.report).toMatchObject({ files: [{ made: [], kept: expect.arrayContaining(Object.keys(CODE)) as string[] }] });
    await rm(first.folder, { recursive: true });
    expect((await sign(options, archive, { again: first })).report!.report).toMatchObject({ files: [{ kept: [] }] });
  });

  it('makes ad-hoc signatures only when it is told to, without the runtime, and they count as unsigned', async () => {
    const run = await sign({ adHoc: true, timestampUrls: undefined }, await archiveMacos(unsignedBundle()), {}, {});
    expect({ success: run.success, output: run.output }).toMatchObject({ success: true, output: expect.stringContaining('UNSIGNED') });
    expect(run.record!.facts).toMatchObject({
      allowUnsigned: expect.stringContaining('ad-hoc'),
      signatures: [{ adHoc: true, hardenedRuntime: false }],
    });
    const verification = signatureOf(join(await unpack(run), 'app'));
    expect([verification.kind, codeDirectoryOf(verification).flagNames]).toEqual(['ad-hoc', ['adhoc']]);
  });

  it('signs anew what others have signed, and lets programs load foreign libraries only for a reason', async () => {
    const files = unsignedBundle({ 'python/runtime/noext': foreignCode() });
    const options = { ...OPTIONS, libraryValidation: false, libraryValidationReason: 'loads plugins of users' };
    const run = await sign(options, await archiveMacos(files));
    expect(run.success ? '' : run.output).toBe('');
    expect(run.record!.facts).toMatchObject({
      signatures: [
        { libraryValidationOff: 'loads plugins of users', replaced: [{ path: 'python/runtime/noext', signer: expect.stringContaining('Other') }] },
      ],
    });
    const root = await unpack(run);
    expect(signatureOf(join(root, 'app')).signature.entitlements).toContain('disable-library-validation');
    expect(codeDirectoryOf(signatureOf(join(root, 'python/runtime/noext'))).teamId).toBe(TEAM);
  });
});

/** A file that somebody else has signed; the same bytes in each run, so that there is a recording of what becomes of it. */
function foreignCode(): Uint8Array {
  const file = join(RECORDINGS, 'foreign.bin');
  const other = { commonName: 'Developer ID Application: Other', organizationalUnit: 'OTHER12345' };
  if (recording !== undefined) writeFileSync(file, signedCode(developerId(other), CODE['python/runtime/noext']));
  return readFileSync(file);
}

function checkRest(root: string, files: BundleFiles): void {
  const plain = Object.keys(files).filter((path) => CODE[path] === undefined && !/RECORD$|manifest\.json$/.test(path));
  for (const path of plain) expect(readFileSync(join(root, path)).equals(files[path]!)).toBe(true);
}

/** What the bundle says of its files is true of every file in it; order and modes of the archive are as they were. */
async function checkMetadata(root: string, archive: Uint8Array, run: ExecutorRun): Promise<void> {
  const there = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(root, path)).isFile());
  const manifest = parseManifest(readFileSync(join(root, MANIFEST_PATH), 'utf8'));
  expect(manifest.entries.map(({ path }) => path).sort()).toEqual(there.filter((path) => path !== MANIFEST_PATH).sort());
  for (const entry of manifest.entries) {
    const bytes = readFileSync(join(root, entry.path));
    expect(entry).toMatchObject({ size: bytes.length, sha256: hashBytes(bytes) });
  }
  const record = parseRecordText(readFileSync(join(root, 'python/vendor/fast-1.0.dist-info/RECORD'), 'utf8'));
  for (const line of record.filter(({ hash }) => hash !== undefined)) {
    const bytes = readFileSync(join(root, 'python/vendor', line.path));
    expect(line).toEqual({ path: line.path, hash: recordHash(hashBytes(bytes)), size: bytes.length });
  }
  writeFileSync(join(folder.path, 'before'), archive);
  const listed = async (file: string): Promise<string[]> => (await listArchive(file)).map(({ path, mode }) => `${path} ${mode.toString(8)}`);
  expect(await listed(join(run.folder, MACOS_ARCHIVE))).toEqual(await listed(join(folder.path, 'before')));
}

describe('refuses, and leaves nothing', () => {
  const broken = (): Uint8Array => buildMachO({ fileType: 2 }).bytes.subarray(0, 60);
  it.each<[string, object, BundleFiles | undefined, string, string]>([
    ['damaged code, all of it at once', OPTIONS, unsignedBundle({ 'a/x.so': broken(), 'b/y.so': broken() }), 'SIGN_CODE_BROKEN', 'b/y.so'],
    ['a bundle without code', OPTIONS, { 'readme.txt': Buffer.from('x') }, 'SIGN_NO_CODE', MACOS_ARCHIVE],
    ['an .app that does not say what its program is', OPTIONS, { 'A.app/Contents/Info.plist': Buffer.from('x') }, 'SIGN_APP', 'is no property list'],
    ['Python where only code may lie', OPTIONS, unsignedApp({ [`${CONTENTS}/MacOS/lib/os.py`]: Buffer.from('x') }), 'SIGN_APP', 'os.py` is no code'],
    ['a file beside `Contents`', OPTIONS, unsignedApp({ [`${APP}/README`]: Buffer.from('x') }), 'SIGN_APP', `${APP}/README\`: it lies beside`],
    [
      'a folder that looks like a bundle',
      OPTIONS,
      unsignedApp({ [`${CONTENTS}/Frameworks/python3.12/x.so`]: linkerSigned(CODE['app']!) }),
      'SIGN_APP',
      'with a dot in its name',
    ],
    ['a server of timestamps that is dead', { ...OPTIONS, timestampUrls: [DEAD] }, undefined, 'SIGN_TIMESTAMP', DEAD],
    ['another signer than expected', { ...OPTIONS, fingerprint: 'ab'.repeat(32) }, undefined, 'SIGN_FINGERPRINT', FINGERPRINT],
    ['no key', { certificateEnv: 'NONE' }, undefined, 'SIGN_KEY_MISSING', 'NONE'],
    ['no key under the usual name', {}, undefined, 'SIGN_KEY_MISSING', 'MACOS_CERT_P12'],
    [
      'entitlements that are none',
      { ...OPTIONS, entitlements: [{ glob: '*', file: 'app.entitlements' }] },
      undefined,
      'SIGN_ENTITLEMENTS',
      'no dictionary',
    ],
    ['ad-hoc with a key', { ...OPTIONS, adHoc: true }, undefined, 'OPTION_INVALID', 'adHoc'],
    ['foreign libraries without a reason', { ...OPTIONS, libraryValidation: false }, undefined, 'OPTION_INVALID', 'libraryValidationReason'],
    ['what other backends take', { ...OPTIONS, replace: [{ glob: '*', reason: 'x' }] }, undefined, 'OPTION_INVALID', 'authenticode'],
  ])('%s', async (_, options, files, code, said) => {
    const request = { files: { 'app.entitlements': 'none' }, furtherInputs: ['{workspaceRoot}/app.entitlements'] };
    const run = await sign(options, await archiveMacos(files ?? unsignedBundle()), request);
    expect({ success: run.success, output: run.output }).toMatchObject({ success: false, output: expect.stringContaining(code) });
    expect(run.output).toContain(said);
    expect(run.files).toEqual(['report.json']);
  });

  /** A program that answers as rcodesign does, and does something else. */
  const lying = (work: string): string =>
    placeProgram(
      folder.path,
      'rcodesign',
      `#!/bin/sh\n[ "$1" = --version ] && { echo apple-codesign 0.29.0; exit; }\nfor last; do :; done\n${work}\n`,
    );
  const adHoc = (): string => join(folder.path, 'adhoc.macho');

  it.each([
    ['the tool that signs ad-hoc in silence', 'cp "$ADHOC" "$last"', 'SIGN_KEY_FORMAT', 'ad-hoc'],
    ['the tool that does nothing', 'cp "$INPUT" "$last"', 'SIGN_VERIFY', 'not signed'],
    ['a wrong password', 'echo "Error: incorrect password given when decrypting PFX data" >&2; exit 1', 'SIGN_PASSWORD_WRONG', 'PW'],
    ['a PKCS#12 file of OpenSSL 3', 'echo "thread \'main\' panicked at /x/p12-0.6.3/src/lib.rs:381:9:" >&2; exit 101', 'SIGN_KEY_FORMAT', '-legacy'],
    ['a crash', 'kill -ABRT $$', 'PROCESS_FAILED', 'rcodesign'],
  ])('%s', async (_, work, code, said) => {
    writeFileSync(adHoc(), signedCode(developerId(), { fileType: 6 }, { cms: () => new Uint8Array(0), flags: 2 }));
    writeFileSync(join(folder.path, 'plain.macho'), buildMachO().bytes);
    const text = work.replace('$ADHOC', adHoc()).replace('$INPUT', join(folder.path, 'plain.macho'));
    const p12 = Buffer.concat([Buffer.from('3082010002010330', 'hex'), Buffer.alloc(200)]).toString('base64');
    const variables = code === 'SIGN_VERIFY' ? PAIR : { CERT: p12, PW: 'secret-of-p12' };
    const options = code === 'SIGN_VERIFY' ? OPTIONS : { certificateEnv: 'CERT', passwordEnv: 'PW' };
    const run = await runApple({ timestampUrls: servers(), ...options }, variables as Record<string, string>, await archiveMacos(unsignedBundle()), {
      bin: lying(text),
    });
    expect({ success: run.success, output: run.output }).toMatchObject({ success: false, output: expect.stringContaining(code) });
    expect(run.output).toContain(said);
    expect(run.output).not.toContain('secret-of-p12');
  });

  it('a tool that is missing', async () => {
    const bin = mkdtempSync(join(folder.path, 'none-'));
    chmodSync(bin, 0o755);
    const run = await runApple({ ...OPTIONS, rcodesign: join(bin, 'rcodesign') }, PAIR, await archiveMacos(unsignedBundle()), { bin });
    expect(run.output).toMatch(/TOOL_MISSING[^]*cargo install --locked apple-codesign/);
  });
});

skipUnless(real !== undefined, 'rcodesign is not installed')('rcodesign itself signs what its recordings say', async () => {
  const archive = await archiveMacos(unsignedBundle());
  const run = await runApple({ ...OPTIONS, timestampUrls: servers() }, PAIR, archive, { bin: join(real!, '..') });
  expect(run.success ? '' : run.output).toBe('');
  const root = await unpack(run);
  for (const path of Object.keys(CODE)) expect(signatureOf(join(root, path))).toMatchObject({ kind: 'certificate', problems: [] });
});
