/**
 * Faults as they happen in real bundles, planted into a copy of a good one with real tools. Each names the check that must turn red; where
 * several are named, they see it rightly, and any of them counts.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../tools/run-command.mjs';

export const RUNTIME = 'python/runtime';
export const python = (bundle) => readdirSync(join(bundle, RUNTIME, 'bin')).find((name) => /^python3\.\d+$/.test(name));
export const stdlib = (bundle) => join(bundle, RUNTIME, 'lib', python(bundle));
export const dynload = (bundle, stem) => {
  const folder = join(stdlib(bundle), 'lib-dynload');
  return join(
    folder,
    readdirSync(folder).find((name) => name.startsWith(`${stem}.`)),
  );
};
const libpython = (bundle) =>
  join(
    bundle,
    RUNTIME,
    'lib',
    readdirSync(join(bundle, RUNTIME, 'lib')).find((name) => /^libpython3\.\d+\.so\.1\.0$/.test(name)),
  );
export const patchByte = (file, offset, byte) => {
  const bytes = readFileSync(file);
  bytes[offset] = byte;
  writeFileSync(file, bytes);
};
export const distInfo = (bundle) =>
  join(
    bundle,
    'python/vendor',
    readdirSync(join(bundle, 'python/vendor')).find((name) => name.endsWith('.dist-info')),
  );

/** @typedef {(bundle: string, world: {patchelf: string, program: string, hidden: string}) => unknown} Plant */

/** Planted one by one. `whole`: all checks run, and none may stumble over it. @type {{name: string, checks: string[], whole?: true, plant: Plant}[]} */
export const PLANTED_FAULTS = [
  {
    name: 'program without search path',
    checks: ['needed-libraries', 'identity', 'loader'],
    plant: (b, { patchelf, program }) => mustRun(patchelf, ['--remove-rpath', join(b, program)]),
  },
  {
    name: 'program with RUNPATH instead of RPATH',
    checks: ['loader', 'hostile-environment'],
    plant: (b, { patchelf, program }) => mustRun(patchelf, ['--set-rpath', '$ORIGIN/../python/runtime/lib:$ORIGIN/../lib', join(b, program)]),
  },
  { name: 'libpython missing', whole: true, checks: ['needed-libraries'], plant: (b) => rmSync(libpython(b)) },
  {
    name: 'truncated extension module',
    whole: true,
    checks: ['binary-format'],
    plant: (b) => truncateSync(dynload(b, '_json'), 2000),
  },
  {
    name: 'extension module of another machine',
    whole: true,
    checks: ['binary-format'],
    plant: (b) => patchByte(dynload(b, '_json'), 18, 183),
  },
  { name: 'FIFO', whole: true, checks: ['tree-entries'], plant: (b) => mustRun('mkfifo', [join(b, 'share/fifo')]) },
  {
    name: 'launcher that prints a fixed answer',
    whole: true,
    checks: ['identity', 'file-trace', 'launcher'],
    plant: fakeLauncher,
  },
  {
    name: 'standard library module missing',
    whole: true,
    checks: ['imports', 'moved-copy', 'python-metadata', 'tree-entries', 'bytecode'],
    plant: (b) => rmSync(join(stdlib(b), 'json'), { recursive: true }),
  },
];

function fakeLauncher(bundle) {
  const name = readdirSync(bundle, { withFileTypes: true }).find((entry) => entry.isFile()).name;
  const answer = '{"version":"3.11.7","prefix":"/x","executable":"/x/python","libpython":null,"imports":{}}';
  rmSync(join(bundle, name));
  writeFileSync(join(bundle, name), `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 });
  if (!existsSync(join(bundle, 'share'))) mkdirSync(join(bundle, 'share'));
}
