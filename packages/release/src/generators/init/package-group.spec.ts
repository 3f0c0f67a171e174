import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT_PACKAGES } from '@waybill/plugin-kit/generators';

const ROOT = join(__dirname, '../../..');
const read = (path: string): Record<string, unknown> => JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as Record<string, unknown>;
const {
  name,
  files,
  'nx-migrations': migrations,
} = read('package.json') as {
  name: string;
  files: string[];
  'nx-migrations': { migrations: string; packageGroup: string[] };
};

it('moves with `nx migrate` all packages that `init` puts into the root', () => {
  expect([name, ...migrations.packageGroup].sort()).toEqual([...ROOT_PACKAGES].sort());
});

it('ships the migrations that it names, each with its code', () => {
  expect(files).toContain('migrations.json');
  const { generators } = read(migrations.migrations) as { generators: Record<string, { version: string; implementation: string }> };
  const broken = Object.values(generators).filter(
    ({ implementation }) => !existsSync(join(ROOT, implementation.replace('/dist/', '/src/').replace(/(\.js)?$/, '.ts'))),
  );
  expect(broken).toEqual([]);
});
