import { createProcesses, createTools, Secret, UV } from '@waybill/core';
import type { Destination, PublishFile } from '../../destination';
import { publishRelease, type Published } from '../../engine/publish-release';
import { memoryDestination, memoryFile } from '../../testing/memory-destination';
import { memoryLedgers } from '../../testing/memory-ledgers';
import { PROGRESS, publishFile, testClient } from '../../testing/release-files';
import { realIndexes, type RealIndex, type RealIndexes } from '../../testing/stand-ins';
import { expectPieces, toldBytes } from '../../testing/told-bytes';
import { createIndexDestination } from './index-destination';

const RELEASE = { project: 'word', name: 'word', version: '1.0', channel: 'stable' as const, sourceDateEpoch: 0 };
const WHEEL = 'word_tally-1.0-py3-none-any.whl';
const FILES = [memoryFile(WHEEL, 'wheel', 'wheel'), memoryFile('word_tally-1.0.tar.gz', 'sdist', 'sdist')];
const OTHER = [memoryFile(WHEEL, 'other bytes', 'wheel'), FILES[1]!];
const metadataOf = async (): Promise<string> => 'Metadata-Version: 2.1\nName: word-tally\nVersion: 1.0\n';

let installed: RealIndexes;
let devpi: Promise<RealIndex & { url(name: string): string }> | undefined;
const running: RealIndex[] = [];
beforeAll(async () => {
  const tools = createTools({ processes: createProcesses(), environment: process.env });
  const { path, prefixArgs } = await tools.resolve(UV);
  const { installIndexes, startDevpi } = await realIndexes();
  installed = await installIndexes({ file: path, prefixArgs });
  // it starts slowly: the other test runs meanwhile
  devpi = startDevpi(installed, { dev: false, volatile: true });
  devpi.catch(() => undefined);
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});
afterAll(async () => {
  await devpi?.then(
    (server) => server.stop(),
    () => undefined,
  );
  installed?.remove();
});

const place = (uploadUrl: string, simpleUrl: string, password = 'geheim'): Destination =>
  createIndexDestination({
    ...{ id: 'there', uploadUrl, simpleUrl, projects: ['word-tally'], http: testClient(), metadataOf, nowMs: Date.now },
    login: { user: 'team', password: new Secret(password) },
  });
const run = (destinations: readonly Destination[], files: readonly PublishFile[] = FILES): Promise<Published> =>
  publishRelease(
    {
      ...{ release: RELEASE, destinations, skipped: [], files, body: '', tool: '0.1.0', resume: true },
      ...{ waitMs: 10_000, requestTimeoutMs: 10_000 },
    },
    { ledgers: memoryLedgers(), nowMs: Date.now, sleep: async () => undefined, line: () => undefined },
  );
const NAMES = FILES.map(({ name }) => name);

/** What both have in common. `of` makes the destination for a password. */
async function publishesOnce(of: (password?: string) => Destination, refused: string): Promise<void> {
  const beside = memoryDestination('beside');
  await expect(run([beside, of('falsch')])).rejects.toMatchObject({ code: refused });
  expect([beside.stored, (await of().list(RELEASE)) ?? []]).toEqual([[], []]);
  expect((await run([of()])).sent).toEqual({ there: NAMES });
  expect((await run([of()])).sent).toEqual({ there: [] });
  await expect(run([beside, of()], OTHER)).rejects.toMatchObject({ code: 'PUBLISH_CONFLICT' });
  expect(beside.stored).toEqual([]);
}

it('pypiserver with passwords: a wrong one is refused before anything moves, whether it asks for it at uploads or at its list too', async () => {
  const { startPypiserver } = await realIndexes();
  const [uploads, all] = [await startPypiserver(installed, ['update']), await startPypiserver(installed, ['update', 'list', 'download'])];
  running.push(uploads, all);
  await publishesOnce((password) => place(uploads.url, `${uploads.url}simple/`, password), 'PUBLISH_INDEX_CREDENTIAL');
  await publishesOnce((password) => place(all.url, `${all.url}simple/`, password), 'PUBLISH_INDEX_READ');
  // both the same bytes and others are 409: the list decides
  const open = place(uploads.url, `${uploads.url}simple/`);
  for (const file of [FILES[0]!, OTHER[0]!]) {
    expect(await open.upload(RELEASE, file, PROGRESS)).toMatchObject({ outcome: 'uncertain', reason: 'HTTP 409' });
  }
});

it('is told of, piece by piece, while a large wheel goes there', async () => {
  const server = await (await realIndexes()).startPypiserver(installed, ['update']);
  running.push(server);
  const wheel = publishFile(WHEEL, Buffer.alloc(300_000, 'x'), { kind: 'wheel' });
  expectPieces(await toldBytes(place(server.url, `${server.url}simple/`), RELEASE, wheel), wheel.size);
});

it('devpi: sdist and wheel once, other bytes and a wrong password refused before anything moves, on volatile indexes too', async () => {
  const { url } = (await devpi)!;
  const of = (name: string) => (password?: string) => place(url(name), `${url(name)}+simple/`, password);
  await publishesOnce(of('dev'), 'PUBLISH_INDEX_CREDENTIAL');
  await publishesOnce(of('volatile'), 'PUBLISH_INDEX_CREDENTIAL');
  // the same bytes again are 200, others 409
  expect(await of('dev')().upload(RELEASE, FILES[0]!, PROGRESS)).toEqual({ outcome: 'stored' });
  expect(await of('dev')().upload(RELEASE, OTHER[0]!, PROGRESS)).toMatchObject({ outcome: 'uncertain', reason: 'HTTP 409' });
  expect(await of('dev')().inspect(RELEASE, FILES)).toMatchObject([{ state: 'same' }, { state: 'same' }]);
});
