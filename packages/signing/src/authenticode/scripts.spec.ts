import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { codeCertificate } from '../testing/code-certificates';
import { runAuthenticode, unpackSigned } from '../testing/run-authenticode';
import { removeRuns } from '../testing/run-sign';
import { useTimestampAuthority } from '../testing/timestamp-authority';
import { toolWorks } from '../testing/test-keys';
import { verifyByOsslsigncode } from '../testing/verify-by-osslsigncode';
import { archiveBundle, bundleFiles } from '../testing/windows-bundle';
import { problemOfSignature } from './read-pe-file';
import { readSignable } from './read-script';

const works = toolWorks('osslsigncode', ['--version']) && toolWorks('openssl', ['version']);
const withTool = skipUnless(works, 'osslsigncode or openssl is not installed');
const folder = temporaryFolder();
const certificate = codeCertificate();
const authority = useTimestampAuthority(works);
afterAll(removeRuns);

const TEXT = 'Write-Host "hü"\r\n';
const SCRIPTS: Readonly<Record<string, Buffer>> = {
  'python/runtime/Activate.ps1': Buffer.from('Write-Host "hi"\r\n'),
  'lf.ps1': Buffer.from('Write-Host "hi"\n'),
  'no end of line.psd1': Buffer.from('@{ A = 1 }'),
  'module.PSM1': Buffer.from(TEXT),
  'marked.ps1': Buffer.from(`\ufeff${TEXT}`),
  'wide.ps1': Buffer.from(`\ufeff${TEXT}`, 'utf16le'),
};
const OTHERS = { 'empty.ps1': Buffer.from('\r\n'), 'notes.txt': Buffer.from(TEXT) };

const sign = async (more: Readonly<Record<string, Uint8Array>>, request: object = {}): Promise<ExecutorRun> => {
  const { chain: CERT, key: KEY } = certificate;
  const options = { certificateEnv: 'CERT', keyEnv: 'KEY', timestampUrls: [authority().url] };
  return runAuthenticode(options, { CERT, KEY }, await archiveBundle(bundleFiles(more)), request);
};

/** By our reader. */
function problemOf(name: string, bytes: Uint8Array, wanted: { digest: string }): string | undefined {
  const file = join(folder.path, 'script');
  writeFileSync(file, bytes);
  const read = readSignable(file, Date.now(), name);
  if (read === undefined || !('digest' in read)) return Object.values(read ?? { nothing: 'nothing' })[0];
  return problemOfSignature(read, { fingerprint: certificate.fingerprint, ...wanted });
}

/** Of what was not signed. */
function digestOf(name: string, bytes: Uint8Array): string {
  const file = join(folder.path, 'script');
  writeFileSync(file, bytes);
  return (readSignable(file, Date.now(), name) as { digest: string }).digest;
}

withTool('signs scripts of PowerShell in every encoding; osslsigncode verifies each, and a flipped character is found', async () => {
  const run = await sign({ ...SCRIPTS, ...OTHERS });
  expect(run.success ? '' : run.output).toBe('');
  const root = await unpackSigned(run, folder.path);
  for (const [name, before] of Object.entries(SCRIPTS)) {
    const bytes = readFileSync(join(root, name));
    const wanted = { digest: digestOf(name, before) };
    expect([name, bytes.subarray(0, before.length).equals(before), problemOf(name, bytes, wanted)]).toEqual([name, true, undefined]);
    const lower = join(folder.path, name.replaceAll('/', '-').toLowerCase());
    writeFileSync(lower, bytes);
    expect([name, verifyByOsslsigncode(lower, certificate, authority(), folder.path)]).toEqual([name, 0]);
    for (const at of [before.length - 2, before.length + 40, Math.floor((bytes.length + before.length) / 2), bytes.length - 4]) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1;
      expect([name, at, problemOf(name, flipped, wanted) ?? 'nothing found']).not.toEqual([name, at, 'nothing found']);
    }
    const wide = name === 'wide.ps1' ? 'utf16le' : 'utf8';
    const longer = Buffer.concat([bytes, Buffer.from('Remove-Item x\r\n', wide)]);
    expect(problemOf(name, longer, wanted)).toBe('there is text behind its signature');
  }
  for (const [name, bytes] of Object.entries(OTHERS)) expect(readFileSync(join(root, name)).equals(bytes)).toBe(true);
  const again = await sign({ ...SCRIPTS, ...OTHERS }, { again: run });
  expect(again.record).toEqual(run.record);
  expect(again.report!.report).toMatchObject({ files: [{ made: [] }] });
});

