import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PreparedRuntime } from '../../../runtime';
import { hostPython, realWorld } from '../../../testing/real-world';
import { compileModules } from './compile-modules';

describe('compileModules', () => {
  it('compiles packages, the application and the start hook, and tells what cannot be', async () => {
    const world = realWorld();
    const root = mkdtempSync(join(tmpdir(), 'waybill-compile-'));
    const files = ['python/vendor/pkg/__init__.py', 'python/vendor/pkg/template.py', 'python/app/tests/main.py', 'site/hook.py'];
    for (const path of files) {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), path.includes('template') ? 'def {{ name }}():\n' : 'def place():\n    return 1\n');
    }
    symlinkSync(hostPython().executable, join(root, 'python3'));
    const prepared = { python: 'python3', sitePackages: 'site' } as PreparedRuntime;
    const findings = await compileModules(root, prepared, { ...world, environment: world.environment });
    expect(findings).toEqual([{ check: 'bytecode', level: 'info', path: 'python/vendor/pkg/template.py', message: expect.any(String) as string }]);
    const tag = execFileSync(join(root, 'python3'), ['-I', '-c', 'import sys; print(sys.implementation.cache_tag)'], { encoding: 'utf8' }).trim();
    for (const path of ['python/vendor/pkg/__pycache__/__init__', 'python/app/tests/__pycache__/main', 'site/__pycache__/hook'])
      expect(existsSync(join(root, `${path}.${tag}.pyc`))).toBe(true);
    rmSync(root, { recursive: true });
  });
});
