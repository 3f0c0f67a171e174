import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import { parseRecord } from './parse-record';

const GUIDE = readFileSync(join(__dirname, '../../../../docs/guides/archives-of-others.md'), 'utf8');
const folder = temporaryFolder();

/** The script of the guide, run as the guide runs it, on files of other tools. @returns text of the record */
function record(files: readonly string[], platform: string): string {
  const [, script] = /^```js\n([\s\S]*?)^```$/m.exec(GUIDE)!;
  mkdirSync(join(folder.path, 'tools'), { recursive: true });
  writeFileSync(join(folder.path, 'tools/record.mjs'), script!);
  for (const file of files) writeFileSync(join(folder.path, file), `bytes of ${file}`);
  const args = ['tools/record.mjs', 'dist/apps/app/package-macos', 'app', '1.2.0', platform, ...files];
  const run = spawnSync(process.execPath, args, { cwd: folder.path, encoding: 'utf8' });
  expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: '' });
  return readFileSync(join(folder.path, 'dist/apps/app/package-macos/artifacts.json'), 'utf8');
}

it('the script of the guide writes a record that targets take', () => {
  const { artifacts, ...head } = parseRecord(record(['app.tar.gz', 'app.dmg', 'app.exe'], 'macos-aarch64'));
  expect(head).toMatchObject({ project: 'app', target: 'package-macos', stage: 'package', version: '1.2.0' });
  expect(artifacts.map(({ name, kind, platform, ships }) => [name, kind, platform, ships])).toEqual([
    ['app.dmg', 'dmg', 'macos-aarch64', true],
    ['app.exe', 'installer', 'macos-aarch64', true],
    ['app.tar.gz', 'bundle-archive', 'macos-aarch64', true],
  ]);
  for (const { path, size, sha256 } of artifacts) {
    const bytes = readFileSync(join(folder.path, 'dist/apps/app/package-macos', path));
    expect([size, sha256]).toEqual([bytes.length, createHash('sha256').update(bytes).digest('hex')]);
  }
});

it('a platform that no release knows is refused by name (`RECORD_FIELD`)', () => {
  expect(() => parseRecord(record(['app.zip'], 'win64'))).toThrow(/platform/);
});
