export interface CopyItem {
  /** Absolute. */
  from: string;
  /** Relative to the root, `/` separated. */
  to: string;
  /** Permission bits; those of `from` when absent. */
  mode?: number;
}

export async function copyTreeItems(_root: string, _items: readonly CopyItem[], _concurrency = 8): Promise<void> {
  throw new Error('not yet');
}
