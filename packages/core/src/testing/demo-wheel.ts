import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeArchive } from '../archives/writing/write-archive';
import { toolPlatform } from '../tools/tool-platform';
import type { ToolDescriptor } from '../tools/tool-descriptor';
import type { ToolLock } from '../tools/tool-lock';

const digest = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');

export const DEMO: ToolDescriptor = {
  id: 'demo',
  environmentVariable: 'WAYBILL_DEMO',
  versionArgs: ['--version'],
  parseVersion: (output) => /^demo (\d+(?:\.\d+)+)/m.exec(output)?.[1],
  minimum: '1.0',
  refused: [{ version: '1.5', reason: 'it breaks things' }],
  managed: 'waybill-demo',
  install: 'pip install waybill-demo==2.0',
};

/** A tool that is a script: it answers its version, and says so when it ran. */
export const demoScript = (version: string): string => `#!/bin/sh\necho "demo ${version}"\n`;

export interface DemoWheel {
  /** Folder with the wheel, as `--find-links` takes it. */
  wheelhouse: string;
  path: string;
  lock: ToolLock;
}

/** A wheel that carries the demo tool 2.0, and the lock that pins it for this machine. */
export async function makeDemoWheel(folder: string, script = demoScript('2.0')): Promise<DemoWheel> {
  const wheelhouse = join(folder, 'wheelhouse');
  mkdirSync(wheelhouse, { recursive: true });
  const info = 'waybill_demo-2.0.dist-info';
  const executable = 'waybill_demo-2.0.data/scripts/demo';
  const files: Record<string, string> = {
    [executable]: script,
    [`${info}/METADATA`]: 'Metadata-Version: 2.1\nName: waybill-demo\nVersion: 2.0\n',
    [`${info}/RECORD`]: '',
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  };
  const file = 'waybill_demo-2.0-py3-none-any.whl';
  const path = join(wheelhouse, file);
  const entries = Object.entries(files).map(([name, text]) => ({
    kind: 'file' as const,
    path: name,
    mode: name === executable ? 0o755 : 0o644,
    size: Buffer.byteLength(text),
    async *open() {
      yield Buffer.from(text);
    },
  }));
  await writeArchive({ format: 'zip', entries, output: path, mtimeSeconds: 1_580_601_600 });
  const wheel = { file, sha256: digest(readFileSync(path)), executable, executableSha256: digest(script) };
  return { wheelhouse, path, lock: { 'waybill-demo': { version: '2.0', wheels: { [toolPlatform()]: wheel } } } };
}

/** Writes a program into a folder that can stand on PATH. */
export function placeProgram(folder: string, name: string, text: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

/**
 * A stand-in for Python with pip, in milliseconds: answers what is asked of it, and for `download … -d FOLDER …` copies the wheel, whatever
 * its digest. Each download adds a line to `log`.
 */
export const standInPython = (wheel: string, log: string): string => `#!/bin/sh
if [ "$1" = -c ]; then echo '{"version":"3.11","pip":true,"wheel":null}'; exit 0; fi
while [ "$1" != -d ]; do shift; done
echo download >> '${log}'
exec /bin/cp '${wheel}' "$2"/
`;
