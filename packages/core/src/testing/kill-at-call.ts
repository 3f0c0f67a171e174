import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileCore } from './compile-core';

/** How a killed run ended. */
export interface KilledRun {
  /** False when it came to its end before the call at which it would have been killed. */
  killed: boolean;
  stdout: string;
  stderr: string;
}

/**
 * Makes something that runs `code` in a real process of its own, with core as `core`, and kills that process with SIGKILL right before or
 * right after its n-th call into `node:fs/promises`: `code` is the body of an async function.
 */
export function killAtCall(folder: string, code: string): (call: number, when: 'before' | 'after') => KilledRun {
  const script = join(folder, 'killed.cjs');
  writeFileSync(script, scriptText(compileCore(folder), code));
  return (call, when) => {
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [script, String(call), when], { encoding: 'utf8' });
    if (status !== 0 && signal !== 'SIGKILL') throw new Error(`the run failed: ${stderr}`);
    return { killed: signal === 'SIGKILL', stdout, stderr };
  };
}

const scriptText = (core: string, code: string): string => `
const promises = require('node:fs/promises');
const [call, when] = [Number(process.argv[2]), process.argv[3]];
let calls = 0;
const die = () => process.kill(process.pid, 'SIGKILL');
for (const name of ['mkdir', 'open', 'writeFile', 'link', 'rename', 'rm', 'chmod', 'readFile', 'readdir', 'copyFile', 'symlink', 'lstat']) {
  const original = promises[name];
  promises[name] = async (...args) => {
    calls += 1;
    const mine = calls === call;
    if (mine && when === 'before') die();
    const result = await original(...args);
    if (mine && when === 'after') die();
    return result;
  };
}
const core = require(${JSON.stringify(core)});
(async () => { ${code} })().catch((error) => { console.error(error); process.exitCode = 1; });
`;
