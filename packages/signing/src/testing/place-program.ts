import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A program of that name and text in a new folder below `folder`, for PATH; gives the folder. */
export function placeProgram(folder: string, name: string, text: string | Uint8Array): string {
  const bin = mkdtempSync(join(folder, 'bin-'));
  writeFileSync(join(bin, name), text);
  chmodSync(join(bin, name), 0o755);
  return bin;
}
