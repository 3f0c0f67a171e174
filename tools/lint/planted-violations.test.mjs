/** Each house rule must turn red on a planted violation, and stay quiet on the same code where it is allowed. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** [rule, where it is planted, the violation, the same thing done right] */
const PLANTED = [
  ['@nx/enforce-module-boundaries', 'packages/bundle/src/planted.ts', `import '@waybill/release';`, `import '@waybill/core';`],
  ['@nx/enforce-module-boundaries', 'packages/relocation/src/planted.ts', `import '@waybill/plugin-kit';`, `import '@waybill/binary';`],
  ['@nx/enforce-module-boundaries', 'packages/core/src/planted.ts', `import '@waybill/binary';`, `export {};`],
  ['no-restricted-imports', 'packages/binary/src/planted.ts', `import 'node:fs';`, `import './elf-facts';`],
  ['no-restricted-imports', 'packages/relocation/src/planted.ts', `import 'child_process';`, `import '@waybill/binary';`],
  ['no-restricted-imports', 'packages/artifacts/src/planted.ts', `import 'node:http';`, `import '@waybill/core';`],
  ['no-restricted-imports', 'packages/publishing/src/planted.ts', `import 'node:https';`, `import '@waybill/core';`],
  ['no-restricted-imports', 'packages/artifacts/src/planted.ts', `import '@nx/devkit';`, `import '@waybill/core';`],
  ['no-restricted-imports', 'packages/bundle/src/planted.ts', `import 'node:child_process';`, `import 'node:path';`],
  [
    'no-restricted-imports',
    'packages/bundle/src/planted.ts',
    `import { x } from '@nx/devkit'; x();`,
    `import type { ExecutorContext } from '@nx/devkit'; export type X = ExecutorContext;`,
  ],
  ['no-restricted-imports', 'packages/core/src/files/planted.ts', `import 'node:child_process';`, `import 'node:fs';`],
  ['no-restricted-imports', 'packages/core/src/files/planted.ts', `import 'cross-spawn';`, `import 'node:fs';`],
  ['no-restricted-imports', 'packages/bundle/src/planted.ts', `import 'nx/src/project-graph/x';`, `import '@waybill/core';`],
  ['no-restricted-imports', 'packages/bundle/src/planted.ts', `import '@waybill/core/src/index';`, `import '@waybill/core';`],
  ['no-restricted-syntax', 'packages/core/src/files/planted.ts', `await import('cross-spawn');`, `await import('node:fs');`],
  ['no-restricted-syntax', 'packages/core/src/planted.ts', `export const o = { shell: true };`, `export const o = { shell: false };`],
  [
    'no-restricted-syntax',
    'packages/core/src/planted.ts',
    `declare function exec(s: string): void; exec('ls');`,
    `declare function run(s: string): void; run('ls');`,
  ],
  ['no-restricted-properties', 'packages/core/src/planted.ts', `process.chdir('/');`, `process.cwd();`],
  ['no-restricted-globals', 'packages/bundle/src/executors/planted/plan.ts', `export const os = process.platform;`, `export const os = 'linux';`],
  [
    'house/no-try-in-executor',
    'packages/bundle/src/executors/planted/apply.ts',
    `declare function f(): void; try { f(); } catch (e) { throw new Error('x', { cause: e }); }`,
    `declare function f(): void; try { f(); } finally { f(); }`,
  ],
  ['house/file-name', 'packages/core/src/utils.ts', `export {};`, undefined],
  ['house/file-name', 'packages/core/src/helpers/read-x.ts', `export {};`, undefined],
  ['house/file-name', 'packages/core/src/readX.ts', `export {};`, undefined],
  ['house/no-assertion-that-cannot-fail', 'packages/core/src/planted.spec.ts', `expect(true).toBe(true);`, `expect(Math.random()).toBe(1);`],
  ['house/no-assertion-that-cannot-fail', 'packages/core/src/planted.spec.ts', `it.skip('x', () => undefined);`, `it('x', () => undefined);`],
  ['no-empty', 'packages/core/src/planted.ts', `try { Math.abs(1); } catch { }`, `try { Math.abs(1); } finally { Math.abs(2); }`],
  ['no-console', 'packages/core/src/planted.ts', `console.log('x');`, `export {};`],
  ['@typescript-eslint/no-explicit-any', 'packages/core/src/planted.ts', `export let x: any;`, `export let x: unknown;`],
  [
    'max-lines',
    'packages/core/src/planted.ts',
    `export {};\n` + `export type A = 1;\n`.repeat(260).replace(/A/g, () => `A${Math.random().toString(36).slice(2)}`),
    `export {};`,
  ],
  [
    'max-lines-per-function',
    'packages/core/src/planted.ts',
    `export function f(): void {\n${'  Math.abs(1);\n'.repeat(60)}}`,
    `export function f(): void {\n  Math.abs(1);\n}`,
  ],
];

let eslint;

before(() => {
  // The boundary rule says nothing without a cached project graph: make one first.
  execFileSync(process.execPath, ['node_modules/nx/dist/bin/nx.js', 'show', 'projects'], {
    cwd: ROOT,
    env: { ...process.env, NX_DAEMON: 'false' },
    stdio: 'pipe',
    timeout: 120_000,
  });
  eslint = new ESLint({ cwd: ROOT });
});

const rulesHit = async (code, file) => {
  const [result] = await eslint.lintText(code, { filePath: `${ROOT}${file}` });
  assert.ok(result, `${file} is linted`);
  return result.messages.filter((message) => message.severity === 2).map((message) => message.ruleId ?? message.message);
};

for (const [rule, file, bad, good] of PLANTED) {
  test(`${rule} in ${file}: ${bad.slice(0, 60).replaceAll('\n', ' ')}`, async () => {
    assert.ok((await rulesHit(bad, file)).includes(rule), `${rule} is red`);
    if (good !== undefined) assert.ok(!(await rulesHit(good, file)).includes(rule), `${rule} is quiet on the right form`);
  });
}
