import { setTimeout as wait } from 'node:timers/promises';
import { mapInOrder } from './map-in-order';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let n = 0; n < count; n += 1) yield n;
}

describe('mapInOrder', () => {
  it('keeps the order, works ahead, and never more than allowed', async () => {
    let now = 0;
    let most = 0;
    const work = async (n: number): Promise<number> => {
      most = Math.max(most, (now += 1));
      await wait(n % 3);
      now -= 1;
      return n * 2;
    };
    const results: number[] = [];
    for await (const result of mapInOrder(numbers(20), 3, work)) results.push(result);
    expect(results).toEqual(Array.from({ length: 20 }, (_, n) => n * 2));
    expect(most).toBe(3);
  });

  it('throws a failure at its turn, when nothing is under way any more', async () => {
    let started = 0;
    let ended = 0;
    const work = async (n: number): Promise<number> => {
      started += 1;
      if (n === 1) throw new Error('second');
      await wait(5);
      ended += 1;
      return n;
    };
    const results: number[] = [];
    const run = async (): Promise<void> => {
      for await (const result of mapInOrder(numbers(10), 4, work)) results.push(result);
    };
    await expect(run()).rejects.toThrow('second');
    expect(results).toEqual([0]);
    expect(ended).toBe(started - 1);
  });
});
