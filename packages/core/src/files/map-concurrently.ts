/**
 * Calls `work` for every item, at most `limit` at a time, and gives the results in the items' order. The first error wins: nothing new is
 * started after it, and it is thrown when what was under way has ended, so that nothing goes on behind the caller's back.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<Result> | Result,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const failures: unknown[] = [];
  let next = 0;
  const runner = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const index = next;
      next += 1;
      try {
        results[index] = await work(items[index]!, index);
      } catch (cause) {
        failures.push(cause);
      }
    }
  };
  const runners = Math.max(1, Math.min(Math.floor(limit) || 1, items.length));
  await Promise.all(Array.from({ length: runners }, runner));
  if (failures.length > 0) throw failures[0];
  return results;
}
