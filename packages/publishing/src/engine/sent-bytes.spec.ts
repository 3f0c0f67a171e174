import { skipUnless } from '@waybill/core/testing';
import type { Destination } from '../destination';
import { memoryDestination, memoryFile } from '../testing/memory-destination';
import { SERVERS, type Server } from '../testing/places';
import { publishFile, RELEASE, testClient } from '../testing/release-files';
import { hasRegistry, NO_REGISTRY } from '../testing/stand-ins';
import { expectPieces, toldBytes } from '../testing/told-bytes';

// of a package index: real-indexes.spec.ts
describe.each(['bucket', 'release', 'registry'])('%s', (name) => {
  const test = skipUnless(name !== 'registry' || hasRegistry, NO_REGISTRY);
  let server: Server;
  afterAll(() => server?.stop());

  test('is told of, piece by piece, while a large file goes there', async () => {
    server = await SERVERS[name]!();
    const file = publishFile('pychat-1.2.0-linux-x86_64.tar.gz', Buffer.alloc(300_000, 'x'));
    expectPieces(await toldBytes(server.place(1).destination(testClient()), RELEASE, file), file.size);
  });
});

it('begins anew when a file is sent again', async () => {
  const place = memoryDestination('there');
  let attempt = 0;
  const upload: Destination['upload'] = async (release, file, progress) => {
    progress.onSent(4);
    if ((attempt += 1) === 1) return { outcome: 'uncertain', reason: 'HTTP 503' };
    progress.onSent(3);
    return place.upload(release, file, { ...progress, onSent: () => undefined });
  };
  expect(await toldBytes({ ...place, upload }, RELEASE, memoryFile('app.tar.gz', '1234567'))).toEqual([4, 4, 7]);
});
