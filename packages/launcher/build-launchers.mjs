/**
 * Builds all eight native launchers into `assets/`, which the package ships (`nx run launcher:build-launchers`). Needs `npm run build`.
 * zig comes from WAYBILL_ZIG, PATH or the managed tool folder, where it is provisioned at need.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import core from '@waybill/core';
import { buildLaunchers } from './dist/index.js';

const folder = fileURLToPath(new URL('assets', import.meta.url));
const { createProcesses, createTools, cleanEnvironment, withFileLock, ZIG } = core;
const processes = createProcesses();
const tools = createTools({ processes, environment: process.env });

rmSync(folder, { recursive: true, force: true });
const files = await buildLaunchers(folder, {
  zig: () => tools.resolve(ZIG),
  zigVersion: () => tools.versionOf(ZIG),
  processes,
  withFileLock,
  environment: cleanEnvironment(process.env, []),
  cacheFolder: process.env.WAYBILL_LAUNCHER_CACHE ?? join(folder, '..', '..', '..', 'node_modules', '.cache', 'waybill-launcher'),
});
console.log(files.join('\n'));