withTool('keeps a foreign signature of a script that holds, and replaces one that does not', async () => {
  const other = codeCertificate();
  const { chain: CERT, key: KEY } = other;
  const options = { certificateEnv: 'CERT', keyEnv: 'KEY', timestampUrls: [authority().url] };
  const foreign = await runAuthenticode(options, { CERT, KEY }, await archiveBundle(bundleFiles(SCRIPTS)));
  const signed = readFileSync(join(await unpackSigned(foreign, folder.path), 'lf.ps1'));
  const changed = Buffer.from(signed.toString('latin1').replace('hi', 'ho'), 'latin1');
  const run = await sign({ 'good.ps1': signed, 'changed.ps1': changed, 'torn.ps1': signed.subarray(0, signed.length - 9) });
  expect(run.success ? '' : run.output).toBe('');
  const [facts] = (run.record!.facts as { signatures: { foreign: { path: string }[]; replaced: { path: string; why: string }[] }[] }).signatures;
  expect(facts!.foreign).toMatchObject([{ path: 'good.ps1', fingerprint: other.fingerprint }]);
  expect(facts!.replaced.map(({ path, why }) => `${path}: ${why}`).sort()).toEqual([
    expect.stringContaining('changed.ps1: it does not hold: the file’s sha256 is'),
    'torn.ps1: it could not be read: its signature has no end',
  ]);
  const root = await unpackSigned(run, folder.path);
  for (const name of ['changed.ps1', 'torn.ps1']) {
    const bytes = readFileSync(join(root, name));
    expect([name, problemOf(name, bytes, { digest: digestOf(name, bytes) })]).toEqual([name, undefined]);
  }
});

withTool(
  'refuses scripts of which signing would drop a part (`SIGN_PE_BROKEN`): osslsigncode takes all from the first begin line for a signature',
  async () => {
    const begin = '# SIG # Begin signature block';
    const base64 = `# ${'A'.repeat(64)}`;
    const broken: Readonly<Record<string, readonly [lines: readonly string[], said: string, lineEnd?: string]>> = {
      'here-string.ps1': [["$t = @'", begin, "'@", 'Remove-Item x', ''], 'no signature alone'],
      'here-string whole.ps1': [["$t = @'", begin, base64, '# SIG # End signature block', "'@", ''], 'there is text behind its signature'],
      'code within.ps1': [['a', begin, base64, 'Remove-Item x', '# SIG # End signature block', ''], 'no signature alone'],
      'behind a torn one.ps1': [['a', begin, base64, base64, 'Remove-Item x', ''], 'no signature alone'],
      'begin alone.ps1': [['a', begin, ''], 'no signature alone'],
      'begin at the end.ps1': [['a', begin], 'no signature alone'],
      'begin with more.ps1': [['a', `${begin} of old`, 'Remove-Item x', ''], 'goes on with `of old`'],
      'nothing else.ps1': [[begin, base64, '# SIG # End signature block', ''], 'nothing stands before'],
      'marked, nothing else.ps1': [[`\ufeff${begin}`, base64, '# SIG # End signature block', ''], 'nothing stands before'],
      'comments.ps1': [['a', begin, '# one', '# two', ''], 'no signature alone', '\n'],
    };
    const files = Object.entries(broken).map(([name, [lines, , lineEnd = '\r\n']]) => [name, Buffer.from(lines.join(lineEnd))] as const);
    const run = await sign(Object.fromEntries(files));
    expect(run).toMatchObject({ success: false, files: ['report.json'], output: expect.stringContaining('SIGN_PE_BROKEN') });
    for (const [name, [, words]] of Object.entries(broken)) expect(run.output).toMatch(new RegExp(`\`${name}\`: .*${words}`));
  },
);

