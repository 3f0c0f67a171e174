import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { hashBytes, Secret } from '@waybill/core';
import { skipUnless } from '@waybill/core/testing';
import type { Destination, PublishFile } from '../../destination';
import { describeRelease, PROGRESS, publishFile, RELEASE, testClient } from '../../testing/release-files';
import { startFaultProxy, startRealS3, type RealS3 } from '../../testing/stand-ins';
import { createS3Destination } from './create-s3-destination';
import type { S3Config } from './s3-config';

const FULL = process.env['WAYBILL_TEST_FULL'] === '1';
const HAS_GO = spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0;
const test = skipUnless(FULL && HAS_GO, FULL ? 'go is not installed, which makes versitygw' : 'making versitygw takes minutes');
const MIB = 1024 * 1024;

let store: RealS3 | undefined;
beforeAll(async () => {
  if (FULL && HAS_GO) store = await startRealS3();
}, 1_800_000);
afterAll(() => store?.stop());

const destination = (config: Partial<S3Config> = {}): Destination =>
  createS3Destination({
    ...{ id: 'bucket', http: testClient(), bucket: store!.bucket, endpoint: store!.url, parts: { fromBytes: 6 * MIB, partBytes: 5 * MIB } },
    ...{ accessKeyId: new Secret(store!.accessKeyId), secretAccessKey: new Secret(store!.secretAccessKey), ...config },
    pause: async () => undefined,
  });
const states = async (files: readonly PublishFile[]): Promise<readonly string[]> =>
  (await destination().inspect(RELEASE, files)).map(({ state }) => state);
async function digestOf(name: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of destination().download(RELEASE, name)) pieces.push(piece);
  return hashBytes(Buffer.concat(pieces));
}

const SUMS = 'pychat-1.2.0-SHA256SUMS';
const large = publishFile('pychat-1.2.0-linux-x86_64.tar.gz', randomBytes(12 * MIB + 7));
const sums = publishFile(SUMS, 'sums', { kind: 'checksums' });
const description = publishFile('release.json', describeRelease('1.2.0', SUMS, large), { kind: 'delivery' });

test('[full] versitygw: an upload that broke off is taken up, and what stands is whole and never overwritten', async () => {
  const files = [large, description, sums];
  expect(await destination().preflight(RELEASE, files)).toEqual([]);
  expect(await destination().proveRights!(RELEASE, files)).toEqual([]);
  const proxy = await startFaultProxy(
    store!.url,
    // list, begin, mark and two parts go through
    Array.from({ length: 30 }, (_, more) => ({ at: 6 + more, fault: 'drop-before' as const })),
  );
  await destination({ endpoint: proxy.url })
    .upload(RELEASE, large, PROGRESS)
    .catch(() => undefined);
  await proxy.stop();
  expect(await states(files)).toEqual(['partial', 'absent', 'absent']);
  for (const file of files) expect(await destination().upload(RELEASE, file, PROGRESS)).toEqual({ outcome: 'stored' });
  expect(await states(files)).toEqual(['same', 'same', 'same']);
  expect(await digestOf(large.name)).toBe(large.sha256);
  for (const bytes of [randomBytes(12 * MIB + 7), randomBytes(100)]) {
    const other = publishFile(large.name, bytes);
    expect(await destination().upload(RELEASE, other, PROGRESS)).toMatchObject({ outcome: 'uncertain' });
    expect(await states([other])).toEqual(['conflict']);
  }
  expect(await digestOf(large.name)).toBe(large.sha256);
  await destination().finalise(RELEASE, files, '');
  expect((await destination().list(RELEASE))!.map(({ name }) => name).sort()).toEqual(files.map(({ name }) => name).sort());
});

test('[full] versitygw: a wrong secret, region or bucket is found before the first byte', async () => {
  for (const [code, config] of [
    ['PUBLISH_S3_CREDENTIALS', { secretAccessKey: new Secret('wrong') }],
    ['PUBLISH_S3_CREDENTIALS', { accessKeyId: new Secret('wrong') }],
    ['PUBLISH_S3_REGION', { region: 'eu-west-1' }],
    ['PUBLISH_S3_BUCKET', { bucket: 'missing' }],
  ] as const) {
    expect(await destination(config).preflight(RELEASE, [sums])).toMatchObject([{ check: code, level: 'error' }]);
  }
});

test('[full] versitygw: bytes that are not those of the digest are not stored', async () => {
  const lying = { ...publishFile('lying.tar.gz', 'other bytes'), sha256: 'a'.repeat(64) };
  await expect(destination().upload(RELEASE, lying, PROGRESS)).rejects.toMatchObject({ code: expect.stringMatching(/^PUBLISH_S3_/) as string });
  expect(await states([lying])).toEqual(['absent']);
});
