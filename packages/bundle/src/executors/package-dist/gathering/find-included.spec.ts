import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findIncluded } from './find-included';

describe('include', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'waybill-include-'));
    for (const path of [
      'apps/chat/main.py',
      'apps/chat/assets/a.txt',
      'apps/chat/assets/deep/b.txt',
      'libs/hello/src/hello/__init__.py',
      'libs/hello/src/hello/run',
      'libs/hello/src/hello/__pycache__/x.cpython-311.pyc',
    ]) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), path);
    }
    chmodSync(join(root, 'libs/hello/src/hello/run'), 0o700);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const find = async (...entries: Parameters<typeof findIncluded>[0]) => (await findIncluded(entries, root, 'apps/chat')).items.map(({ to }) => to);

  it.each<[string, Parameters<typeof findIncluded>[0][number], string[]]>([
    ['a file of the project keeps its place in it', 'apps/chat/main.py', ['python/app/main.py']],
    ['a folder of the project keeps its place in it', 'apps/chat/assets', ['python/app/assets/a.txt', 'python/app/assets/deep/b.txt']],
    ['a slash at the end changes nothing', 'apps/chat/assets/', ['python/app/assets/a.txt', 'python/app/assets/deep/b.txt']],
    ['a glob keeps places too', 'apps/chat/**/b.*', ['python/app/assets/deep/b.txt']],
    [
      'a folder from elsewhere comes by its name, without byte code',
      'libs/hello/src/hello',
      ['python/app/hello/__init__.py', 'python/app/hello/run'],
    ],
    [
      'a folder with a place: its content',
      { from: 'libs/hello/src/hello', to: 'python/vendor/hello' },
      ['python/vendor/hello/__init__.py', 'python/vendor/hello/run'],
    ],
    ['a file with a place: its name', { from: 'apps/chat/assets/a.txt', to: 'share/chat' }, ['share/chat/a.txt']],
    [
      'a glob with a place: from its fixed part',
      { from: 'apps/chat/assets/**/*.txt', to: 'share/chat' },
      ['share/chat/a.txt', 'share/chat/deep/b.txt'],
    ],
  ])('%s', async (_what, entry, expected) => {
    expect(await find(entry)).toEqual(expected);
  });

  it('leaves names with a dot in front behind, and says so, unless they are named', async () => {
    for (const path of ['.env', 'deep/.cache/x', 'deep/.npmrc', '.well-known/security.txt']) {
      mkdirSync(dirname(join(root, 'apps/chat/assets', path)), { recursive: true });
      writeFileSync(join(root, 'apps/chat/assets', path), 'SECRET=1');
    }
    expect(await findIncluded(['apps/chat/assets', 'apps/chat/assets/.well-known'], root, 'apps/chat')).toMatchObject({
      items: [{ to: 'python/app/assets/.well-known/security.txt' }, { to: 'python/app/assets/a.txt' }, { to: 'python/app/assets/deep/b.txt' }],
      leftOut: ['apps/chat/assets/.env', 'apps/chat/assets/deep/.cache/x', 'apps/chat/assets/deep/.npmrc'],
    });
    expect(await find('apps/chat/assets/.env')).toEqual(['python/app/assets/.env']);
    expect(await find('apps/chat/**/.npmrc')).toEqual(['python/app/assets/deep/.npmrc']);
    expect(await find('apps/chat/assets/**')).not.toContain('python/app/assets/.env');
  });

  it('gives modes that no umask changes', async () => {
    const { items } = await findIncluded(['libs/hello/src/hello'], root, 'apps/chat');
    expect(items.map(({ mode }) => mode)).toEqual([0o644, 0o755]);
  });

  it('names a file once, whoever names it', async () => {
    expect(await find('apps/chat/main.py', 'apps/chat/*.py')).toEqual(['python/app/main.py']);
  });

  it('carries a link that stays inside', async () => {
    symlinkSync('a.txt', join(root, 'apps/chat/assets/link'));
    const link = (await findIncluded(['apps/chat/assets'], root, 'apps/chat')).items.find(({ kind }) => kind === 'symlink');
    expect(link).toMatchObject({ to: 'python/app/assets/link', linkTarget: 'a.txt' });
  });

  it.each([['../main.py'], ['/etc/hosts'], ['gone.txt']])('BUNDLE_INCLUDE_OUTSIDE: a link to %s', async (target) => {
    symlinkSync(target, join(root, 'apps/chat/assets/link'));
    await expect(find('apps/chat/assets')).rejects.toMatchObject({ code: 'BUNDLE_INCLUDE_OUTSIDE' });
  });

  it.each(['apps/gone', 'apps/**/*.rs'])('BUNDLE_INCLUDE_MISSING: %s fits nothing', async (pattern) => {
    await expect(find(pattern)).rejects.toMatchObject({ code: 'BUNDLE_INCLUDE_MISSING' });
  });

  it('BUNDLE_INCLUDE_CONFLICT: two files for one place, a file for a folder', async () => {
    const file = { from: 'apps/chat/assets/a.txt', to: 'share' };
    await expect(find(file, { from: 'libs/hello/src/hello/run', to: 'share/a.txt' })).rejects.toMatchObject({ code: 'BUNDLE_INCLUDE_CONFLICT' });
    mkdirSync(join(root, 'other'));
    writeFileSync(join(root, 'other/a.txt'), 'other');
    await expect(find(file, { from: 'other/a.txt', to: 'share' })).rejects.toMatchObject({ code: 'BUNDLE_INCLUDE_CONFLICT' });
  });

  it('BUNDLE_INCLUDE_SPECIAL: a pipe', async () => {
    execFileSync('mkfifo', [join(root, 'apps/chat/assets/pipe')]);
    await expect(find('apps/chat/assets')).rejects.toMatchObject({ code: 'BUNDLE_INCLUDE_SPECIAL' });
  });
});
