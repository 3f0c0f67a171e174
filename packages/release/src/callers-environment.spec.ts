import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCallersEnvironment } from './callers-environment';

describe('isCallersEnvironment', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'waybill-callers-'));
    mkdirSync(join(root, 'node_modules/nx'), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it.each([
    ['22.7.12', { NX_DAEMON_PROCESS: 'true' }, false],
    ['22.7.12', {}, true],
    ['23.0.2', { NX_DAEMON_PROCESS: 'true' }, true],
    ['24.0.6', { NX_DAEMON_PROCESS: 'true' }, true],
  ])('nx %s with %p: %p', (version, environment, expected) => {
    writeFileSync(join(root, 'node_modules/nx/package.json'), JSON.stringify({ name: 'nx', version }));
    expect(isCallersEnvironment(root, environment)).toBe(expected);
  });
});
