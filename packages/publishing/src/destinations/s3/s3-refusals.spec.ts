import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret } from '@waybill/core';
import type { Destination, PublishFile } from '../../destination';
import { PROGRESS, publishFile, RELEASE, testClient } from '../../testing/release-files';
import { startS3, type S3StandIn } from '../../testing/stand-ins';
import { createS3Destination } from './create-s3-destination';
import type { S3Config } from './s3-config';

describe('what an S3 store refuses', () => {
  let store: S3StandIn;
  const start = async (options: object = {}): Promise<void> => {
    await store?.stop();
    store = await startS3(options);
  };
  beforeEach(() => start());
  afterEach(() => store.stop());

  const destination = (config: Partial<S3Config> = {}): Destination =>
    createS3Destination({
      ...{ id: 'bucket', http: testClient(), bucket: store.bucket, endpoint: store.url, parts: { fromBytes: 100, partBytes: 40 } },
      ...{ accessKeyId: new Secret(store.accessKeyId), secretAccessKey: new Secret(store.secretAccessKey), ...config },
    });
  const small = publishFile('a.tar.gz', 'small');
  const large = publishFile('b.tar.gz', 'large'.repeat(100));

  const checks = async (target: Destination, files: readonly PublishFile[] = [small]): Promise<readonly string[]> =>
    (await target.preflight(RELEASE, files)).map(({ check, level }) => `${level} ${check}`);

  it('nothing stands in the way of a right one', async () => {
    expect(await checks(destination(), [small, large])).toEqual([]);
  });

  it.each<[string, string, Partial<S3Config>]>([
    ['a bucket that is missing', 'PUBLISH_S3_BUCKET', { bucket: 'elsewhere' }],
    ['a wrong region', 'PUBLISH_S3_REGION', { region: 'eu-west-1' }],
    ['a wrong secret', 'PUBLISH_S3_CREDENTIALS', { secretAccessKey: new Secret('wrong/secret') }],
    ['a wrong key', 'PUBLISH_S3_CREDENTIALS', { accessKeyId: new Secret('AKIDOTHER') }],
    ['a clock that is off', 'PUBLISH_S3_CLOCK', { nowMs: () => Date.now() - 3_600_000 }],
  ])('%s is found before anything is sent, and by reading too', async (_, code, config) => {
    expect(await checks(destination(config))).toEqual([`error ${code}`]);
    await expect(destination(config).list(RELEASE)).rejects.toMatchObject({ code });
    // HEAD has no body: a missing bucket looks like a missing object there
    if (config.bucket === undefined) await expect(destination(config).inspect(RELEASE, [small])).rejects.toMatchObject({ code });
    await expect(destination(config).upload(RELEASE, small, PROGRESS)).rejects.toMatchObject({ code });
    expect(store.stored).toEqual([]);
  });

  it('the right region is named', async () => {
    const [finding] = await destination({ region: 'eu-west-1' }).preflight(RELEASE, [small]);
    expect(finding).toMatchObject({ fix: 'set `region` to `us-east-1`' });
  });

  it('a redirect to the host of another region is told and not followed: the signature is for this one', async () => {
    const headers = { location: `${store.url}/elsewhere`, 'x-amz-bucket-region': 'eu-west-3' };
    const moved = createServer((_, response) => void response.writeHead(307, headers).end());
    await new Promise<void>((resolve) => moved.listen(0, '127.0.0.1', resolve));
    try {
      const endpoint = `http://127.0.0.1:${(moved.address() as AddressInfo).port}`;
      const refused = destination({ endpoint }).list(RELEASE);
      await expect(refused).rejects.toMatchObject({ code: 'PUBLISH_S3_REGION', fix: 'set `region` to `eu-west-3`' });
    } finally {
      moved.close();
    }
  });

  it('an old session token is found', async () => {
    await start({ sessionToken: 'fresh' });
    expect(await checks(destination({ sessionToken: new Secret('stale') }))).toEqual(['error PUBLISH_S3_CREDENTIALS']);
    expect(await checks(destination({ sessionToken: new Secret('fresh') }))).toEqual([]);
  });

  it('a clock that drifts is a warning', async () => {
    await start({ dateMs: () => Date.now() - 8 * 60_000 });
    expect(await checks(destination())).toEqual(['warning PUBLISH_S3_CLOCK']);
  });

  it('missing rights are named by what was tried', async () => {
    await start({ denies: (action: string) => action === 'list' });
    expect(await checks(destination())).toEqual(['error PUBLISH_S3_RIGHTS']);
    await start({ denies: (action: string) => action === 'list-uploads' });
    expect(await checks(destination(), [small])).toEqual([]);
    expect(await checks(destination(), [large])).toEqual(['error PUBLISH_S3_RIGHTS']);
  });

  it.each(['put', 'begin', 'part', 'complete', 'list-uploads'])('the right to %s is missing only when it is used', async (denied) => {
    await start({ denies: (action: string) => action === denied });
    await expect(destination().upload(RELEASE, denied === 'put' ? small : large, PROGRESS)).rejects.toMatchObject({
      code: 'PUBLISH_S3_RIGHTS',
      details: [expect.stringContaining('AccessDenied')],
    });
  });

  it('a key that may not write is found out of sight: no object comes, and no upload stays', async () => {
    const target = destination();
    expect(await target.proveRights!(RELEASE, [small, large])).toEqual([]);
    const begun = store.requests.filter((line) => /^POST .*uploads=/.test(line)).map((line) => line.replace(/\?.*/, ''));
    expect(begun).toEqual(['POST /releases/pychat/1.2.0/b.tar.gz', 'POST /releases/pychat/latest.json']);
    expect([store.stored, store.uploads.size]).toEqual([[], 0]);
    store.denies = (action) => action === 'abort';
    expect(await destination({ latest: [] }).proveRights!(RELEASE, [small])).toEqual([
      expect.stringMatching(/an empty upload of .*a\.tar\.gz` stays/),
    ]);
    store.denies = (action) => action === 'list-uploads';
    expect(await destination({ latest: [] }).proveRights!(RELEASE, [small])).toEqual([expect.stringMatching(/a\.tar\.gz` .* are not looked for/)]);
    expect(store.uploads.size).toBe(1);
    store.denies = () => false;
    expect(await target.proveRights!(RELEASE, [small])).toEqual([]);
    expect(store.uploads.size).toBe(0);
    store.denies = (action) => !/^(get|list)/.test(action);
    await expect(target.proveRights!(RELEASE, [small])).rejects.toMatchObject({ code: 'PUBLISH_S3_RIGHTS' });
  });

  it.each([
    [503, { code: 'PUBLISH_UNANSWERED' }],
    [501, [expect.stringContaining('does not tell')]],
  ])('a store that answers %i to that leaves it open', async (status, expected) => {
    const http = { readOnly: false, request: () => Promise.resolve({ status, headers: {}, text: async () => '' } as never) };
    const end = await destination({ http, latest: [] }).proveRights!(RELEASE, [small]).catch((error: unknown) => error);
    expect(end).toEqual(Array.isArray(expected) ? expected : expect.objectContaining(expected));
  });

  it('bytes that changed on the way are refused by the store', async () => {
    const lying: PublishFile = { ...small, sha256: publishFile('x', 'other').sha256 };
    await expect(destination().upload(RELEASE, lying, PROGRESS)).rejects.toMatchObject({ code: 'PUBLISH_S3_DIGEST' });
    expect(store.stored).toEqual([]);
  });

  it('a file that no store takes is found', async () => {
    expect(await destination().preflight(RELEASE, [{ ...small, size: 6 * 1024 ** 4 }])).toMatchObject([{ check: 'PUBLISH_S3_SIZE', level: 'error' }]);
  });

  it('what has no name of its own is told in the words of the store', async () => {
    const http = {
      readOnly: false,
      request: () => Promise.resolve({ status: 400, headers: {}, bytes, text: async () => xml, stream: bytes as never }),
    };
    const bytes = async (): Promise<Uint8Array> => Buffer.from(xml);
    const xml = '<Error><Code>KeyTooLongError</Code><Message>Too &lt;long&gt; &#x26; more</Message></Error>';
    await expect(destination({ http }).upload(RELEASE, small, PROGRESS)).rejects.toMatchObject({
      code: 'PUBLISH_S3_REFUSED',
      details: ['KeyTooLongError: Too <long> & more'],
    });
  });

  it.each<[string, Partial<S3Config>]>([
    ['bucket', { bucket: 'a/b' }],
    ['prefix', { prefix: 'a/../b' }],
    ['prefix', { prefix: '/a' }],
    ['endpoint', { endpoint: 'https://user@host' }],
    ['publicUrl', { publicUrl: 'get.test' }],
    ['region', { region: 'eu west' }],
  ])('a %s that can never work is refused at once', (what, config) => {
    expect(() => destination(config)).toThrow(expect.objectContaining({ code: 'PUBLISH_S3_SETTING', fix: expect.stringContaining(what) }));
  });
});
