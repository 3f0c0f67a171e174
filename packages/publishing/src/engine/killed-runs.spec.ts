import { seededRandom } from '@waybill/core/testing';
import { renderReceiptJson } from '../receipt/receipt';
import { memoryDestination, memoryFile, type MemoryDestination } from '../testing/memory-destination';
import { memoryLedgers, type MemoryLedgers } from '../testing/memory-ledgers';
import { publishRelease, type Published } from './publish-release';

const SERIES = process.env['WAYBILL_TEST_FULL'] === '1' ? 200 : 20;
const FILES = ['a.whl', 'b.whl', 'app.tar.gz', 'app-SHA256SUMS', 'app-SHA256SUMS.asc'].map((name) => memoryFile(name, `bytes of ${name}`));
const RELEASE = { project: 'app', name: 'app', version: '1.0', channel: 'stable' as const, tag: 'v1.0', sourceDateEpoch: 0 };

class Killed extends Error {}

function run(destinations: readonly MemoryDestination[], ledgers: MemoryLedgers): Promise<Published> {
  let nowMs = 0;
  const sleep = async (milliseconds: number): Promise<void> => void (nowMs += milliseconds);
  const request = {
    release: RELEASE,
    destinations,
    skipped: [],
    files: FILES,
    body: '',
    tool: '0.1.0',
    resume: true,
    waitMs: 1,
    requestTimeoutMs: 1,
  };
  return publishRelease(request, { ledgers, nowMs: () => nowMs, sleep, line: () => undefined });
}

/** What everybody sees, and how often a file arrived. */
const endOf = (destinations: readonly MemoryDestination[]): unknown =>
  destinations.map(({ id, held, stored, pointer }) => ({ id, held: [...held.keys()].sort(), stored: [...stored].sort(), pointer }));

/** Index, bucket and folder; `hit` is called at each look, upload, answer and pointer. */
const places = (hit: () => void): readonly MemoryDestination[] => [
  memoryDestination('bucket', { onCall: hit }),
  memoryDestination('index', { onCall: hit, type: 'index' }),
  Object.assign(memoryDestination('folder', { onCall: hit }), { remote: false }),
];

it(`${SERIES} releases, each killed at random points again and again, with ledgers kept, torn or lost, all end the same`, async () => {
  let calls = 0;
  const whole = places(() => void (calls += 1));
  const { receipt } = await run(
    whole,
    memoryLedgers(() => void (calls += 1)),
  );
  expect(calls).toBeGreaterThan(60);
  let kills = 0;
  for (let seed = 1; seed <= SERIES; seed += 1) {
    const next = seededRandom(seed);
    let left = Infinity;
    const hit = (): void => {
      left -= 1;
      // a process that is gone does nothing more, in no lane
      if (left <= 0) throw new Killed(`seed ${seed}`);
    };
    const destinations = places(hit);
    let ledgers = memoryLedgers(hit);
    let end: Published | undefined;
    for (let turn = 0; end === undefined; turn += 1) {
      left = turn < 4 ? 1 + Math.floor(next() * calls) : Infinity;
      end = await run(destinations, ledgers).catch((cause: unknown) => {
        if (cause instanceof Killed) return undefined;
        throw cause;
      });
      if (end !== undefined) continue;
      kills += 1;
      const before = ledgers;
      ledgers = memoryLedgers(hit);
      const torn = next() < 0.5 ? '{"record":"don' : '';
      if (next() < 0.7) for (const [id, text] of before.texts) ledgers.texts.set(id, `${text}${torn}`);
    }
    expect({ seed, end: endOf(destinations), receipt: renderReceiptJson(end.receipt) }).toEqual({
      ...{ seed, end: endOf(whole), receipt: renderReceiptJson(receipt) },
    });
  }
  expect(kills).toBeGreaterThan(SERIES);
});
