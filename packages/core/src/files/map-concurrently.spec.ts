import { mapConcurrently } from './map-concurrently';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('mapConcurrently', () => {
  it('gives the results in the order of the items', async () => {
    expect(await mapConcurrently([30, 10, 20], 3, async (ms, index) => (await pause(ms), `${index}:${ms}`))).toEqual(['0:30', '1:10', '2:20']);
  });

  it.each([
    [1, 1],
    [3, 3],
    [100, 10],
    [0, 1],
    [-2, 1],
    [Number.NaN, 1],
    [2.7, 2],
  ])('with the limit %d has %d at work at most', async (limit, most) => {
    let working = 0;
    let highest = 0;
    await mapConcurrently(Array.from({ length: 10 }), limit, async () => {
      working += 1;
      highest = Math.max(highest, working);
      await pause(2);
      working -= 1;
    });
    expect(highest).toBe(most);
  });

  it('throws the first error, starts nothing new and waits for what is under way', async () => {
    const ended: number[] = [];
    const run = mapConcurrently([0, 1, 2, 3, 4], 3, async (item) => {
      await pause([40, 5, 20, 0, 0][item]!);
      ended.push(item);
      if (item > 0) throw new Error(`item ${item}`);
    });
    await expect(run).rejects.toThrow('item 1');
    expect(ended).toEqual([1, 2, 0]);
  });

  it('takes work that is not asynchronous, and throws what it throws', async () => {
    expect(await mapConcurrently([1, 2], 2, (item) => item * 2)).toEqual([2, 4]);
    await expect(
      mapConcurrently([1], 1, () => {
        throw undefined;
      }),
    ).rejects.toBeUndefined();
  });

  it('does nothing with nothing', async () => {
    expect(await mapConcurrently([], 4, () => Promise.reject(new Error('never')))).toEqual([]);
  });
});
