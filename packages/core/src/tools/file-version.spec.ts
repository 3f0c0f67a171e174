import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, versionResource } from '../testing';
import { createProcesses } from '../processes/create-processes';
import { createTools } from './create-tools';
import { fileVersion } from './file-version';
import { SIGNTOOL } from './known-tools';

const folder = temporaryFolder();
function place(...parts: readonly (string | Buffer)[]): string {
  const path = join(folder.path, 'signtool');
  writeFileSync(path, Buffer.concat(parts.map((part) => Buffer.from(part))), { mode: 0o755 });
  return path;
}
const VERSION = versionResource('10.0.22621.3233');

describe('the version of a program for Windows', () => {
  it('is read out of its resources', () => {
    expect(fileVersion(place('MZ….rsrc', VERSION, 'StringFileInfo'))).toBe('10.0.22621.3233');
  });

  it.each<[string, readonly (string | Buffer)[]]>([
    ['no resources', ['MZ nothing']],
    ['resources that are cut off', ['MZ', VERSION.subarray(0, 14)]],
    ['an empty file', []],
  ])('is unknown: %s', (_, parts) => {
    expect(fileVersion(place(...parts))).toBeUndefined();
  });

  it('is unknown where there is no file', () => {
    expect(fileVersion(join(folder.path, 'none'))).toBeUndefined();
  });

  const resolve = (): Promise<unknown> =>
    createTools({ processes: createProcesses(), environment: { PATH: folder.path }, managedFolder: join(folder.path, 'tools') }).resolve(SIGNTOOL);
  it('decides about signtool, which is not started: one of Windows 8, and what is none, are refused', async () => {
    place('MZ', VERSION);
    expect(await resolve()).toMatchObject({ version: '10.0.22621.3233', source: 'path' });
    place('MZ', versionResource('6.3.9600.17298'));
    await expect(resolve()).rejects.toMatchObject({ code: 'TOOL_VERSION', details: expect.arrayContaining(['actual 6.3.9600.17298']) });
    place('MZ');
    await expect(resolve()).rejects.toMatchObject({ code: 'TOOL_VERSION', details: expect.arrayContaining(['actual no version in its resources']) });
  });
});
