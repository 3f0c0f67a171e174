/** docs/guides/ten-minutes.md, its commands word for word, in an empty Nx workspace whose only source of Waybill is a registry on loopback. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT } from '../tools/prepare-repository.mjs';
import { mustRun, runCommand } from '../tools/run-command.mjs';
import { startRegistry } from './loopback-registry.mjs';
import { packedPackages } from './workspace.mjs';

const folder = mkdtempSync(join(tmpdir(), 'waybill-ten-'));
const root = join(folder, 'workspace');
const home = join(folder, 'home');
let registry;
let env;

/** The shell blocks of the page, by the heading that they stand under. */
const blocks = (() => {
  const found = new Map();
  let heading = '';
  for (const [, title, block] of readFileSync(join(ROOT, 'docs/guides/ten-minutes.md'), 'utf8').matchAll(/^## (.*)$|^```sh\n([\s\S]*?)^```$/gm)) {
    if (title !== undefined) heading = title;
    else found.set(heading, [...(found.get(heading) ?? []), block]);
  }
  return found;
})();

before(async () => {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'examples/package.json'), 'utf8'));
  mkdirSync(root);
  mkdirSync(home);
  registry = await startRegistry(await packedPackages(join(folder, 'packed')));
  writeFileSync(
    join(root, 'package.json'),
    `${JSON.stringify({ name: 'empty', private: true, devDependencies: { nx: devDependencies.nx } }, null, 2)}\n`,
  );
  writeFileSync(join(root, 'nx.json'), `${JSON.stringify({ analytics: false, neverConnectToCloud: true }, null, 2)}\n`);
  writeFileSync(join(root, '.gitignore'), 'node_modules\n.nx\n.npmrc\n');
  writeFileSync(join(root, '.npmrc'), `@waybill:registry=${registry.url}/\nprefer-offline=true\naudit=false\nfund=false\n`);
  await mustRun('git', ['init', '--quiet', root], { quiet: true });
  await mustRun('npm', ['install'], { cwd: root, quiet: true, timeoutMs: 300_000 });
  env = {
    npm_config_cache: await ownNpxCache(),
    ...{ NX_DAEMON: 'false', NX_TUI: 'false', FORCE_COLOR: '0', NX_DRY_RUN: undefined, WAYBILL_DRY_RUN: undefined, SOURCE_DATE_EPOCH: undefined },
    ...{ RELEASE_KEY: undefined, NX_NO_CLOUD: 'true', NX_DEFAULT_OUTPUT_STYLE: 'static' },
    ...{ GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.org', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.org' },
  };
});
after(() => {
  registry?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What npx keeps of an earlier run, of another Waybill, is no part of this one; packages of others may come from npm's cache. */
async function ownNpxCache() {
  const { output } = await mustRun('npm', ['config', 'get', 'cache'], { quiet: true });
  const cache = join(folder, 'npm');
  mkdirSync(cache);
  mkdirSync(join(output.trim(), '_cacache'), { recursive: true });
  symlinkSync(join(output.trim(), '_cacache'), join(cache, '_cacache'));
  return cache;
}

/** All commands below one heading, in one shell that ends at the first failure. `$HOME` is a folder of this test. */
async function follow(heading) {
  const commands = blocks.get(heading);
  assert.ok(commands, `the page has no commands below "${heading}"`);
  const script = commands.join('').replaceAll('$HOME/', `${home}/`);
  const result = await runCommand('bash', ['-euo', 'pipefail', '-c', script], { cwd: root, env, quiet: true, timeoutMs: 400_000 });
  assert.equal(result.exitCode, 0, result.output);
  return result.output;
}

const release = (version) => join(root, 'dist/releases/hello', version);
const description = (version) => JSON.parse(readFileSync(join(release(version), 'release.json'), 'utf8'));

test('1: nx add puts all plugins into the root and sets the workspace up', async () => {
  const output = await follow('1. Add Waybill');
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of ['bundle', 'plugin-kit', 'python', 'release', 'signing']) {
    assert.ok(devDependencies[`@waybill/${name}`], name);
    assert.ok(existsSync(join(root, 'node_modules/@waybill', name, 'package.json')), name);
  }
  assert.match(output, /\+ nx\.json: plugin @waybill\/release/);
  assert.match(readFileSync(join(root, '.gitignore'), 'utf8'), /^\/dist\/$/m);
});

test('2: a new program passes its test', async () => {
  assert.match(await follow('2. Make a program'), /Ran 2 tests[\s\S]*OK/);
});

test('3: its release is proved, summed, in the folder, and plainly marked unsigned', async () => {
  const output = await follow('3. Release it');
  assert.match(output, /dry run of hello:package-linux/);
  assert.match(output, /UNSIGNED/);
  assert.match(output, /integrity only/);
  assert.ok(readdirSync(release('0.1.0')).includes('hello-0.1.0-SHA256SUMS'));
  const { proofs, unsigned, signatures } = description('0.1.0');
  assert.deepEqual(
    proofs.map(({ target, verdict }) => [target, verdict]),
    [['smoke-linux', 'passed']],
  );
  assert.ok(unsigned.some(({ target, reason }) => target === 'hello:sign-linux' && reason === 'no key chosen yet'));
  assert.deepEqual(signatures, []);
});

test('4: one command for a key, and the same is signed', async () => {
  const output = await follow('4. Choose a key');
  assert.match(output, /verified/);
  assert.doesNotMatch(output, /UNSIGNED/);
  assert.ok(readdirSync(release('0.1.1')).includes('hello-0.1.1-SHA256SUMS.minisig'));
  assert.deepEqual(description('0.1.1').unsigned, []);
  const key = readFileSync(join(home, 'release.key'), 'utf8').trim().split('\n')[1];
  assert.ok(!output.includes(key) && !readFileSync(join(root, 'apps/hello/project.json'), 'utf8').includes(key));
});

test('5: after a change that no artifact is made of, affected runs nothing; after one of the code it would', async () => {
  assert.match(await follow('5. Only what changed'), /No tasks were run/);
  writeFileSync(join(root, 'apps/hello/src/hello/extra.py'), '');
  const { output } = await runCommand('npx', ['nx', 'affected', '-t', 'release', '--base=HEAD', '--graph=tasks.json'], {
    cwd: root,
    env,
    quiet: true,
  });
  assert.ok(Object.keys(JSON.parse(readFileSync(join(root, 'tasks.json'), 'utf8')).tasks.tasks).includes('hello:release'), output);
});
