import { skipUnless } from '@waybill/core/testing';
import { createOciDestination } from '../destinations/oci/create-oci-destination';
import type { Destination, PublishFile } from '../destination';
import { memoryDestination, memoryFile } from '../testing/memory-destination';
import { memoryLedgers, type MemoryLedgers } from '../testing/memory-ledgers';
import { RELEASE, testClient } from '../testing/release-files';
import { hasRegistry, NO_REGISTRY, startRegistry } from '../testing/stand-ins';
import { publishRelease, type Published } from './publish-release';

const SUMS = memoryFile('app-SHA256SUMS', 'sums', 'checksums');
/** As good as any that begins the same way. */
const signature = (text: string): PublishFile => ({
  ...memoryFile('app-SHA256SUMS.sigstore.json', text, 'signature'),
  accepts: async (other) => Buffer.from(other).toString().startsWith('right'),
});

const run = (destinations: readonly Destination[], text: string, ledgers: MemoryLedgers = memoryLedgers()): Promise<Published> =>
  publishRelease(
    {
      ...{ release: RELEASE, destinations, skipped: [], files: [SUMS, signature(text)], body: '', tool: '0.1.0', resume: true },
      ...{ waitMs: 1_000, requestTimeoutMs: 10_000 },
    },
    { ledgers, nowMs: Date.now, sleep: async () => undefined, line: () => undefined },
  );

it('a signature that was made again finds the one that stands there the same, and that one goes to the other places too', async () => {
  const [one, two, three] = [memoryDestination('one'), memoryDestination('two'), memoryDestination('three')];
  const ledgers = memoryLedgers();
  await run([one], 'right, first', ledgers);
  await run([two], 'right, second');
  const { sent, receipt, plan } = await run([one, two, three], 'right, third', ledgers);
  expect(sent).toEqual({ one: [], two: [], three: [SUMS.name, 'app-SHA256SUMS.sigstore.json'] });
  expect(plan.destinations.flatMap(({ rows }) => rows.map(({ state }) => state))).toEqual(['same', 'same', 'same', 'same', 'absent', 'absent']);
  const texts = [one, two, three].map(({ held }) => String(held.get('app-SHA256SUMS.sigstore.json')));
  expect(texts).toEqual(['right, first', 'right, second', 'right, first']);
  expect(receipt.destinations.map(({ files }) => files[1]!.sha256)).toEqual([
    ...[signature('right, first').sha256, signature('right, second').sha256, signature('right, first').sha256],
  ]);
});

it('a place that holds the signature of this run keeps it, whatever stands elsewhere', async () => {
  const [one, two] = [memoryDestination('one'), memoryDestination('two')];
  await run([one], 'right, first');
  await run([two], 'right, second');
  const { sent, receipt } = await run([one, two], 'right, second');
  expect(sent).toEqual({ one: [], two: [] });
  expect(receipt.destinations.map(({ files }) => files[1]!.sha256)).toEqual([signature('right, first').sha256, signature('right, second').sha256]);
});

it('a run that was killed before its signature was sent is taken up with one that was made again', async () => {
  const ledgers = memoryLedgers();
  let killed = false;
  const one = memoryDestination('one', {
    onCall: (what) => {
      if (killed || !what.startsWith('one upload app-SHA256SUMS.sigstore.json')) return;
      killed = true;
      throw new Error('killed');
    },
  });
  await expect(run([one], 'right, first', ledgers)).rejects.toThrow('killed');
  expect((await run([one], 'right, second', ledgers)).sent).toEqual({ one: ['app-SHA256SUMS.sigstore.json'] });
  expect(String(one.held.get('app-SHA256SUMS.sigstore.json'))).toBe('right, second');
});

it('PUBLISH_CONFLICT: other bytes that are no signature of it by that key stay a conflict', async () => {
  const one = memoryDestination('one');
  await run([one], 'wrong key');
  await expect(run([one], 'right')).rejects.toMatchObject({ code: 'PUBLISH_CONFLICT' });
  one.held.set('app-SHA256SUMS.sigstore.json', Buffer.alloc(1024 * 1024 + 1, 'right'));
  await expect(run([one], 'right')).rejects.toMatchObject({ code: 'PUBLISH_CONFLICT' });
  one.held.set('app-SHA256SUMS.sigstore.json', Buffer.from('right, too'));
  one.held.set(SUMS.name, Buffer.from('other sums'));
  await expect(run([one], 'right')).rejects.toMatchObject({ code: 'PUBLISH_CONFLICT', message: expect.stringContaining('1 name') });
});

skipUnless(hasRegistry, NO_REGISTRY)('a registry keeps its tag, and what points at it', async () => {
  const registry = await startRegistry();
  try {
    const place = (): Destination => createOciDestination({ id: 'oci', http: testClient(), repository: `${registry.host}/team/app` });
    const first = await run([place()], 'right, first');
    const again = await run([place()], 'right, second');
    expect([again.sent, again.lines]).toEqual([{ oci: [] }, first.lines]);
  } finally {
    await registry.stop();
  }
});
