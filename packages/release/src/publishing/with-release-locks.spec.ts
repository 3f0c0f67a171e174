import { temporaryFolder } from '@waybill/core/testing';
import type { Destination } from '@waybill/publishing';
import { withReleaseLocks } from './with-release-locks';

const folder = temporaryFolder();
const places = (...identities: readonly string[]): readonly Destination[] => identities.map((identity) => ({ identity }) as Destination);
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What happened, in order: who began and ended, and who had to wait. */
async function runTogether(runs: Readonly<Record<string, readonly Destination[]>>): Promise<{ order: string[]; waited: string[] }> {
  const [order, waited]: [string[], string[]] = [[], []];
  const one = ([name, destinations]: [string, readonly Destination[]]): Promise<void> => {
    const progress = { line: (text: string) => void waited.push(`${name}: ${text}`) } as never;
    return withReleaseLocks({ workspaceRoot: folder.path, timeoutMs: 20_000, progress }, destinations, async () => {
      order.push(`${name} in`);
      await pause(150);
      order.push(`${name} out`);
    });
  };
  await Promise.all(Object.entries(runs).map(one));
  return { order, waited };
}

it('one at a time writes to a place, whatever else each writes to and in which order; the other waits and says for whom', async () => {
  const { order, waited } = await runTogether({ one: places('s3 a', 'github b', 'folder c'), other: places('folder d', 'github b', 's3 a') });
  const [first, second] = order[0] === 'one in' ? ['one', 'other'] : ['other', 'one'];
  expect(order).toEqual([`${first} in`, `${first} out`, `${second} in`, `${second} out`]);
  expect(waited).toEqual([`${second}: waiting for process ${process.pid}, which publishes to the same place`]);
});

it('runs that have no place in common go side by side', async () => {
  const { order, waited } = await runTogether({ one: places('s3 a'), other: places('s3 b') });
  expect(order.slice(0, 2).sort()).toEqual(['one in', 'other in']);
  expect(waited).toEqual([]);
});
