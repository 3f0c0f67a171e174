type Settled<R> = { value: R } | { error: unknown };

/**
 * Calls `work` for what the source yields, up to `limit` at a time and ahead of the consumer, and yields the results in the source's order.
 * When it ends early (an error, or a consumer that stops) it waits for what is under way, so that nothing goes on behind the caller's back.
 */
export async function* mapInOrder<T, R>(source: AsyncIterable<T>, limit: number, work: (item: T) => Promise<R>): AsyncGenerator<R> {
  const underWay: Promise<Settled<R>>[] = [];
  try {
    for await (const item of source) {
      underWay.push(settle(work(item)));
      if (underWay.length >= limit) yield unwrap(await underWay.shift()!);
    }
    while (underWay.length > 0) yield unwrap(await underWay.shift()!);
  } finally {
    await Promise.all(underWay);
  }
}

/** A failure is kept until its turn: a rejected promise that nobody awaits yet would end the process. */
const settle = <R>(work: Promise<R>): Promise<Settled<R>> =>
  work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );

function unwrap<R>(settled: Settled<R>): R {
  if ('error' in settled) throw settled.error;
  return settled.value;
}
