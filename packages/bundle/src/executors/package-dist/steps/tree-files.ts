import { readTree } from '@waybill/core';

/** Files of a tree with their sizes in bytes. */
export async function readTreeFiles(root: string): Promise<{ path: string; size: number }[]> {
  return (await readTree(root)).filter(({ kind }) => kind === 'file').map(({ path, size }) => ({ path, size }));
}
