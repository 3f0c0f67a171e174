import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createProcesses } from '../processes/create-processes';
import { placeProgram, temporaryFolder } from '../testing';
import { createTools } from './create-tools';
import { installedVersion } from './installed-version';
import { isOffline } from './is-offline';
import { CIBUILDWHEEL } from './known-tools';

const folder = temporaryFolder();

/** As pip leaves an application: it does not know `--version`. */
function install(): string {
  for (const name of ['cibuildwheel-4.2.0', 'build_more-9', 'build-1.6.1']) {
    mkdirSync(join(folder.path, `app/lib/python3.12/site-packages/${name}.dist-info`), { recursive: true });
  }
  const program = placeProgram(join(folder.path, 'app/bin'), 'cibuildwheel', '#!/bin/sh\necho "error: unrecognized arguments: $1" >&2\nexit 2\n');
  mkdirSync(join(folder.path, 'path'));
  symlinkSync(program, join(folder.path, 'path/cibuildwheel'));
  return program;
}

describe('the version of an application of Python', () => {
  it('is that of the distribution beside its program, behind links as well', () => {
    const program = install();
    const through = join(folder.path, 'path/cibuildwheel');
    expect([installedVersion(program, 'cibuildwheel'), installedVersion(through, 'cibuildwheel')]).toEqual(['4.2.0', '4.2.0']);
    expect([installedVersion(program, 'build'), installedVersion(program, 'maturin')]).toEqual(['1.6.1', undefined]);
    expect(installedVersion(join(folder.path, 'nowhere/x'), 'build')).toBeUndefined();
  });

  it('is taken where the application does not tell it: cibuildwheel', async () => {
    install();
    const tools = createTools({ processes: createProcesses(), environment: { PATH: join(folder.path, 'path') }, managedFolder: folder.path });
    expect(await tools.resolve(CIBUILDWHEEL)).toMatchObject({ version: '4.2.0', source: 'path' });
  });

  it('is that of the program behind a shim of pyenv', async () => {
    const version = join(folder.path, 'pyenv/versions/3.12.1');
    mkdirSync(join(version, 'lib/python3.12/site-packages/cibuildwheel-4.2.0.dist-info'), { recursive: true });
    const program = placeProgram(join(version, 'bin'), 'cibuildwheel', '#!/bin/sh\nexit 2\n');
    placeProgram(join(folder.path, 'pyenv/shims'), 'cibuildwheel', '#!/bin/sh\nexit 127\n');
    const environment = { PATH: join(folder.path, 'pyenv/shims'), PYENV_VERSION: '3.12' };
    const tools = createTools({ processes: createProcesses(), environment, managedFolder: folder.path });
    expect(await tools.resolve(CIBUILDWHEEL)).toMatchObject({ version: '4.2.0', source: 'path', path: program });
  });
});

it.each([
  [undefined, false],
  ['', false],
  ['0', false],
  ['False', false],
  ['no', false],
  ['1', true],
  ['true', true],
  ['YES', true],
  ['on', true],
  ['y', true],
])('WAYBILL_OFFLINE=%s closes the network: %s', (value, closed) => {
  expect(isOffline({ ...(value !== undefined && { WAYBILL_OFFLINE: value }) })).toBe(closed);
});
