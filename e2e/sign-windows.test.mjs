/**
 * A folder for Windows (programs that start Python, DLLs of Microsoft, an extension module) signed on Linux by `nx run winapp:sign-windows` with a certificate in a
 * variable and a timestamp server; osslsigncode verifies each file. What packages it is a target of somebody else that writes a record.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mustRun, runCommand } from '../tools/run-command.mjs';
import { nx, openWorkspace, recordOf } from './workspace.mjs';

const PASSWORD = 'correct horse';
const NAME = 'winapp-1.0.0-windows-x86_64';
const WHEELS = [
  { name: 'msvc-runtime', version: '14.51.36231', sha256: '89f70d1a37bb64164cdb09d02dd82d6b1400e1310be2995b4ed5a9f23efe2222' },
  { name: 'msgpack', version: '1.2.4', sha256: '6e38b123681df22373d545520f54bbeddc4706d9235a1161061f12bd6648497d' },
  { name: 'distlib', version: '0.4.0', sha256: '9659f7d87e46584a30b5780e43ac7a2143098441670ff0a49d5f9034c54a6c16' },
];
let workspace;
let folder;
let authority;
let key;

before(async () => {
  workspace = await openWorkspace();
  folder = mkdtempSync(join(tmpdir(), 'waybill-win-'));
  key = await makeCertificate();
  authority = await startAuthority();
  await writeProject();
});
after(async () => {
  authority?.child.stdin.end();
  rmSync(folder, { recursive: true, force: true });
  rmSync(join(workspace.root, 'winapp'), { recursive: true, force: true });
  rmSync(join(workspace.root, 'dist/winapp'), { recursive: true, force: true });
  workspace.remove();
});

const openssl = (...args) => mustRun('openssl', args, { cwd: folder, quiet: true });

async function makeCertificate() {
  writeFileSync(join(folder, 'ext'), 'extendedKeyUsage=codeSigning\nkeyUsage=critical,digitalSignature\nbasicConstraints=critical,CA:FALSE\n');
  writeFileSync(join(folder, 'password'), PASSWORD);
  await openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '60',
    '-subj',
    '/CN=Example Code Root',
  );
  await openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'cs.key', '-out', 'cs.csr', '-subj', '/CN=Example Ltd');
  await openssl(
    'x509',
    '-req',
    '-in',
    'cs.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '60',
    '-extfile',
    'ext',
    '-out',
    'cs.pem',
  );
  const files = ['-in', 'cs.pem', '-inkey', 'cs.key', '-certfile', 'ca.pem', '-out', 'cs.p12'];
  await openssl('pkcs12', '-export', ...files, '-passout', 'file:password');
  return { WINDOWS_CERTIFICATE: readFileSync(join(folder, 'cs.p12')).toString('base64'), WINDOWS_CERTIFICATE_PASSWORD: PASSWORD };
}

async function startAuthority() {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../tools/stand-ins/timestamp-authority.mjs', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  return { child, ...JSON.parse(String(line)) };
}

/** What wheels for Windows hold, unpacked; pip checks the digests. */
async function unpackWheels(target) {
  for (const { name, version, sha256 } of WHEELS) {
    writeFileSync(join(folder, 'wheels.txt'), `${name}==${version} --hash=sha256:${sha256}\n`);
    const place = join(folder, name);
    const kind = ['--no-deps', '--only-binary=:all:', '--platform', 'win_amd64', '--python-version', '3.12', '--require-hashes'];
    await mustRun('python3', ['-m', 'pip', 'download', '--quiet', ...kind, '-d', place, '-r', join(folder, 'wheels.txt')], { quiet: true });
    await mustRun('python3', ['-m', 'zipfile', '-e', join(place, readdirSync(place)[0]), target], { quiet: true });
  }
}

