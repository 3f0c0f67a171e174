import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkEntry } from './check-entry';

describe('checkEntry', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'waybill-entry-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const place = (path: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  };
  const check = (module: string) => () => checkEntry({ module }, root, join(root, 'stdlib'));

  it.each([
    ['studio', 'python/vendor/studio/__main__.py'],
    ['studio.serve', 'python/vendor/studio/serve.py'],
    ['tool', 'python/app/tool.py'],
    ['http.server', 'stdlib/http/server.py'],
  ])('finds %s as %s', (module, path) => {
    expect(check(module)).toThrow();
    place(path);
    expect(check(module)).not.toThrow();
  });

  it('BUNDLE_ENTRY_MISSING: a package without `__main__` cannot be started', () => {
    place('python/vendor/studio/__init__.py');
    expect(check('studio')).toThrow(expect.objectContaining({ code: 'BUNDLE_ENTRY_MISSING' }));
  });

  it('asks nothing of scripts and native programs', () => {
    expect(() => checkEntry({ script: 'python/app/x.py' }, root, '')).not.toThrow();
    expect(() => checkEntry(undefined, root, '')).not.toThrow();
  });
});
