import { Secret, type HttpClient } from '@waybill/core';
import { skipUnless } from '@waybill/core/testing';
import type { Destination } from '../destination';
import { createOciDestination } from '../destinations/oci/create-oci-destination';
import { createS3Destination } from '../destinations/s3/create-s3-destination';
import { githubUnderTest } from '../testing/github-under-test';
import { memoryDestination } from '../testing/memory-destination';
import { memoryLedgers } from '../testing/memory-ledgers';
import { publishFile, RELEASE, testClient } from '../testing/release-files';
import {
  hasRegistry,
  NO_REGISTRY,
  startGithub,
  startRegistry,
  startS3,
  type GithubStandIn,
  type Registry,
  type S3StandIn,
} from '../testing/stand-ins';
import { publishRelease, type Published } from './publish-release';

const FILES = [publishFile('pychat-1.2.0.tar.gz', 'archive'), publishFile('pychat-1.2.0-SHA256SUMS', 'sums', { kind: 'checksums' })];

describe('one destination of four refuses to be written to', () => {
  let [s3, github, registry]: [S3StandIn?, GithubStandIn?, Registry?] = [];
  beforeEach(async () => {
    s3 = await startS3();
    github = await startGithub({ push: false, installation: true });
    if (hasRegistry) registry = await startRegistry();
  });
  afterEach(() => Promise.all([s3, github, registry].map((server) => server?.stop())));

  /** Reads, and is answered 403 by the registry when it writes. */
  const reader: HttpClient = {
    readOnly: false,
    request: (request) =>
      request.method === 'GET' || request.method === 'HEAD'
        ? testClient().request(request)
        : Promise.resolve({ status: 403, headers: {}, text: async () => '{"errors":[{"code":"DENIED"}]}' } as never),
  };
  const places = (http: HttpClient): readonly Destination[] => [
    createS3Destination({
      ...{ id: 's3', http: testClient(), bucket: s3!.bucket, endpoint: s3!.url },
      ...{ accessKeyId: new Secret(s3!.accessKeyId), secretAccessKey: new Secret(s3!.secretAccessKey) },
    }),
    githubUnderTest(github!),
    ...(registry ? [createOciDestination({ id: 'oci', http, repository: `${registry.host}/team/pychat` })] : []),
  ];
  const publish = (destinations: readonly Destination[]): Promise<Published> =>
    publishRelease(
      {
        ...{ release: RELEASE, destinations, skipped: [], files: FILES, body: '', tool: '0.1.0', resume: true },
        ...{ waitMs: 1_000, requestTimeoutMs: 10_000 },
      },
      { ledgers: memoryLedgers(), nowMs: Date.now, sleep: async () => undefined, line: () => undefined },
    );
  const tags = async (): Promise<unknown> =>
    registry === undefined
      ? {}
      : (await testClient().request({ method: 'GET', url: `${registry.url}/v2/team/pychat/tags/list` })).text().then((text) => JSON.parse(text));

  for (const code of ['PUBLISH_S3_RIGHTS', 'PUBLISH_GITHUB_RIGHTS']) it(`${code}: nothing is public anywhere`, () => refusesFirst(code));
  skipUnless(hasRegistry, NO_REGISTRY)('PUBLISH_OCI_RIGHTS: nothing is public anywhere', () => refusesFirst('PUBLISH_OCI_RIGHTS'));

  const refusesFirst = async (code: string): Promise<void> => {
    const index = memoryDestination('pypi', { type: 'index' });
    s3!.denies = (action) => code === 'PUBLISH_S3_RIGHTS' && !/^(get|list)/.test(action);
    github!.readsOnly = code === 'PUBLISH_GITHUB_RIGHTS';
    await expect(publish([index, ...places(code === 'PUBLISH_OCI_RIGHTS' ? reader : testClient())])).rejects.toMatchObject({ code });
    expect([index.stored, s3!.stored, s3!.uploads.size, github!.stored]).toEqual([[], [], 0, []]);
    expect(github!.releases.filter(({ draft }) => !draft)).toEqual([]);
    expect(await tags()).not.toHaveProperty('tags');
    // and when it may write, the same run goes through
    [s3!.denies, github!.readsOnly] = [() => false, false];
    expect(await publish([index, ...places(testClient())])).toMatchObject({ outcome: 'success' });
  };
});
