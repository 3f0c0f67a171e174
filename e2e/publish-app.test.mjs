/** pychat published as a user does it, to a folder, an S3 server, a registry and GitHub in one run, and checked as one who downloads it does. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { commandWorks, gitIn, mustRun, runCommand } from '../tools/run-command.mjs';
import { faultSeries, killSeries, startLine } from './killed-publishes.mjs';
import { SECRETS, startPlaces, VERSION } from './pychat-places.mjs';
import { startExecutor } from './run-executor.mjs';
import { hasCargo, nx, openWorkspace, readJson, recordOf } from './workspace.mjs';

const missing = hasCargo ? ((await commandWorks('docker-registry')) ? false : 'docker-registry is not installed') : 'cargo is not installed';

describe('pychat', { skip: missing }, () => {
  let workspace;
  let root;
  let folder;
  let key;
  let places;
  let s3;
  let github;
  let makeMinisignKey;

  before(async () => {
    workspace = await openWorkspace();
    root = workspace.root;
    folder = mkdtempSync(join(tmpdir(), 'waybill-publish-app-'));
    places = await startPlaces(root);
    ({ s3, github } = places);
    ({ makeMinisignKey } = createRequire(join(root, 'package.json'))('@waybill/signatures'));
    key = makeMinisignKey(randomBytes(32), randomBytes(8));
    writeFileSync(join(folder, 'key.pub'), key.publicKey);
  });
  after(async () => {
    await places?.stop();
    for (const path of ['.git', '.waybill', 'releases', 'dist/pychat', 'dist/wordtally']) rmSync(join(root, path), { recursive: true, force: true });
    await mustRun('git', ['init', '--quiet', root], { quiet: true });
    rmSync(folder, { recursive: true, force: true });
    workspace.remove();
  });

  const git = (...args) => gitIn(root)(...args);
  /** Commits what stands there, tags it, and pushes the tag to GitHub. */
  async function release() {
    await git('add', '.');
    await git('commit', '--quiet', '--allow-empty', '-m', 'release');
    await git('tag', '--force', `pychat@${VERSION}`);
    const { output } = await runCommand('git', ['-C', root, 'rev-parse', 'HEAD'], { quiet: true });
    github.tags[`pychat@${VERSION}`] = output.trim();
  }
  const environment = () => ({ ...places.environment(), PYCHAT_KEY: key.secretKey });
  const planned = () =>
    Object.fromEntries(
      ['package-linux', 'checksum', 'sign-checksums']
        .flatMap((target) => recordOf(root, 'pychat', target).artifacts)
        .filter(({ ships }) => ships)
        .map(({ name, sha256 }) => [name, sha256])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  const writes = () => [s3.stored.length, github.stored.length, github.requests.filter((line) => !/^(GET|HEAD) /.test(line)).length];

  test('goes to all four in one run, archive, sums and signature', async () => {
    await release();
    // `^publish`: to its folder, as it has no release tag
    for (const task of ['wordtally:publish', 'pychat:checksum']) {
      const made = await nx(root, ['run', task]);
      assert.equal(made.exitCode, 0, made.output);
    }
    await sign();
    const { exitCode, output } = await nx(root, ['run', 'pychat:publish', '--excludeTaskDependencies'], environment());
    assert.equal(exitCode, 0, output);
    for (const place of Object.keys(places.held)) assert.match(output, new RegExp(`${place}: 4 files, 4 sent`));
    const expected = planned();
    assert.equal(Object.keys(expected).length, 4);
    assert.deepEqual(await places.everywhere(), Object.fromEntries(Object.keys(places.held).map((place) => [place, expected])));
    assert.equal(github.releases[0].draft, false);
    assert.match(s3.objects.get('downloads/pychat/latest.json').bytes.toString(), new RegExp(`"version": "${VERSION}"`));
    const shown = output + readFileSync(join(root, 'dist/pychat/publish/receipt.json'), 'utf8');
    for (const secret of [...Object.values(SECRETS), key.secretKey.split('\n')[1]]) assert.ok(!shown.includes(secret));
  });

  /** The executor alone, as Nx calls it, over the records that stand in dist. */
  const run = (target, options, { place = root, onStart } = {}) => {
    const graph = readJson(root, '.nx/workspace-data/project-graph.json');
    return startExecutor({
      root: place,
      installed: root,
      graph,
      project: 'pychat',
      target,
      options,
      env: environment(),
      ...(onStart && { onStart }),
    });
  };
  /** By a key, which the example has not: to change its project would build everything again. */
  async function sign() {
    const options = { allowUnsigned: undefined, backend: 'minisign', keyEnv: 'PYCHAT_KEY', fingerprint: key.fingerprint };
    const { exitCode, output } = await run('sign-checksums', options);
    assert.equal(exitCode, 0, output);
  }

  test('a second run finds everything, and sends nothing', async () => {
    const [before, receipt] = [writes(), readFileSync(join(root, 'dist/pychat/publish/receipt.json'))];
    const { exitCode, output } = await run('publish');
    assert.equal(exitCode, 0, output);
    for (const place of Object.keys(places.held)) assert.match(output, new RegExp(`${place}: 4 files, nothing was sent, all were there`));
    assert.deepEqual(writes(), before);
    assert.deepEqual(readFileSync(join(root, 'dist/pychat/publish/receipt.json')), receipt);
  });

  /** What happens to a download, by name of the kind. `signedByOther`: whole, but by a key of somebody else. */
  const TAMPERINGS = {
    flip: (files, name) => files.set(name, flipped(files.get(name))),
    truncate: (files, name) => files.set(name, files.get(name).subarray(0, -1)),
    grow: (files, name) => files.set(name, Buffer.concat([files.get(name), Buffer.from('\n')])),
    drop: (files, name) => files.delete(name),
    rename: (files, name) => files.set(`x${name}`, files.get(name)).delete(name),
    add: (files, name) => files.set(`${name}.exe`, Buffer.from('more')),
    swap: (files, name, other) => files.set(name, files.get(other)).set(other, files.get(name)),
  };
  const flipped = (bytes) => {
    const copy = Buffer.from(bytes);
    copy[Math.floor(copy.length / 2)] ^= 1;
    return copy;
  };

  test('`waybill-verify` holds what was downloaded from each place for genuine, and every tampering with it for none', async () => {
    const command = join(root, 'node_modules/@waybill/verify/dist/commands/main.js');
    const { main } = createRequire(join(root, 'package.json'))(command);
    const place = (files) => {
      const target = mkdtempSync(join(folder, 'download-'));
      for (const [name, bytes] of files) writeFileSync(join(target, name), bytes);
      return target;
    };
    const verify = async (files, ...args) => {
      let output = '';
      const tell = (text) => (output += text);
      const exitCode = await main([place(files), ...args], { workingFolder: folder, temporaryFolder: folder, print: tell, tell });
      return { exitCode, output };
    };
    const pins = [`--keys=${join(folder, 'key.pub')}`, `--fingerprint=${key.fingerprint}`, '--project=pychat', `--version=${VERSION}`];
    for (const [where, read] of Object.entries(places.held)) {
      const whole = await runCommand(process.execPath, [command, place(await read()), ...pins], { quiet: true });
      assert.equal(whole.exitCode, 0, `${where}: ${whole.output}`);
      assert.match(whole.output, /verified: signed by RW/);
    }
    const files = places.held.s3();
    const names = [...files.keys()].sort();
    for (const [kind, tamper] of Object.entries(TAMPERINGS)) {
      for (const [index, name] of names.entries()) {
        const spoilt = new Map(files);
        tamper(spoilt, name, names[(index + 1) % names.length]);
        const { exitCode, output } = await verify(spoilt, ...pins);
        assert.equal(exitCode, 1, `${kind} of ${name}: ${output}`);
      }
    }
    const other = makeMinisignKey(randomBytes(32), randomBytes(8));
    const stranger = await verify(files, `--fingerprint=${other.fingerprint}`);
    assert.deepEqual([stranger.exitCode, /no expected key signed it/.test(stranger.output)], [1, true], stranger.output);
    const older = await verify(files, ...pins.slice(0, 3), '--version=0.4.0');
    assert.deepEqual([older.exitCode, /this is another version/.test(older.output)], [1, true], older.output);
    const unknown = await verify(files);
    assert.deepEqual([unknown.exitCode, /integrity only/.test(unknown.output)], [3, true], unknown.output);
    const archive = names.find((name) => name.endsWith('.tar.gz'));
    const alone = new Map([...files].filter(([name]) => name === archive || name.includes('SHA256SUMS')));
    assert.equal((await verify(alone, ...pins.slice(0, 2))).exitCode, 1);
    const one = await verify(alone, ...pins.slice(0, 2), '--ignore-missing');
    assert.equal(one.exitCode, 0, one.output);
  });

  test('other bytes under the same version are refused before anything moves', async () => {
    const [before, stood] = [writes(), await places.everywhere()];
    await release(); // of another commit, which `release.json` names, so the sums and their signature are others too
    const summed = await run('checksum');
    assert.equal(summed.exitCode, 0, summed.output);
    await sign();
    const { exitCode, output } = await run('publish');
    assert.notEqual(exitCode, 0, output);
    assert.match(output, /PUBLISH_CONFLICT[\s\S]*fix: release a new version/);
    for (const place of Object.keys(places.held)) assert.match(output, new RegExp(`at ${place}`));
    assert.deepEqual([writes(), await places.everywhere()], [before, stood]);
  });

  describe('over a bad line', () => {
    const full = process.env.WAYBILL_TEST_FULL === '1';
    let line;
    let expected;
    let requests;
    before(async () => {
      line = await startLine(places.urls);
      places.urls = line.urls;
      // uploads, and assets that are read, stand at addresses that the server tells
      [github.url, github.apiUrl] = [line.urls.github, line.urls.github];
      clear();
      const whole = await publish();
      assert.equal(whole.exitCode, 0, whole.output);
      requests = line.requests.length;
      expected = await places.endOf(root, line.blobs);
      assert.deepEqual([requests > 40, expected.twice, Object.keys(expected.files.oci).length], [true, [], 4], `${requests} requests`);
    });
    after(() => line?.stop());

    function clear() {
      for (const path of ['.waybill', 'releases', 'dist/pychat/publish']) rmSync(join(root, path), { recursive: true, force: true });
      places.clear();
      line.blobs.length = 0;
    }
    async function publish(about = {}, place = root) {
      line.begin(about);
      const end = await run('publish', {}, { place, onStart: line.onStart });
      await line.settled();
      return end;
    }
    /** What another machine has: the commit and its tag, and the stored folders of the stages. */
    async function freshClone() {
      const clone = mkdtempSync(join(folder, 'clone-'));
      await mustRun('git', ['clone', '--quiet', root, clone], { quiet: true });
      const others = (path) => !path.startsWith(join(root, 'dist/pychat/publish'));
      for (const project of ['dist/pychat', 'dist/wordtally']) cpSync(join(root, project), join(clone, project), { recursive: true, filter: others });
      return clone;
    }
    /** Runs it once more, in a fresh clone without ledger or where it was, and compares. */
    async function endsEqual(what, lost) {
      const place = lost ? await freshClone() : root;
      const { exitCode, output } = await publish({}, place);
      assert.equal(exitCode, 0, `${what}: ${output}`);
      assert.deepEqual(await places.endOf(place, line.blobs), expected, what);
      if (lost) rmSync(place, { recursive: true });
    }

    test('killed after any request at any place, again and again, it ends the same; half go on in a fresh clone without ledger', async () => {
      for (const [index, points] of killSeries(requests, full).entries()) {
        clear();
        for (const killAt of points) {
          const { exitCode, output } = await publish({ killAt });
          assert.ok(exitCode !== 0 || line.requests.length < killAt, `not killed at request ${killAt}: ${output}`);
        }
        await endsEqual(`killed after ${points.join(', then ')}`, index % 2 === 0);
      }
    });

    test('whatever one request meets, it ends well or in a coded error, and run again it ends the same', async () => {
      for (const [index, fault] of faultSeries(requests, full).entries()) {
        clear();
        const { exitCode, output } = await publish({ fault });
        const what = `${JSON.stringify(fault)}, met by ${line.requests[fault.at - 1]}`;
        if (exitCode !== 0) assert.match(output, /(?:PUBLISH|NETWORK)_[A-Z_]+[\s\S]*fix: /, what);
        await endsEqual(what, index % 2 === 0);
      }
    });
  });
});