const torn = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length - 40);
const LINES = 'its lines do not end with CRLF, as those of signatures do';

withTool(
  'signs scripts anew whose block has other line ends than signatures have; nothing before the block changes, and none of them is ours',
  async () => {
    const signed = readFileSync(join(await unpackSigned(await sign(SCRIPTS), folder.path), 'no end of line.psd1'), 'latin1');
    const begin = '# SIG # Begin signature block';
    const block = `${begin}\r\n# ${'A'.repeat(64)}\r\n# SIG # End signature block\r\n`;
    const unix = (text: string): string => text.replaceAll('\r\n', '\n');
    const scripts: Readonly<Record<string, readonly [bytes: Buffer, content: string, why: string]>> = {
      'git.psd1': [Buffer.from(unix(signed)), '@{ A = 1 }', LINES],
      'git torn.psd1': [torn(Buffer.from(unix(signed))), '@{ A = 1 }', 'its signature has no end'],
      'begin behind LF.ps1': [Buffer.from(`a\nbc\n${block}`), 'a\nbc', LINES],
      'begin before LF.ps1': [Buffer.from(`ab\r\n\r\n${begin}\n${block.slice(begin.length + 2)}`), 'ab\r\n', LINES],
      'wide.ps1': [Buffer.from(`\ufeffhü\n${block}`, 'utf16le'), '\ufeffhü', LINES],
      'lines behind.ps1': [Buffer.from(`abcd\r\n${block}\r\n`), 'abcd', 'its signature does not end with the end of its last line'],
    };
    const run = await sign(Object.fromEntries(Object.entries(scripts).map(([name, [bytes]]) => [name, bytes])));
    expect(run.success ? '' : run.output).toBe('');
    const root = await unpackSigned(run, folder.path);
    const [facts] = (run.record!.facts as { signatures: { replaced: { path: string; why: string }[] }[] }).signatures;
    const replaced = new Map(facts!.replaced.map(({ path, why }) => [path, why]));
    for (const [name, [, content, why]] of Object.entries(scripts)) {
      const text = readFileSync(join(root, name), name === 'wide.ps1' ? 'utf16le' : 'utf8');
      expect([name, text.slice(0, text.indexOf(`\r\n${begin}\r\n`))]).toEqual([name, content]);
      expect([name, text.split(begin).length, replaced.get(name)]).toEqual([name, 2, `it could not be read: ${why}`]);
    }
  },
);

withTool('leaves scripts as they are that cannot be signed, and tells it: an encoding that nobody knows, no more than three bytes', async () => {
  const others = {
    'latin.ps1': Buffer.from(TEXT, 'latin1'),
    'big-endian.psm1': Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16(),
    'tiny.psd1': Buffer.from('@{}'),
  };
  const run = await sign(others);
  expect(run.success ? '' : run.output).toBe('');
  const left = [
    { path: 'big-endian.psm1', why: 'it is a script in another encoding than UTF-8 or UTF-16' },
    { path: 'latin.ps1', why: 'it is a script in another encoding than UTF-8 or UTF-16' },
    { path: 'tiny.psd1', why: 'osslsigncode signs no file below 4 bytes' },
  ];
  const [facts] = (run.record!.facts as { signatures: { left: { path: string }[] }[] }).signatures;
  expect([...facts!.left].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual(left);
  const fix = expect.stringContaining('UTF-8') as string;
  expect(run.report!.findings).toEqual(expect.arrayContaining(left.map(({ path }) => expect.objectContaining({ level: 'warning', path, fix }))));
  const root = await unpackSigned(run, folder.path);
  for (const [name, bytes] of Object.entries(others)) expect(readFileSync(join(root, name)).equals(bytes)).toBe(true);
  const single = (name: string, content: Uint8Array): object => ({
    upstream: [{ target: 'package-windows', stage: 'package', artifacts: [{ name, kind: 'installer', content, platform: 'windows-x86_64' }] }],
  });
  expect((await sign({}, single('setup.ps1', others['latin.ps1']))).output).toContain('SIGN_PE_BROKEN');
  expect(await sign({}, single('setup.ps1', SCRIPTS['lf.ps1']!))).toMatchObject({ success: true });
});
