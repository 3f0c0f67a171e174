import { Secret } from '@waybill/core';
import type { Destination, PublishFile } from '../../destination';
import { PROGRESS, publishFile, RELEASE, sha256Of, testClient } from '../../testing/release-files';
import { startFaultProxy, startS3, type Fault, type FaultProxy, type S3StandIn } from '../../testing/stand-ins';
import { cutParts } from './cut-parts';
import { createS3Destination } from './create-s3-destination';

describe('large files in parts, over a bad line', () => {
  let store: S3StandIn;
  let proxy: FaultProxy;
  beforeEach(async () => {
    store = await startS3({ minPartBytes: 1_000 });
    proxy = await startFaultProxy(store.url);
  });
  afterEach(async () => {
    await proxy.stop();
    await store.stop();
  });

  const paused: number[] = [];
  const destination = (): Destination =>
    createS3Destination({
      ...{ id: 'bucket', http: testClient(), bucket: store.bucket, endpoint: proxy.url, parts: { fromBytes: 5_000, partBytes: 2_000 } },
      pause: async (milliseconds) => void paused.push(milliseconds),
      ...{ accessKeyId: new Secret(store.accessKeyId), secretAccessKey: new Secret(store.secretAccessKey) },
    });
  const bytes = Buffer.from(Array.from({ length: 9_001 }, (_, index) => index % 251));
  const large = publishFile('large.tar.gz', bytes);
  const small = publishFile('small.tar.gz', 'small');
  const KEY = 'pychat/1.2.0/large.tar.gz';

  /** As the engine does it: an uncertain answer, or none, is decided by looking. */
  const sendUntilStored = async (file: PublishFile): Promise<number> => {
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      const outcome = await destination()
        .upload(RELEASE, file, PROGRESS)
        .catch((error: { code: string }) => {
          if (error.code !== 'NETWORK_FAILED') throw error;
          return { outcome: 'uncertain' };
        });
      const [there] = await destination().inspect(RELEASE, [file]);
      expect(there!.state).not.toBe('conflict');
      if (there!.state === 'same') return attempt;
      expect(outcome.outcome).toBe('uncertain');
    }
    throw new Error('never stored');
  };

  it('are equal but for the last, and one whole at the end', async () => {
    expect(await destination().upload(RELEASE, large, PROGRESS)).toEqual({ outcome: 'stored' });
    expect(store.objects.get(KEY)!.bytes.equals(bytes)).toBe(true);
    expect(store.objects.get(KEY)!.headers['x-amz-meta-sha256']).toBe(large.sha256);
    expect(partsSent()).toBe(6);
    expect(await destination().inspect(RELEASE, [large])).toMatchObject([{ state: 'same', size: 9_001 }]);
  });

  it('do not overwrite what came meanwhile', async () => {
    store.denies = (action) => {
      if (action === 'complete') store.objects.set(KEY, { bytes: Buffer.from('other'), headers: {}, etag: '"x"' });
      return false;
    };
    expect(await destination().upload(RELEASE, large, PROGRESS)).toMatchObject({ outcome: 'uncertain' });
    expect(await destination().inspect(RELEASE, [large])).toMatchObject([{ state: 'conflict' }]);
  });

  const breakOff = async (file: PublishFile, at = 6): Promise<number> => {
    proxy.requests.length = 0;
    proxy.faults.splice(0, proxy.faults.length, ...Array.from({ length: 40 }, (_, more): Fault => ({ at: at + more, fault: 'drop-before' })));
    await expect(destination().upload(RELEASE, file, PROGRESS)).rejects.toMatchObject({ code: 'NETWORK_FAILED' });
    proxy.requests.length = 0;
    proxy.faults.length = 0;
    return [...store.uploads.values()].at(-1)!.parts.size - 1;
  };
  const partsSent = (): number => proxy.requests.filter((line) => line.includes('partNumber')).length;

  it('are not sent again when they are there, and stale uploads of the key are aborted when it stands', async () => {
    const there = await breakOff(large);
    expect(there).toBeGreaterThan(0);
    expect(await destination().inspect(RELEASE, [large])).toMatchObject([{ state: 'partial', reason: `${there} parts of a broken upload` }]);
    store.uploads.set('old', { ...{ key: KEY, begun: '2999', headers: {} }, parts: new Map() });
    store.uploads.set('foreign', { ...{ key: `${KEY}.other`, begun: '2000', headers: {} }, parts: new Map() });
    proxy.requests.length = 0;
    expect(await destination().upload(RELEASE, large, PROGRESS)).toEqual({ outcome: 'stored' });
    expect(partsSent()).toBe(5 - there);
    expect(store.objects.get(KEY)!.bytes.equals(bytes)).toBe(true);
    expect(await destination().finalise(RELEASE, [large], '')).toEqual(['`pychat/latest.json` is 1.2.0']);
    expect([...store.uploads.keys()]).toEqual(['foreign']);
  });

  it('are not put into an upload that was begun for other bytes, which would write their digest', async () => {
    const before = publishFile('large.tar.gz', Buffer.concat([bytes.subarray(0, 9_000), Buffer.from('x')]));
    expect(await breakOff(before)).toBeGreaterThan(0);
    expect(await destination().inspect(RELEASE, [large])).toEqual([{ name: 'large.tar.gz', state: 'absent' }]);
    expect(await destination().upload(RELEASE, large, PROGRESS)).toEqual({ outcome: 'stored' });
    expect(await destination().inspect(RELEASE, [large])).toMatchObject([{ state: 'same', sha256: large.sha256 }]);
  });

  it('tell of an old upload that the store does not abort, and are whole all the same', async () => {
    await destination().upload(RELEASE, large, PROGRESS);
    store.uploads.set('old', { ...{ key: KEY, begun: '2000', headers: {} }, parts: new Map() });
    store.denies = (action) => action === 'abort';
    expect(await destination().finalise(RELEASE, [large], '')).toEqual([
      expect.any(String),
      expect.stringMatching(/^an unfinished upload of `pychat\/1\.2\.0\/large\.tar\.gz` stays and takes room: .*abort the upload old; AccessDenied/),
    ]);
    store.denies = () => false;
    expect(await destination().finalise(RELEASE, [large], '')).toHaveLength(1);
    expect(store.uploads.size).toBe(0);
  });

  it('are found behind many uploads that were broken off', async () => {
    for (let n = 0; n < 5; n += 1) store.uploads.set(`old-${n}`, { ...{ key: KEY, begun: '2000', headers: {} }, parts: new Map() });
    await breakOff(large, 11);
    store.pageSize = 2;
    expect(await destination().inspect(RELEASE, [large])).toMatchObject([{ state: 'partial' }]);
  });

  it('are not completed when the source is not what was planned', async () => {
    const changed: PublishFile = {
      ...large,
      content: {
        size: 9_001,
        open: async function* () {
          yield bytes.subarray(0, 8_000);
          throw new Error('changed');
        },
      },
    };
    await expect(destination().upload(RELEASE, changed, PROGRESS)).rejects.toThrow('changed');
    expect(store.objects.size).toBe(0);
  });

  it.each<[string, Omit<Fault, 'at'>]>([
    ['dropped', { fault: 'drop-after' } as never],
    ['answered 503', { fault: 'status', status: 503, headers: { 'retry-after': '7' } } as never],
  ])('are sent again one by one: of a part that was %s, that part alone, and its bytes are told once', async (_, fault) => {
    paused.length = 0;
    proxy.faults.splice(0, proxy.faults.length, { at: 5, ...fault } as Fault, { at: 6, ...fault } as Fault);
    let told = 0;
    const progress = { ...PROGRESS, onSent: (sent: number) => void (told += sent) };
    expect(await destination().upload(RELEASE, large, progress)).toEqual({ outcome: 'stored' });
    expect([partsSent(), told, store.stored.length]).toEqual([8, 9_001, 1]);
    expect(paused.map((milliseconds) => milliseconds === 7_000)).toEqual('status' in fault ? [true, true] : [false, false]);
  });

  const FAULTS: readonly Omit<Fault, 'at'>[] = [
    { fault: 'drop-before' },
    { fault: 'drop-after' },
    { fault: 'status', status: 503 },
    { fault: 'status-after', status: 502 },
    { fault: 'slow', ms: 20 },
  ] as never;

  it.each(FAULTS.map((fault) => [JSON.stringify(fault), fault] as const))('end as one stored file, whichever request meets %s', async (_, fault) => {
    // large: list, begin, mark, 5 parts, complete, then look; small: put, then look
    for (const [file, requests] of [
      [large, 10],
      [small, 2],
    ] as const) {
      for (let at = 1; at <= requests; at += 1) {
        store.objects.clear();
        store.uploads.clear();
        store.stored.length = 0;
        proxy.requests.length = 0;
        proxy.faults.splice(0, proxy.faults.length, { at, ...fault } as Fault);
        expect(await sendUntilStored(file)).toBeLessThanOrEqual(2);
        expect(store.stored).toHaveLength(1);
        proxy.faults.length = 0;
        await destination().finalise(RELEASE, [file], '');
        expect(store.uploads.size).toBe(0);
      }
    }
  });
});