/** Archives the folder beside it and writes the record, as any target may. */
const PACKAGE = `const { hashFile, readTree, fileContent, writeArchive } = require('@waybill/core');
const { makeRecord, renderRecord } = require('@waybill/artifacts');
const { mkdirSync, writeFileSync } = require('node:fs');
(async () => {
  const out = 'dist/winapp/package-windows';
  mkdirSync(out, { recursive: true });
  const items = (await readTree('winapp/tree')).filter(({ kind }) => kind === 'file');
  const entries = items.map(({ path, mode, size }) => ({ kind: 'file', path: '${NAME}/' + path, mode, size, open: () => fileContent('winapp/tree/' + path) }));
  const { size, sha256 } = await writeArchive({ format: 'zip', entries, output: out + '/${NAME}.zip', mtimeSeconds: 1580601600 });
  const artifact = { name: '${NAME}.zip', path: '${NAME}.zip', kind: 'bundle-archive', platform: 'windows-x86_64', ships: true, size, sha256, madeFrom: [] };
  const head = { project: 'winapp', target: 'package-windows', stage: 'package', version: '1.0.0', sourceDateEpoch: 1580601600 };
  writeFileSync(out + '/artifacts.json', renderRecord(makeRecord({ ...head, artifacts: [artifact], facts: {} })));
})();
`;

async function writeProject() {
  const project = join(workspace.root, 'winapp');
  mkdirSync(join(project, 'tree/python/vendor'), { recursive: true });
  await unpackWheels(join(project, 'tree/python/vendor'));
  cpSync(join(project, 'tree/python/vendor/distlib/t64.exe'), join(project, 'tree/winapp.exe'));
  writeFileSync(join(project, 'pyproject.toml'), '[project]\nname = "winapp"\nversion = "1.0.0"\n');
  writeFileSync(join(project, 'package.cjs'), PACKAGE);
  const sign = {
    executor: '@waybill/signing:sign',
    dependsOn: ['package-windows'],
    outputs: ['{workspaceRoot}/dist/{projectRoot}/sign-windows'],
    options: {
      backend: 'authenticode',
      certificateEnv: 'WINDOWS_CERTIFICATE',
      passwordEnv: 'WINDOWS_CERTIFICATE_PASSWORD',
      timestampUrls: [authority.url],
      allowUnproved: 'no Windows here',
    },
  };
  const pack = {
    executor: 'nx:run-commands',
    outputs: ['{workspaceRoot}/dist/{projectRoot}/package-windows'],
    options: { command: 'node winapp/package.cjs' },
  };
  writeFileSync(join(project, 'project.json'), JSON.stringify({ name: 'winapp', targets: { 'package-windows': pack, 'sign-windows': sign } }));
}

test('every file of a folder for Windows is signed on Linux, and osslsigncode verifies it; a second run gives the same bytes', async () => {
  const first = await nx(workspace.root, ['run', 'winapp:sign-windows'], key);
  assert.equal(first.exitCode, 0, first.output);
  const archive = join(workspace.root, 'dist/winapp/sign-windows', `${NAME}.zip`);
  const bytes = readFileSync(archive);
  const unpacked = join(folder, 'signed');
  await mustRun('python3', ['-m', 'zipfile', '-e', archive, unpacked], { quiet: true });
  const files = readdirSync(unpacked, { recursive: true }).filter((path) => /\.(exe|dll|pyd|ps1|psm1|psd1)$/.test(path));
  const record = recordOf(workspace.root, 'winapp', 'sign-windows');
  const [{ files: signed, foreign }] = record.facts.signatures;
  assert.ok(files.length >= 8 && foreign.length > 0, JSON.stringify(record.facts));
  assert.equal(signed + foreign.length, files.length);
  const names = foreign.map(({ path }) => `${NAME}/${path}`);
  for (const file of files.filter((path) => !names.includes(path))) {
    const roots = ['-CAfile', join(folder, 'ca.pem'), '-TSA-CAfile', authority.root];
    const verified = await runCommand('osslsigncode', ['verify', ...roots, '-in', join(unpacked, file)], { quiet: true });
    assert.equal(verified.exitCode, 0, `${file}\n${verified.output}`);
  }
  assert.match(first.output, /Microsoft/);
  const again = await nx(workspace.root, ['run', 'winapp:sign-windows'], key);
  assert.equal(again.exitCode, 0, again.output);
  assert.deepEqual(readFileSync(archive), bytes);
});

test('with a wrong password it fails, says what to do, and does not show it', async () => {
  const wrong = await nx(workspace.root, ['run', 'winapp:sign-windows'], { ...key, WINDOWS_CERTIFICATE_PASSWORD: 'battery staple' });
  assert.notEqual(wrong.exitCode, 0);
  assert.match(wrong.output, /SIGN_PASSWORD_WRONG/);
  assert.ok(!wrong.output.includes('battery staple'));
});
