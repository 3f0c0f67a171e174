import type { Finding, Processes } from '@waybill/core';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { bundleErrors } from '../../../errors/bundle-errors';
import { PYTHON_APP } from '../options';
import { VENDOR } from './bundle-places';

/** More workers than this do not help: the files are small. */
const MAX_WORKERS = 8;
/** `compileall` ends with 1 when a file has an error in it and with more when it could not run. */
const SOME_FAILED = 1;

export interface CompileRequest {
  /** Absolute. */
  root: string;
  /** In the bundle. */
  python: string;
  stdlib: string;
  /** Holds the start hook, which came after the runtime was compiled. In the bundle. */
  sitePackages: string;
  processes: Processes;
  environment: Readonly<Record<string, string>>;
  timeoutMs: number;
}

/**
 * Compiles wheels and the application's own modules to unchecked-hash byte code with relative file names (traps T14, T15, T30). A
 * module that cannot be compiled (a template, code for another Python) is as it was in its wheel: told, not refused.
 */
export async function compileModules(request: CompileRequest): Promise<Finding[]> {
  const { root, environment } = request;
  const folders = [request.sitePackages, VENDOR, PYTHON_APP].filter((folder) => existsSync(join(root, folder)));
  if (folders.length === 0) return [];
  const { PATH = '/usr/bin:/bin', TMPDIR } = environment;
  const result = await request.processes.run({
    file: join(root, request.python),
    args: [
      '-B', '-S', '-s', join(root, request.stdlib, 'compileall.py'), '-f', '-q', '-j', String(Math.min(MAX_WORKERS, availableParallelism())),
      '--invalidation-mode', 'unchecked-hash', '-s', root, ...folders.map((folder) => join(root, folder)),
    ],
    cwd: root,
    env: { PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC', PYTHONHASHSEED: '0', ...(TMPDIR === undefined ? {} : { TMPDIR }) },
    timeoutMs: request.timeoutMs,
  });
  const output = (result.stdout + result.stderr).replaceAll(`${root}/`, '');
  const failed = [...output.matchAll(/^\*\*\* (?:Error compiling|Sorry:) '?([^'\n]+?)'?(?:\.\.\.)?$/gm)].map(([, path]) => path!);
  if (result.exitCode !== 0 && (result.exitCode !== SOME_FAILED || failed.length === 0)) {
    throw bundleErrors.error('BUNDLE_BYTECODE', { exitCode: result.exitCode, output: output.trim().slice(-4000) });
  }
  return failed.sort().map((path) => ({
    check: 'bytecode',
    level: 'info',
    path,
    message: 'cannot be compiled by the Python of the bundle, and ships as source only',
  }));
}
