/** studio signed with a key in a variable, as a user does it; without a key, again, and behind a remote cache that somebody poisoned. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { mustRun, runCommand } from '../tools/run-command.mjs';
import { archiveOf, nx, openWorkspace, readJson, recordOf } from './workspace.mjs';

const PASSWORD = 'correct horse';
let workspace;
let folder;
let key;

before(async () => {
  workspace = await openWorkspace();
  // Short, because of the socket of gpg's agent.
  folder = mkdtempSync(join(tmpdir(), 'wbs-'));
  const gpg = ['--homedir', folder, '--batch', '--no-tty', '--pinentry-mode', 'loopback', '--passphrase', PASSWORD];
  await mustRun('gpg', [...gpg, '--quick-gen-key', 'Release <release@example.org>', 'ed25519', 'sign', 'never'], { quiet: true });
  await mustRun('gpg', [...gpg, '--armor', '--output', join(folder, 'secret.asc'), '--export-secret-keys'], { quiet: true });
  await mustRun('gpg', [...gpg, '--output', join(folder, 'ring.gpg'), '--export'], { quiet: true });
  await mustRun('gpgconf', ['--homedir', folder, '--kill', 'all'], { quiet: true });
  key = { RELEASE_KEY: readFileSync(join(folder, 'secret.asc'), 'utf8'), RELEASE_KEY_PASSWORD: PASSWORD };
});
after(() => {
  rmSync(folder, { recursive: true, force: true });
  workspace.remove();
});

const signatureOf = (archive) => join(workspace.root, 'dist/studio/sign-linux', `${archive.split('/').at(-1)}.asc`);

test('`nx run studio:sign-linux` with a key in a variable ends in a signature that gpgv verifies; again gives the same bytes', async () => {
  const first = await nx(workspace.root, ['run', 'studio:sign-linux'], key);
  assert.equal(first.exitCode, 0, first.output);
  const archive = archiveOf(workspace.root, 'studio');
  const bytes = readFileSync(signatureOf(archive));
  const gpgv = await runCommand('gpgv', ['--homedir', folder, '--keyring', join(folder, 'ring.gpg'), signatureOf(archive), archive], { quiet: true });
  assert.equal(gpgv.exitCode, 0, gpgv.output);
  const [{ sha256 }] = recordOf(workspace.root, 'studio', 'package-linux').artifacts.filter(({ kind }) => kind === 'bundle-archive');
  assert.deepEqual(recordOf(workspace.root, 'studio', 'sign-linux').artifacts[0].madeFrom, [`sha256:${sha256}`]);
  rmSync(join(workspace.root, 'dist/studio/sign-linux'), { recursive: true });
  const again = await nx(workspace.root, ['run', 'studio:sign-linux'], key);
  assert.equal(again.exitCode, 0, again.output);
  assert.deepEqual(readFileSync(signatureOf(archive)), bytes);
  for (const secret of [PASSWORD, ...key.RELEASE_KEY.split('\n').filter((line) => line.length > 30 && !line.startsWith('-'))]) {
    assert.ok(
      ![first.output, again.output, readFileSync(join(workspace.root, 'dist/studio/sign-linux/report.json'), 'utf8')].some((text) =>
        text.includes(secret),
      ),
    );
  }
});

test('`nx run studio:sign-checksums` ends in a signature over the sums, and the sums hold for the archive', async () => {
  const { exitCode, output } = await nx(workspace.root, ['run', 'studio:sign-checksums'], key);
  assert.equal(exitCode, 0, output);
  const sums = recordOf(workspace.root, 'studio', 'checksum').artifacts.find(({ kind }) => kind === 'checksums');
  const file = join(workspace.root, 'dist/studio/checksum', sums.path);
  const signature = join(workspace.root, 'dist/studio/sign-checksums', `${sums.name}.asc`);
  const gpgv = await runCommand('gpgv', ['--homedir', folder, '--keyring', join(folder, 'ring.gpg'), signature, file], { quiet: true });
  assert.equal(gpgv.exitCode, 0, gpgv.output);
  const digest = createHash('sha256')
    .update(readFileSync(archiveOf(workspace.root, 'studio')))
    .digest('hex');
  assert.match(readFileSync(file, 'utf8'), new RegExp(digest));
});

test('without a key it fails and says what to do; the signature of before is still there', async () => {
  const { exitCode, output } = await nx(workspace.root, ['run', 'studio:sign-linux'], { RELEASE_KEY: undefined });
  assert.notEqual(exitCode, 0);
  assert.match(output, /SIGN_KEY_MISSING[\s\S]*RELEASE_KEY is not set[\s\S]*fix: put the secret key itself/);
  assert.ok(existsSync(signatureOf(archiveOf(workspace.root, 'studio'))));
});

/** Nx's self-hosted remote cache: keeps what is put, gives it back. */
async function startCache() {
  const entries = new Map();
  const server = createServer(async (request, response) => {
    const hash = request.url.split('/').at(-1);
    if (request.method === 'PUT') {
      const pieces = [];
      for await (const piece of request) pieces.push(piece);
      entries.set(hash, Buffer.concat(pieces));
      response.writeHead(200).end();
    } else if (entries.has(hash)) response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(entries.get(hash));
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { entries, server, url: `http://127.0.0.1:${server.address().port}` };
}

/** Changes a byte of the archive (the system in its gzip header) and its digest in the record: everything still fits together. */
async function poison(entries) {
  for (const [hash, body] of entries) {
    const place = mkdtempSync(join(tmpdir(), 'waybill-poison-'));
    writeFileSync(join(place, 'body'), body);
    mkdirSync(join(place, 'tree'));
    await mustRun('tar', ['-xzf', join(place, 'body'), '-C', join(place, 'tree')], { quiet: true });
    const record = join(
      place,
      'tree',
      readdirSync(join(place, 'tree'), { recursive: true }).find((path) => path.endsWith('artifacts.json')),
    );
    const parsed = readJson(record);
    const artifact = parsed.artifacts.find(({ kind }) => kind === 'bundle-archive');
    const archive = join(record, '..', artifact.path);
    const bytes = readFileSync(archive);
    bytes[9] ^= 1;
    writeFileSync(archive, bytes);
    artifact.sha256 = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(record, `${JSON.stringify(parsed, null, 2)}\n`);
    await mustRun('tar', ['-czf', join(place, 'poisoned'), '-C', join(place, 'tree'), ...readdirSync(join(place, 'tree'))], { quiet: true });
    entries.set(hash, readFileSync(join(place, 'poisoned')));
    rmSync(place, { recursive: true, force: true });
  }
}

test('an archive from a poisoned remote cache is not signed', async () => {
  const cache = await startCache();
  const kept = join(folder, 'dist');
  cpSync(join(workspace.root, 'dist/studio'), kept, { recursive: true });
  const machine = (name) => ({
    ...key,
    NX_SELF_HOSTED_REMOTE_CACHE_SERVER: cache.url,
    NX_CACHE_DIRECTORY: join(folder, name, 'cache'),
    NX_WORKSPACE_DATA_DIRECTORY: join(folder, name, 'data'),
  });
  const signAlone = ['run', 'studio:sign-linux', '--excludeTaskDependencies', '--allowUnproved=test'];
  try {
    const made = await nx(workspace.root, ['run', 'studio:package-linux'], machine('one'));
    assert.equal(made.exitCode, 0, made.output);
    assert.ok(cache.entries.size > 0, 'nothing was put into the remote cache');
    await poison(cache.entries);
    rmSync(join(workspace.root, 'dist/studio/package-linux'), { recursive: true });
    const restored = await nx(workspace.root, ['run', 'studio:package-linux'], machine('two'));
    assert.match(restored.output, /remote cache/, restored.output);
    const refused = await nx(workspace.root, signAlone, machine('two'));
    assert.notEqual(refused.exitCode, 0, refused.output);
    assert.match(refused.output, /SIGN_REMOTE_CACHE/);
  } finally {
    cache.server.close();
    cache.server.closeAllConnections();
    rmSync(join(workspace.root, 'dist/studio'), { recursive: true, force: true });
    cpSync(kept, join(workspace.root, 'dist/studio'), { recursive: true });
  }
});