describe('cutParts', () => {
  const cut = async (pieces: readonly number[], partBytes: number): Promise<number[]> => {
    const sizes: number[] = [];
    const source = (async function* () {
      for (const [index, size] of pieces.entries()) yield Buffer.alloc(size, index + 1);
    })();
    const read: Uint8Array[] = [];
    for await (const { content, sha256 } of cutParts(source, partBytes)) {
      const own: Uint8Array[] = [];
      for await (const piece of content.open()) own.push(piece);
      const bytes = Buffer.concat(own);
      expect([bytes.length, sha256Of(bytes)]).toEqual([content.size, sha256]);
      sizes.push(bytes.length);
      read.push(bytes);
    }
    expect(Buffer.concat(read)).toEqual(Buffer.concat(pieces.map((size, index) => Buffer.alloc(size, index + 1))));
    return sizes;
  };

  it.each<[number[], number, number[]]>([
    [[10], 4, [4, 4, 2]],
    [[3, 3, 2], 4, [4, 4]],
    [[1, 1], 4, [2]],
    [[4], 4, [4]],
    [[], 4, [0]],
    [[9, 1], 5, [5, 5]],
  ])('cuts %j by %i into %j', async (pieces, partBytes, sizes) => {
    expect(await cut(pieces, partBytes)).toEqual(sizes);
  });
});
