import { chmodSync, lstatSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A fresh folder for every test of the `describe` it is called in, removed after it. `path` is absolute and free of symlinks; it is there
 * only while a test runs.
 */
export function temporaryFolder(): { readonly path: string } {
  const folder = { path: '' };
  beforeEach(() => {
    folder.path = realpathSync(mkdtempSync(join(tmpdir(), 'waybill-test-')));
  });
  afterEach(() => {
    makeRemovable(folder.path);
    rmSync(folder.path, { recursive: true, force: true, maxRetries: 3 });
  });
  return folder;
}

/** Tests take away permissions; folders without them cannot be emptied. */
function makeRemovable(folder: string): void {
  chmodSync(folder, 0o700);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (lstatSync(path).isDirectory()) makeRemovable(path);
  }
}
