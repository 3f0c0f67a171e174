/** Copies what tsc leaves behind (data files beside the sources) from packages/<name>/src to dist. */
import { cpSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const DATA = /\.(json|py|pth|sh|c|h|txt|wasm)$/;

const walk = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });

for (const name of readdirSync(join(ROOT, 'packages'))) {
  const source = join(ROOT, 'packages', name, 'src');
  if (!statSync(source, { throwIfNoEntry: false })) continue;
  for (const file of walk(source).filter((path) => DATA.test(path) && !path.includes(`${'/'}testing/`))) {
    const target = join(ROOT, 'packages', name, 'dist', relative(source, file));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(file, target);
  }
}
