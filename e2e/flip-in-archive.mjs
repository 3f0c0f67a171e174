/** An archive in which one byte is another. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../tools/run-command.mjs';

/** A tar.gz again, entry for entry, with a byte in the middle of the file at `path` flipped. Works in `folder`. @returns {Promise<string>} its path */
export async function flipInArchive(archive, path, folder) {
  const work = mkdtempSync(join(folder, 'flipped-'));
  const [names, output] = [`${work}.names`, `${work}.tar.gz`];
  await mustRun('tar', ['-xzf', archive, '-C', work], { quiet: true });
  writeFileSync(names, (await mustRun('tar', ['-tzf', archive], { quiet: true })).output);
  const bytes = readFileSync(join(work, path));
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(join(work, path), bytes);
  await mustRun('tar', ['-czf', output, '-C', work, '--no-recursion', '-T', names], { quiet: true });
  return output;
}
