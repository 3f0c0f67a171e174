import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { hashBytes } from '@waybill/core';

/**
 * Digest of what a folder holds: of each file its path, size, mode, inode, and when it was changed, which no program can set. Files are not read: a
 * build environment has hundreds.
 */
export const environmentState = (folder: string): string =>
  digestOf(folder, (path) => {
    const { size, mode, ino, ctimeMs } = lstatSync(path);
    return [size, mode, ino, ctimeMs].join(' ');
  });

/** The same of what the files hold. */
export const environmentContent = (folder: string): string =>
  digestOf(folder, (path) => {
    const stats = lstatSync(path);
    return `${stats.mode} ${stats.isSymbolicLink() ? readlinkSync(path) : stats.isFile() ? hashBytes(readFileSync(path)) : ''}`;
  });

function digestOf(folder: string, describe: (path: string) => string): string {
  const lines: string[] = [];
  const folders = [''];
  for (let below = folders.pop(); below !== undefined; below = folders.pop()) {
    for (const entry of readdirSync(`${folder}${below}`, { withFileTypes: true })) {
      const path = `${below}/${entry.name}`;
      if (entry.isDirectory()) folders.push(path);
      lines.push(entry.isDirectory() ? path : `${path} ${describe(`${folder}${path}`)}`);
    }
  }
  return hashBytes(lines.sort().join('\n'));
}
