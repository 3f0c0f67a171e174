/** `long`: what takes longest goes before all that waits, so that it is not alone at the end. */
export type Limit = <T>(work: () => Promise<T>, size?: 'long') => Promise<T>;

/** Runs what it is given, at most `limit` at a time, in the order of arrival but for what is long. */
export function limitConcurrency(limit: number): Limit {
  const waiting: (() => void)[] = [];
  let running = 0;
  const release = (): void => {
    running -= 1;
    waiting.shift()?.();
  };
  return async (work, size) => {
    if (running >= limit) await new Promise<void>((resolve) => (size === 'long' ? waiting.unshift(resolve) : waiting.push(resolve)));
    running += 1;
    try {
      return await work();
    } finally {
      release();
    }
  };
}
