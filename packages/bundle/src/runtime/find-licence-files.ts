import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const filesIn = (folder: string): string[] =>
  existsSync(folder) && statSync(folder).isDirectory()
    ? readdirSync(folder)
        .filter((name) => statSync(join(folder, name)).isFile())
        .sort()
        .map((name) => join(folder, name))
    : [];

/**
 * Licence texts of a runtime: `LICENSE.txt` beside `os.py`, `LICENSE*` in the home, the folder `licenses` of
 * python-build-standalone's full archives (beside `install`), Debian's `copyright`. Absolute paths, sorted, each once.
 */
export function findLicenceFiles(stdlib: string, home: string, series: string): string[] {
  const named = [join(stdlib, 'LICENSE.txt'), join(stdlib, 'LICENSE'), join(home, 'LICENSE'), join(home, 'LICENSE.txt')];
  const folders = [join(home, 'licenses'), join(home, '..', 'licenses'), join(home, 'share', 'licenses', `python${series}`)];
  const debian = ['libpython', 'python'].map((stem) => join(home, 'share', 'doc', `${stem}${series}-minimal`, 'copyright'));
  const found = [...named, ...debian].filter((file) => existsSync(file) && statSync(file).isFile());
  return [...new Set([...found, ...folders.flatMap(filesIn)])].sort();
}
