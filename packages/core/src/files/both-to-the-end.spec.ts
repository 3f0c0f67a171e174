import { setTimeout as delay } from 'node:timers/promises';
import { bothToTheEnd } from './both-to-the-end';

it('gives both results in their order', async () => {
  expect(
    await bothToTheEnd(
      delay(5).then(() => 1),
      Promise.resolve('two'),
    ),
  ).toEqual([1, 'two']);
});

it('throws a failure only when the other has ended too', async () => {
  let ended = false;
  const slow = delay(20).then(() => (ended = true));
  await expect(bothToTheEnd(Promise.reject(new Error('first')), slow)).rejects.toThrow('first');
  expect(ended).toBe(true);
});
