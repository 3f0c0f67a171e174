import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformSync } from '@swc/core';

const SOURCES = join(__dirname, '..');
const PACKAGE = join(SOURCES, '..');

/**
 * Core as JavaScript in `folder`, so that a test can run it in real processes of its own: to kill them, to let two of them meet. Gives the
 * path of the index.
 */
export function compileCore(folder: string): string {
  for (const file of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })) {
    if (/\.spec\.ts$|^testing\/|\/testing\//.test(file) || !/\.(ts|json)$/.test(file)) continue;
    const target = join(folder, 'core', file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    const text = readFileSync(join(SOURCES, file), 'utf8');
    writeFileSync(target, file.endsWith('.ts') ? toJavaScript(text) : text);
  }
  symlinkSync(join(PACKAGE, 'node_modules'), join(folder, 'core', 'node_modules'));
  symlinkSync(join(PACKAGE, '../../node_modules'), join(folder, 'node_modules'));
  return join(folder, 'core', 'index.js');
}

const toJavaScript = (text: string): string =>
  transformSync(text, {
    configFile: false,
    swcrc: false,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs', ignoreDynamic: true },
  }).code;
