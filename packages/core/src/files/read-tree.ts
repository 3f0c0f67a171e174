import type { TreeItem } from './tree-item';

export async function readTree(_root: string): Promise<TreeItem[]> {
  throw new Error('not yet');
}
