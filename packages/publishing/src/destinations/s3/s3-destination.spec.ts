import { Secret, type HttpClient } from '@waybill/core';
import type { Destination } from '../../destination';
import { describeRelease, PROGRESS, publishFile, RELEASE, releaseOf, sha256Of, testClient } from '../../testing/release-files';
import { startS3, type S3StandIn } from '../../testing/stand-ins';
import { createS3Destination } from './create-s3-destination';
import type { S3Config } from './s3-config';

describe('createS3Destination', () => {
  let store: S3StandIn;
  beforeEach(async () => void (store = await startS3()));
  afterEach(() => store.stop());

  const destination = (config: Partial<S3Config> = {}): Destination =>
    createS3Destination({
      ...{ id: 'bucket', http: testClient(), bucket: store.bucket, endpoint: store.url, prefix: 'pub', publicUrl: 'https://get.test/' },
      ...{ accessKeyId: new Secret(store.accessKeyId), secretAccessKey: new Secret(store.secretAccessKey), ...config },
    });
  const archive = publishFile('pychat-1.2.0-linux-x86_64.tar.gz', 'archive'.repeat(1_000));
  const sums = publishFile('pychat-1.2.0-SHA256SUMS', 'sums', { kind: 'checksums' });
  const signature = publishFile('pychat-1.2.0-SHA256SUMS.minisig', 'signature', { kind: 'signature' });
  const files = [signature, archive, sums];
  const publish = async (version: string, target = destination(), more: { sums?: string; signed?: boolean } = {}): Promise<readonly string[]> => {
    const [archiveName, sumsName] = [`pychat-${version}.tar.gz`, more.sums ?? `pychat-${version}-SHA256SUMS`];
    const texts = {
      [archiveName]: version,
      'release.json': describeRelease(version, sumsName, publishFile(archiveName, version)),
      [sumsName]: `${sha256Of(version)}  ${archiveName}\n`,
      ...(more.signed && { [`${sumsName}.minisig`]: 'signature' }),
    };
    for (const [name, text] of Object.entries(texts)) await target.upload(releaseOf(version), publishFile(name, text), PROGRESS);
    return target.finalise(releaseOf(version), [], '');
  };
  const latest = (): string | undefined => store.objects.get('pub/pychat/latest.json')?.bytes.toString();

  it('stores a release under keys that hold its version, the signature last, and finds it the same', async () => {
    const target = destination();
    const chosen = target.choose(RELEASE, files).files;
    expect(chosen.map(({ kind }) => kind)).toEqual(['bundle-archive', 'checksums', 'signature']);
    expect((await target.inspect(RELEASE, chosen)).map(({ state }) => state)).toEqual(['absent', 'absent', 'absent']);
    for (const file of chosen) expect(await target.upload(RELEASE, file, PROGRESS)).toEqual({ outcome: 'stored' });
    expect(await target.inspect(RELEASE, [archive])).toEqual([
      { name: archive.name, state: 'same', size: 7_000, sha256: archive.sha256, url: `https://get.test/pub/pychat/1.2.0/${archive.name}` },
    ]);
    expect((await target.list(RELEASE))!.map(({ name, sha256 }) => [name, sha256])).toEqual(files.map(({ name, sha256 }) => [name, sha256]).sort());
    expect(store.objects.get(`pub/pychat/1.2.0/${archive.name}`)!.headers).toEqual({
      'content-type': 'application/gzip',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-amz-meta-sha256': archive.sha256,
    });
    const pieces = [];
    for await (const piece of target.download(RELEASE, archive.name)) pieces.push(piece);
    expect(sha256Of(Buffer.concat(pieces))).toBe(archive.sha256);
  });

  it('never overwrites: other bytes are a conflict, and an upload that comes too late is uncertain', async () => {
    const target = destination();
    await target.upload(RELEASE, archive, PROGRESS);
    const other = publishFile(archive.name, 'other');
    expect(await target.inspect(RELEASE, [other])).toMatchObject([{ state: 'conflict', sha256: archive.sha256 }]);
    expect(await target.upload(RELEASE, other, PROGRESS)).toEqual({ outcome: 'uncertain', reason: 'the name was taken meanwhile' });
    expect(store.stored).toHaveLength(1);
  });

  it('reads the bytes of an object that somebody else put there', async () => {
    store.objects.set(`pub/pychat/1.2.0/${archive.name}`, { bytes: Buffer.from('archive'.repeat(1_000)), headers: {}, etag: '"x-2"' });
    expect(await destination().inspect(RELEASE, [archive])).toMatchObject([{ state: 'same' }]);
    expect(await destination().inspect(RELEASE, [publishFile(archive.name, 'Archive'.repeat(1_000))])).toMatchObject([{ state: 'conflict' }]);
  });

  it('lists all pages', async () => {
    await store.stop();
    store = await startS3({ pageSize: 2 });
    const target = destination();
    for (let n = 0; n < 5; n += 1) await target.upload(RELEASE, publishFile(`file-${n}`, `${n}`), PROGRESS);
    expect((await target.list(RELEASE))!.map(({ name }) => name)).toEqual([0, 1, 2, 3, 4].map((n) => `file-${n}`));
  });

  describe('latest.json', () => {
    it('names the newest stable release and its files, written once', async () => {
      expect(await publish('1.2.0')).toEqual(['`pub/pychat/latest.json` is 1.2.0']);
      expect(JSON.parse(latest()!)).toMatchObject({
        ...{ schema: 'waybill/channel/1', name: 'pychat', version: '1.2.0', channel: 'stable' },
        files: [
          { path: '1.2.0/pychat-1.2.0-SHA256SUMS' },
          { path: '1.2.0/pychat-1.2.0.tar.gz', size: 5, sha256: sha256Of('1.2.0') },
          { path: '1.2.0/release.json' },
        ],
      });
      expect(store.objects.get('pub/pychat/latest.json')!.headers['cache-control']).toBe('no-cache');
      await destination().finalise(RELEASE, [], '');
      expect(store.stored.filter((key) => key.endsWith('latest.json'))).toHaveLength(1);
    });

    it('is moved by no prerelease, and not back to an older release', async () => {
      await publish('1.10.0');
      expect(await publish('1.11.0rc1')).toEqual(['`pub/pychat/latest.json` stays: it is moved by stable releases']);
      expect(await publish('1.9.1')).toEqual(['`pub/pychat/latest.json` stays at 1.10.0, which is newer']);
      expect(await publish('1.12.0a1', destination({ latest: ['stable', 'prerelease'] }))).toEqual(['`pub/pychat/latest.json` is 1.12.0a1']);
    });

    it('never names fewer files than are listed: one that is not given leaves it open, and the pointer as it was', async () => {
      await publish('1.9.0');
      await destination().upload(releaseOf('1.10.0'), publishFile('pychat-1.10.0.tar.gz', 'archive'), PROGRESS);
      const http: HttpClient = {
        readOnly: false,
        request: (request) =>
          request.method === 'HEAD' && request.url.endsWith('.tar.gz')
            ? Promise.resolve({ status: 404, headers: {}, text: async () => '' } as never)
            : testClient().request(request),
      };
      await expect(destination({ http }).finalise(releaseOf('1.10.0'), [], '')).rejects.toMatchObject({
        code: 'PUBLISH_UNANSWERED',
        message: expect.stringContaining('pychat-1.10.0.tar.gz`, which it lists'),
      });
      expect(latest()).toContain('"1.9.0"');
    });

    it('goes back to the release before when the one that it names is taken back', async () => {
      for (const version of ['1.9.0', '1.10.0', '1.11.0rc1', '1.11.0']) await publish(version);
      const marked = (version: string): Promise<string | undefined> => destination().readTakenBack(releaseOf(version));
      expect(await marked('1.10.0')).toBeUndefined();
      for (let turn = 1; turn <= 2; turn += 1) {
        expect(await destination().takeBack(releaseOf('1.10.0'))).toMatchObject({
          lines: [
            expect.stringContaining('does not name 1.10.0: nothing to move'),
            expect.stringContaining('taken-back/1.10.0.json'),
            expect.anything(),
          ],
        });
        expect(await marked('1.10.0')).toBe('`pub/pychat/taken-back/1.10.0.json` stands there');
      }
      // not to 1.10.0, which was taken back too
      expect(await destination().takeBack(releaseOf('1.11.0'))).toEqual({
        outcome: 'done',
        lines: [
          '`pub/pychat/latest.json` is 1.9.0',
          '`pub/pychat/taken-back/1.11.0.json` says that it was taken back',
          expect.stringContaining('aws s3 rm --recursive s3://releases/pub/pychat/1.11.0/'),
        ],
      });
      expect(latest()).toContain('"1.9.0"');
      await destination().takeBack(releaseOf('1.9.0'));
      expect(latest()).toBeUndefined();
      expect(await destination().takeBack(releaseOf('3.0'))).toMatchObject({ outcome: 'absent' });
      store.objects.delete('pub/pychat/1.11.0/pychat-1.11.0.tar.gz');
      const spelling = (version: string): Promise<string | undefined> => destination().spelling!(releaseOf(version));
      expect(await Promise.all(['1.9', '1.11', '1.9.0', '3.0'].map(spelling))).toEqual(['1.9.0', '1.11.0', '1.9.0', undefined]);
      expect(await marked('3.0')).toBeUndefined();
    });

    it('goes back past folders that are no versions', async () => {
      for (const version of ['1.9.0', '1.10.0']) await publish(version);
      for (const folder of ['0', '1!1.0', '2024-notes', '1.x', 'docs']) {
        store.objects.set(`pub/pychat/${folder}/notes.txt`, { bytes: Buffer.from('x'), headers: {}, etag: '"x"' });
      }
      expect(await destination().takeBack(releaseOf('1.10.0'))).toMatchObject({
        outcome: 'done',
        lines: ['`pub/pychat/latest.json` is 1.9.0', expect.anything(), expect.anything()],
      });
    });

    it.each(['2.0.0-nightly.5', '1!2.0'])('is written anew where it names %s, which no release has', async (version) => {
      store.objects.set('pub/pychat/latest.json', { bytes: Buffer.from(`{"version": "${version}"}`), headers: {}, etag: '"x"' });
      expect(await publish('1.2.0')).toEqual(['`pub/pychat/latest.json` is 1.2.0']);
    });

    it('does not go back to a release that was given up half way', async () => {
      for (const version of ['1.5.0', '1.6.0', '1.7.0', '1.8.0', '1.9.0', '1.10.0']) await publish(version);
      store.objects.delete('pub/pychat/1.9.0/pychat-1.9.0-SHA256SUMS');
      store.objects.delete('pub/pychat/1.8.0/pychat-1.8.0.tar.gz');
      store.objects.delete('pub/pychat/1.7.0/release.json');
      store.objects.get('pub/pychat/1.6.0/release.json')!.bytes = Buffer.alloc(5 * 1024 * 1024, ' ');
      const { lines } = await destination().takeBack(releaseOf('1.10.0'));
      expect(lines.slice(0, 5)).toEqual([
        '`pub/pychat/latest.json` is 1.5.0',
        '1.9.0 was passed over: `pychat-1.9.0-SHA256SUMS`, which its description names, is missing',
        '1.8.0 was passed over: `pychat-1.8.0.tar.gz`, which its description names, is missing',
        '1.7.0 was passed over: its `release.json` is missing',
        expect.stringMatching(/^1\.6\.0 was passed over: .*more than 4194304 bytes/),
      ]);
      expect(latest()).toContain('"1.5.0"');
    });

    it('does not go back to a release whose signature was never sent, but to one from before there was a key', async () => {
      await publish('1.0.0');
      for (const version of ['1.1.0', '1.2.0', '1.3.0']) await publish(version, destination(), { signed: true });
      store.objects.delete('pub/pychat/1.2.0/pychat-1.2.0-SHA256SUMS.minisig');
      const fewer = 'its sums have fewer signatures (0) than those of';
      const { lines } = await destination().takeBack(releaseOf('1.3.0'));
      expect(lines.slice(0, 2)).toEqual(['`pub/pychat/latest.json` is 1.1.0', `1.2.0 was passed over: ${fewer} 1.3.0 (1)`]);
      await destination().takeBack(releaseOf('1.2.0'));
      const last = await destination().takeBack(releaseOf('1.1.0'));
      expect(last.lines.slice(0, 2)).toEqual(['`pub/pychat/latest.json` is 1.0.0', `look whether 1.0.0 is whole: ${fewer} 1.1.0 (1)`]);
    });

    it('goes back to a release whose sums have any name, and takes no archive for sums', async () => {
      await publish('1.1.0', destination(), { sums: 'pychat-1.1.0-digests.txt' });
      await publish('1.2.0', destination(), { sums: 'pychat-1.2.0-digests.txt' });
      await publish('1.3.0');
      for (const key of ['pychat-1.2.0-digests.txt', 'release.json']) store.objects.delete(`pub/pychat/1.2.0/${key}`);
      await destination().upload(releaseOf('1.2.0'), publishFile('dim-sum-1.2.0.tar.gz', Buffer.alloc(5 * 1024 * 1024)), PROGRESS);
      const { lines } = await destination().takeBack(releaseOf('1.3.0'));
      expect(lines.slice(0, 2)).toEqual(['`pub/pychat/latest.json` is 1.1.0', '1.2.0 was passed over: its `release.json` is missing']);
    });

    it('is not moved over what somebody else wrote meanwhile', async () => {
      await publish('1.1.0');
      const target = destination({
        http: {
          readOnly: false,
          request: async (request) => {
            if (request.method === 'PUT') store.objects.get('pub/pychat/latest.json')!.etag = '"other"';
            return testClient().request(request);
          },
        },
      });
      await expect(target.finalise(releaseOf('1.1.1'), [], '')).rejects.toMatchObject({ code: 'PUBLISH_S3_LATEST' });
      expect(latest()).toContain('"1.1.0"');
    });
  });

  it('does not move a pointer that comes without an ETag: nobody knows what it would undo', async () => {
    await publish('1.1.0');
    store.objects.get('pub/pychat/latest.json')!.etag = '';
    expect(await destination().preflight(RELEASE, files)).toMatchObject([{ check: 'PUBLISH_S3_ETAG', level: 'error' }]);
    await expect(destination().finalise(RELEASE, [], '')).rejects.toMatchObject({ code: 'PUBLISH_S3_ETAG' });
    expect(latest()).toContain('"1.1.0"');
    expect(await destination({ latest: [] }).preflight(RELEASE, files)).toEqual([]);
  });

  it('only looks with a client that only reads', async () => {
    const target = destination({ http: testClient({ readOnly: true }) });
    expect(await target.preflight(RELEASE, files)).toEqual([]);
    expect(await target.inspect(RELEASE, files)).toHaveLength(3);
    expect(await target.list(RELEASE)).toEqual([]);
    await expect(target.upload(RELEASE, archive, PROGRESS)).rejects.toMatchObject({ code: 'NETWORK_READ_ONLY' });
    expect(store.requests.every((line) => /^(GET|HEAD) /.test(line))).toBe(true);
  });

  it('tells how to get it and how to take it back', () => {
    expect(destination().guide(RELEASE, [archive])).toMatchObject({
      install: [`curl -fLO https://get.test/pub/pychat/1.2.0/${archive.name}`],
      takeBack: [
        `npx nx run ${RELEASE.project}:take-back --release=1.2.0 --confirm`,
        expect.stringMatching(/^# lets/),
        expect.stringMatching(/^# .*aws s3 rm/),
      ],
    });
    expect(destination({ publicUrl: undefined }).guide(RELEASE, [archive]).install).toEqual([
      `aws s3 cp s3://releases/pub/pychat/1.2.0/${archive.name} . --endpoint-url ${store.url}`,
    ]);
  });

  it('writes the `+` of a local version so that it stays one, in addresses and in names', async () => {
    const release = releaseOf('1.2.0+cu118');
    const file = publishFile('pychat-1.2.0+cu118.tar.gz', 'archive');
    const url = 'https://get.test/pub/pychat/1.2.0%2Bcu118/pychat-1.2.0%2Bcu118.tar.gz';
    expect(destination().guide(release, [file]).install).toEqual([`curl -fL -o ${file.name} ${url}`]);
    await destination().upload(release, file, PROGRESS);
    expect([...store.objects.keys()]).toEqual([`pub/pychat/1.2.0+cu118/${file.name}`]);
    expect(await destination().inspect(release, [file])).toMatchObject([{ state: 'same', url }]);
    expect(await destination().list(release)).toMatchObject([{ name: file.name, url }]);
  });

  it('has one identity for one place', () => {
    expect(destination().identity).toBe(destination({ id: 'other', endpoint: `${store.url}/`, accessKeyId: new Secret('else') }).identity);
    expect(destination().identity).not.toBe(destination({ prefix: 'else' }).identity);
    expect(destination({ endpoint: undefined, region: 'eu-west-1' }).identity).toBe('s3 https://releases.s3.eu-west-1.amazonaws.com/pub/');
    expect(destination({ endpoint: undefined, bucket: 'a.b' }).identity).toBe('s3 https://s3.us-east-1.amazonaws.com/a.b/pub/');
    expect(destination().title).toBe('s3 bucket releases, prefix pub/');
  });
});
