import { Secret } from '@waybill/core';
import type { Destination, PublishFile } from '../../destination';
import { PROGRESS, publishFile, RELEASE, testClient } from '../../testing/release-files';
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

  const destination = (): Destination =>
    createS3Destination({
      ...{ id: 'bucket', http: testClient(), bucket: store.bucket, endpoint: proxy.url, parts: { fromBytes: 5_000, partBytes: 2_000 } },
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
    expect(proxy.requests.filter((line) => line.includes('partNumber'))).toHaveLength(5);
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

  it('are not sent again when they are there, and stale uploads of the key are aborted', async () => {
    proxy.faults.push({ at: 5, fault: 'drop-before' });
    await expect(destination().upload(RELEASE, large, PROGRESS)).rejects.toMatchObject({ code: 'NETWORK_FAILED' });
    expect(await destination().inspect(RELEASE, [large])).toMatchObject([
      { state: 'partial', reason: expect.stringContaining('parts of a broken upload') },
    ]);
    const [uploadId] = store.uploads.keys();
    const there = store.uploads.get(uploadId!)!.parts.size;
    expect(there).toBeGreaterThan(0);
    store.uploads.set('old', { ...{ key: KEY, begun: '2000', headers: {} }, parts: new Map() });
    store.uploads.set('foreign', { ...{ key: `${KEY}.other`, begun: '2000', headers: {} }, parts: new Map() });
    proxy.requests.length = 0;
    proxy.faults.length = 0;
    expect(await destination().upload(RELEASE, large, PROGRESS)).toEqual({ outcome: 'stored' });
    expect(proxy.requests.filter((line) => line.includes('partNumber'))).toHaveLength(5 - there);
    expect([...store.uploads.keys()]).toEqual(['foreign']);
    expect(store.objects.get(KEY)!.bytes.equals(bytes)).toBe(true);
  });

  it('are sent again when what is there is something else', async () => {
    await destination().upload(RELEASE, publishFile('large.tar.gz', Buffer.alloc(9_001, 1)), PROGRESS);
    store.uploads.set('mine', {
      ...{ key: KEY, begun: '2000', headers: { 'x-amz-meta-sha256': large.sha256 } },
      parts: new Map([[1, { bytes: Buffer.alloc(2_000), etag: '"0"' }]]),
    });
    store.objects.clear();
    expect(await destination().upload(RELEASE, large, PROGRESS)).toEqual({ outcome: 'stored' });
    expect(store.objects.get(KEY)!.bytes.equals(bytes)).toBe(true);
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

  const FAULTS: readonly Omit<Fault, 'at'>[] = [
    { fault: 'drop-before' },
    { fault: 'drop-after' },
    { fault: 'status', status: 503 },
    { fault: 'status-after', status: 502 },
    { fault: 'slow', ms: 20 },
  ] as never;

  it.each(FAULTS.map((fault) => [JSON.stringify(fault), fault] as const))('end as one stored file, whichever request meets %s', async (_, fault) => {
    // large: list, begin, 5 parts, complete, then look; small: put, then look
    for (const [file, requests] of [
      [large, 9],
      [small, 2],
    ] as const) {
      for (let at = 1; at <= requests; at += 1) {
        store.objects.clear();
        store.uploads.clear();
        store.stored.length = 0;
        proxy.requests.length = 0;
        proxy.faults.splice(0, proxy.faults.length, { at, ...fault } as Fault);
        expect(await sendUntilStored(file)).toBeLessThanOrEqual(2);
        expect([store.stored.length, store.uploads.size]).toEqual([1, 0]);
      }
    }
  });
});

describe('cutParts', () => {
  const cut = async (pieces: readonly number[], partBytes: number): Promise<number[]> => {
    const sizes: number[] = [];
    const source = (async function* () {
      for (const size of pieces) yield Buffer.alloc(size);
    })();
    for await (const part of cutParts(source, partBytes)) sizes.push(part.length);
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
