/** `npx @waybill/bundle prove` on a real bundle: green on the good one, red by the right check on each planted fault. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { mustRun, runCommand } from '../tools/run-command.mjs';
import { FAULTS_TOGETHER } from './faults-together.mjs';
import { PLANTED_FAULTS } from './planted-faults.mjs';
import { archiveOf, hasCargo, nx, openWorkspace, patchelfOf } from './workspace.mjs';

const skip = hasCargo ? false : 'cargo is not installed';
const HIDDEN = '/opt/build/waybill-e2e';
let workspace;
let folder;
let good;
let patchelf;

before(async () => {
  if (skip) return;
  workspace = await openWorkspace();
  const { exitCode, output } = await nx(workspace.root, ['run', 'pychat:package-linux']);
  assert.equal(exitCode, 0, output);
  folder = mkdtempSync(join(tmpdir(), 'waybill-proof-'));
  await mustRun('tar', ['-xzf', archiveOf(workspace.root, 'pychat'), '-C', folder]);
  good = join(folder, readdirSync(folder)[0]);
  patchelf = await patchelfOf(workspace.root);
});
after(() => {
  workspace?.remove();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

async function prove(bundle, ...options) {
  const main = join(workspace.root, 'node_modules/@waybill/bundle/dist/commands/main.js');
  const { exitCode, output } = await runCommand(process.execPath, [main, 'prove', bundle, '--json', `--hide=${HIDDEN}`, ...options], {
    cwd: '/',
    quiet: true,
  });
  return { exitCode, output, report: output.trim().startsWith('{') ? JSON.parse(output) : undefined };
}

const errorsOf = (report) => report.findings.filter(({ level }) => level === 'error');

async function plantedCopy(plants) {
  const copy = join(folder, 'planted');
  rmSync(copy, { recursive: true, force: true });
  await mustRun('cp', ['-a', '--reflink=auto', good, copy]);
  for (const plant of plants) await plant(copy, { patchelf, program: 'bin/pychat-bin', hidden: HIDDEN });
  return copy;
}

describe('prove', { skip }, () => {
  test('holds on the good bundle, folder and archive', async () => {
    for (const bundle of [good, archiveOf(workspace.root, 'pychat')]) {
      const { exitCode, output, report } = await prove(bundle);
      assert.equal(exitCode, 0, output);
      assert.equal(report.verdict, 'passed');
      assert.deepEqual(errorsOf(report), []);
    }
  });

  // Each by the checks that must see it; `whole` ones by all checks, none of which may stumble over them.
  for (const { name, checks, plant, whole } of PLANTED_FAULTS) {
    test(`is red: ${name}`, async () => {
      const { exitCode, output, report } = await prove(await plantedCopy([plant]), ...(whole ? [] : checks.map((check) => `--check=${check}`)));
      assert.equal(exitCode, 1, output);
      assert.equal(report.verdict, 'failed');
      const red = [...new Set(errorsOf(report).map(({ check }) => check))];
      assert.ok(
        red.some((check) => checks.includes(check)),
        `expected one of ${checks.join(', ')}, red are ${red.join(', ') || 'none'}`,
      );
    });
  }

  describe('tells each of many faults in one bundle', () => {
    let report;
    before(async () => {
      const checks = [...new Set(FAULTS_TOGETHER.map(({ check }) => `--check=${check}`))];
      const proof = await prove(await plantedCopy(FAULTS_TOGETHER.map(({ plant }) => plant)), ...checks);
      assert.equal(proof.exitCode, 1, proof.output);
      ({ report } = proof);
    });
    for (const { name, check, tells } of FAULTS_TOGETHER) {
      test(name, () => {
        const told = errorsOf(report).filter((finding) => finding.check === check);
        const found = told.filter(({ path, message }) => tells.test(`${path} ${message}`));
        assert.ok(found.length > 0, `${check} tells only\n${told.map(({ path, message }) => `${path} ${message}`).join('\n')}`);
        for (const { fix } of found) assert.ok(fix, 'what to do about it');
      });
    }
  });

  test('a wrong option, a missing bundle: coded errors, exit 2', async () => {
    const wrong = await prove(good, '--no-such-option');
    assert.equal(wrong.exitCode, 2, wrong.output);
    assert.match(wrong.output, /OPTION_[A-Z_]+/);
    const missing = await prove(join(folder, 'nothing'));
    assert.equal(missing.exitCode, 2, missing.output);
  });

  test('the recipe that everybody uses is red: copied interpreter, unpatched binary', async () => {
    const recipe = join(folder, 'recipe');
    await mustRun('mkdir', ['-p', join(recipe, 'bin'), join(recipe, 'python')]);
    const { output } = await mustRun('python3', ['-c', 'import sys; print(sys.base_prefix)'], {
      quiet: true,
    });
    await mustRun('cp', [join(workspace.root, 'pychat/target/release/pychat'), join(recipe, 'bin/pychat-bin')]);
    await mustRun('cp', ['-a', join(good, 'python/runtime'), join(recipe, 'python/runtime')]);
    await mustRun(process.execPath, [
      '-e',
      'require("fs").writeFileSync(process.argv[1], process.argv[2], {mode: 0o755})',
      join(recipe, 'pychat'),
      '#!/bin/sh\nd=$(cd "$(dirname "$0")" && pwd)\nexport PYTHONHOME="$d/python/runtime" PYTHONNOUSERSITE=1\nexec "$d/bin/pychat-bin" "$@"\n',
    ]);
    const { exitCode, report, output: text } = await prove(recipe, `--hide=${output.trim()}`);
    assert.equal(exitCode, 1, text);
    assert.equal(report.verdict, 'failed');
  });
});
