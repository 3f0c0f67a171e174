/** How the scripts of this repo start programs: argv arrays, a bound in time, output passed through or kept. */
import { spawn } from 'node:child_process';

/**
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: Record<string, string | undefined>, timeoutMs?: number, quiet?: boolean, tee?: boolean}} [options]
 *   `quiet` keeps the output, `tee` keeps it and shows it.
 * @returns {Promise<{exitCode: number | null, output: string, seconds: number}>}
 */
export function runCommand(file, args, { cwd, env, timeoutMs = 600_000, quiet = false, tee = false } = {}) {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const keep = quiet || tee;
    const child = spawn(file, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', keep ? 'pipe' : 'inherit', keep ? 'pipe' : 'inherit'],
    });
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        chunks.push(chunk);
        if (tee) process.stdout.write(chunk);
      });
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new Error(`\`${file}\` could not be started`, { cause: error }));
    });
    child.on('close', (exitCode) => {
      clearTimeout(timer);
      resolve({
        exitCode,
        output: Buffer.concat(chunks).toString('utf8'),
        seconds: (performance.now() - started) / 1000,
      });
    });
  });
}

/** As above, but anything other than exit code 0 is an error that carries the output. */
export async function mustRun(file, args, options) {
  const result = await runCommand(file, args, options);
  if (result.exitCode !== 0) throw new Error(`\`${[file, ...args].join(' ')}\` ended with ${result.exitCode}\n${result.output}`);
  return result;
}

/** Is the command on PATH, and does it start. */
export async function commandWorks(file, args = ['--version']) {
  try {
    return (await runCommand(file, args, { quiet: true, timeoutMs: 30_000 })).exitCode === 0;
  } catch (error) {
    if (error.cause?.code === 'ENOENT' || error.cause?.code === 'EACCES') return false;
    throw error;
  }
}

/**
 * `git …` in a folder, as an author of its own, with nothing signed: whatever the settings of who runs the tests.
 * @param {string} folder
 * @returns {(...args: string[]) => Promise<{output: string}>}
 */
export const gitIn =
  (folder) =>
  (...args) =>
    mustRun(
      'git',
      ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false', '-c', 'tag.gpgsign=false', ...args],
      { quiet: true },
    );
