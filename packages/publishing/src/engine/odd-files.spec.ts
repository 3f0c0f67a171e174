import { skipUnless } from '@waybill/core/testing';
import type { PublishFile, Release } from '../destination';
import { memoryLedgers } from '../testing/memory-ledgers';
import { SERVERS, type Server } from '../testing/places';
import { publishFile, RELEASE as RELEASED, testClient } from '../testing/release-files';
import { hasRegistry, NO_REGISTRY } from '../testing/stand-ins';
import { publishRelease, type Published } from './publish-release';
import { takeBackRelease } from './take-back-release';

/** What no server may stumble over: a local version, the longest name, two files of the same bytes, and one that another's name begins with. */
const RELEASE: Release = { ...RELEASED, version: '1.2.0+cu118.r7' };
const FILES = [
  publishFile('pychat-1.2.0+cu118.r7-linux-x86_64.tar.gz', 'archive'),
  publishFile('pychat-1.2.0+cu118.r7-linux-x86_64.tar.gz.minisig', 'signature', { kind: 'signature' }),
  publishFile(`pychat-1.2.0+cu118.r7-${'x'.repeat(174)}.gz`, 'archive'),
  publishFile('pychat-1.2.0+cu118.r7-large.tar.gz', Buffer.alloc(20_000, 'large')),
];
const EMPTY = publishFile('pychat-1.2.0+cu118.r7.lst', '');

describe.each(['bucket', 'release', 'registry'])('%s', (name) => {
  const test = skipUnless(name !== 'registry' || hasRegistry, NO_REGISTRY);
  let server: Server;
  let number = 0;
  beforeAll(async () => {
    if (name !== 'registry' || hasRegistry) server = await SERVERS[name]!();
  });
  afterAll(() => server?.stop());

  const world = (files: readonly PublishFile[]): { publish(): Promise<Published>; takeBack(): Promise<unknown> } => {
    const place = server.place((number += 1));
    const ports = { ledgers: memoryLedgers(), nowMs: Date.now, sleep: async () => undefined, line: () => undefined };
    const destinations = [place.destination(testClient())];
    const request = {
      release: RELEASE,
      destinations,
      skipped: [],
      files,
      body: 'text',
      tool: '0.1.0',
      resume: true,
      waitMs: 1_000,
      requestTimeoutMs: 10_000,
    };
    return {
      publish: () => publishRelease(request, ports),
      takeBack: () => takeBackRelease({ release: RELEASE, destinations, tool: '0.1.0' }, ports),
    };
  };

  test('takes odd names and versions, finds them the same, and takes them back', async () => {
    const { publish, takeBack } = world(FILES);
    const first = await publish();
    expect([first.outcome, Object.values(first.sent)[0]!.length]).toEqual(['success', FILES.length]);
    expect(first.receipt.destinations[0]!.files.map((file) => file.name).sort()).toEqual(FILES.map((file) => file.name).sort());
    const second = await publish();
    expect([second.outcome, Object.values(second.sent)[0]]).toEqual(['success', []]);
    expect(await takeBack()).toMatchObject([{ taken: { outcome: name === 'registry' ? 'pending' : 'done' } }]);
    await expect(publish()).rejects.toMatchObject({ code: 'PUBLISH_TAKEN_BACK' });
  });

  test('does not take a version that stands there in another spelling, before anything is sent', async () => {
    // a release of GitHub is known by its tag
    if (name === 'release') return;
    await world(FILES).publish();
    const [place, version] = [server.place(number), '1.2+cu118.r7'];
    const ports = { ledgers: memoryLedgers(), nowMs: Date.now, sleep: async () => undefined, line: () => undefined };
    const again = publishRelease(
      {
        ...{ release: { ...RELEASE, version }, destinations: [place.destination(testClient())], skipped: [], body: '', tool: '0.1.0', resume: true },
        ...{ files: [publishFile(`pychat-${version}.tar.gz`, 'else')], waitMs: 1_000, requestTimeoutMs: 10_000 },
      },
      ports,
    );
    const details = [expect.stringContaining(`${RELEASE.version} stands there, which is ${version}`), expect.anything()];
    await expect(again).rejects.toMatchObject({ code: 'PUBLISH_PREFLIGHT', details });
  });

  test('an empty file is taken, or refused before anything is sent', async () => {
    const { publish } = world([...FILES, EMPTY]);
    const details = [expect.stringMatching(/PUBLISH_GITHUB_ASSET .*an empty file/), expect.stringContaining('change its size')];
    if (name === 'release') await expect(publish()).rejects.toMatchObject({ code: 'PUBLISH_PREFLIGHT', details });
    else expect(await publish()).toMatchObject({ outcome: 'success' });
  });
});
