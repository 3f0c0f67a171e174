import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StageContext } from '@waybill/plugin-kit';
import type { PackageDistOptions } from '../options';
import type { RuntimeSource } from '../package-facts';
import { leakTokens } from './leak-tokens';

describe('leakTokens', () => {
  const tokens = (workspaceRoot: string, environment: Record<string, string>, leakOrigins: string[] = []) =>
    leakTokens(
      { workspaceRoot, environment } as unknown as StageContext<PackageDistOptions>,
      { from: 'machine', facts: { leakOrigins } } as unknown as RuntimeSource,
      ['/stage'],
    ).map(({ id, path }) => `${id} ${path}`);

  it('names runtime, workspace, cargo, home and stage', () => {
    expect(tokens('/work/space', { HOME: '/home/me' }, ['/opt/python/3.11'])).toEqual([
      'runtime-origin /opt/python/3.11',
      'workspace /work/space',
      'cargo-home /home/me/.cargo',
      'home /home/me',
      'temporary /stage',
    ]);
  });

  it('takes the cargo home that is set, and names that are given twice once', () => {
    expect(tokens('/work', { HOME: '/work', CARGO_HOME: '/cargo/' })).toEqual(['home /work', 'cargo-home /cargo', 'temporary /stage']);
  });

  it('leaves generic folders out', () => {
    expect(tokens('/work', { HOME: '/' }, ['/usr', '/usr/local'])).toEqual(['workspace /work', 'cargo-home /.cargo', 'temporary /stage']);
  });

  it('names a folder behind a link too', () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'waybill-leaks-')));
    mkdirSync(join(folder, 'real'));
    symlinkSync('real', join(folder, 'link'));
    expect(tokens(join(folder, 'link'), {})).toEqual([`workspace ${folder}/link`, `workspace ${folder}/real`, 'temporary /stage']);
    rmSync(folder, { recursive: true });
  });
});
