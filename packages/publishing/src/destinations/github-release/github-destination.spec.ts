import type { HttpClient, HttpRequest, HttpResponse } from '@waybill/core';
import type { Destination, PublishFile } from '../../destination';
import { githubUnderTest } from '../../testing/github-under-test';
import { PROGRESS, publishFile, RELEASE, releaseOf, sha256Of, testClient } from '../../testing/release-files';
import { startFaultProxy, startGithub, type Fault, type GithubStandIn } from '../../testing/stand-ins';
import type { GithubConfig } from './github-config';

describe('createGithubReleaseDestination', () => {
  let hub: GithubStandIn;
  const start = async (options: object = {}): Promise<void> => {
    await hub?.stop();
    hub = await startGithub(options);
  };
  beforeEach(() => start());
  afterEach(() => hub.stop());

  const destination = (config: Partial<GithubConfig> = {}): Destination => githubUnderTest(hub, config);
  const archive = publishFile('pychat-1.2.0-linux-x86_64.tar.gz', 'archive'.repeat(1_000));
  const sums = publishFile('pychat-1.2.0-SHA256SUMS', 'sums', { kind: 'checksums' });
  const signature = publishFile('pychat-1.2.0-SHA256SUMS.minisig', 'signature', { kind: 'signature' });
  const files = [archive, sums, signature];
  const send = async (target = destination(), sent: readonly PublishFile[] = files): Promise<void> => {
    for (const file of sent) expect(await target.upload(RELEASE, file, PROGRESS)).toEqual({ outcome: 'stored' });
  };
  const SECTION = (text: string): string =>
    `<!-- waybill pychat -->\n${text}\n<!-- waybill files: ${files.map(({ name }) => name).join(' ')} -->\n<!-- /waybill pychat -->`;
  const OTHER = '<!-- waybill other -->\nother\n<!-- waybill files: pychat-server-1.2.0.zip -->\n<!-- /waybill other -->';
  const states = async (sent: readonly PublishFile[] = files): Promise<readonly string[]> =>
    (await destination().inspect(RELEASE, sent)).map(({ state }) => state);

  it('fills a draft, compares digests, and makes it public last', async () => {
    expect(await states()).toEqual(['absent', 'absent', 'absent']);
    await send();
    expect(hub.releases).toMatchObject([{ tag_name: 'v1.2.0', draft: true, prerelease: false }]);
    expect(await states()).toEqual(['same', 'same', 'same']);
    expect((await destination().list(RELEASE))!.map(({ name, sha256, url }) => [name, sha256, url])).toEqual(
      files.map(({ name, sha256 }) => [name, sha256, undefined]),
    );
    expect(await destination().finalise(RELEASE, files, 'What is new')).toEqual([`${hub.url}/team/pychat/releases/tag/v1.2.0 is public`]);
    expect(hub.releases[0]).toMatchObject({ draft: false, body: SECTION('What is new') });
    expect(hub.latest).toBe('legacy');
    expect((await destination().list(RELEASE))![0]!.url).toContain('/releases/download/');
  });

  it('does nothing the second time', async () => {
    await send();
    await destination().finalise(RELEASE, files, 'text');
    hub.requests.length = 0;
    expect(await states()).toEqual(['same', 'same', 'same']);
    await destination().finalise(RELEASE, files, 'text');
    expect(hub.requests.filter((line) => !line.startsWith('GET '))).toEqual([]);
  });

  it('finds its draft again behind many releases, on a later page', async () => {
    await send(destination(), [archive]);
    for (let n = 0; n < 5; n += 1) hub.releases.push({ ...hub.releases[0]!, id: 100 + n, tag_name: `v0.${n}`, draft: false, assets: [] });
    await send(destination(), [sums]);
    expect(hub.releases.filter(({ draft }) => draft)).toHaveLength(1);
    expect(await states([archive, sums])).toEqual(['same', 'same']);
  });

  it('deletes the rest of a broken upload and sends it again', async () => {
    hub.breakUploads = 1;
    await expect(destination().upload(RELEASE, archive, PROGRESS)).rejects.toMatchObject({ code: 'NETWORK_FAILED' });
    expect(await destination().inspect(RELEASE, [archive])).toEqual([
      { name: archive.name, state: 'partial', reason: 'its upload broke off (`starter`)' },
    ]);
    await send(destination(), [archive]);
    expect(await states([archive])).toEqual(['same']);
    expect(hub.releases[0]!.assets).toHaveLength(1);
  });

  it('reads the bytes where the server tells no digest, and gives its token to no store', async () => {
    await start({ digests: false });
    await send();
    expect(await states()).toEqual(['same', 'same', 'same']);
    expect(await states([publishFile(archive.name, 'Archive'.repeat(1_000))])).toEqual(['conflict']);
    const pieces = [];
    for await (const piece of destination().download(RELEASE, archive.name)) pieces.push(piece);
    expect(sha256Of(Buffer.concat(pieces))).toBe(archive.sha256);
  });

  it('names other bytes a conflict, and does not overwrite them', async () => {
    await send();
    const other = publishFile(archive.name, 'other');
    expect(await destination().inspect(RELEASE, [other])).toMatchObject([{ state: 'conflict', sha256: archive.sha256 }]);
    expect(await destination().upload(RELEASE, other, PROGRESS)).toEqual({ outcome: 'uncertain', reason: 'the name was taken meanwhile' });
  });

  it('refuses what an immutable release lacks, before and while it is sent', async () => {
    await start({ immutable: true });
    await send();
    await destination().finalise(RELEASE, files, '');
    const late = publishFile('pychat-1.2.0-late.zip', 'late');
    expect(await destination().inspect(RELEASE, [late])).toMatchObject([{ state: 'conflict', reason: expect.stringContaining('immutable') }]);
    await expect(destination().upload(RELEASE, late, PROGRESS)).rejects.toMatchObject({ code: 'PUBLISH_GITHUB_IMMUTABLE' });
  });

  it('fills the draft that it made, and makes it public, while the list does not show it yet', async () => {
    await start({ listLags: true });
    const target = destination();
    expect(await target.proveRights!(RELEASE, files)).toEqual([]);
    await send(target);
    expect((await target.inspect(RELEASE, files)).map(({ state }) => state)).toEqual(['same', 'same', 'same']);
    await target.finalise(RELEASE, files, '');
    expect(hub.releases).toMatchObject([{ draft: false, assets: files.map(({ name }) => ({ name })) }]);
  });

  describe('when the answer to the making of a draft is lost, and the list lags', () => {
    /** Loses the first one: the draft is made. */
    function losing(): HttpClient {
      const http = testClient();
      let lost = false;
      const request = async (one: HttpRequest): Promise<HttpResponse> => {
        const response = await http.request(one);
        const isLost = !lost && one.method === 'POST' && one.url.endsWith('/releases');
        lost ||= isLost;
        return isLost ? { ...response, status: 502 } : response;
      };
      return { readOnly: false, request };
    }

    it('waits for the list, and makes no second one', async () => {
      await start({ listLags: true });
      let pauses = 0;
      const target = destination({ http: losing(), pause: async () => void (hub.listLags = ++pauses < 2) });
      await expect(target.proveRights!(RELEASE, files)).rejects.toMatchObject({ code: 'PUBLISH_UNANSWERED' });
      expect(await target.proveRights!(RELEASE, files)).toEqual([]);
      await send(target);
      await target.finalise(RELEASE, files, '');
      expect([pauses, hub.releases]).toMatchObject([2, [{ draft: false, assets: files.map(({ name }) => ({ name })) }]]);
    });

    it('deletes the second one again that it made after the wait, while nothing is in it', async () => {
      await start({ listLags: true });
      const target = destination({ http: losing() });
      await expect(target.proveRights!(RELEASE, files)).rejects.toMatchObject({ code: 'PUBLISH_UNANSWERED' });
      expect(await target.proveRights!(RELEASE, files)).toEqual([]);
      const [{ id }, { length }] = [hub.releases[0]!, hub.releases];
      hub.listLags = false;
      await send(target);
      await target.finalise(RELEASE, files, '');
      expect([length, hub.releases]).toMatchObject([2, [{ id, draft: false, assets: files.map(({ name }) => ({ name })) }]]);
    });

    it('leaves two to people when the second one holds files already', async () => {
      await start({ listLags: true });
      const target = destination({ http: losing() });
      await expect(target.proveRights!(RELEASE, files)).rejects.toMatchObject({ code: 'PUBLISH_UNANSWERED' });
      await send(target, [archive]);
      hub.listLags = false;
      await expect(target.inspect(RELEASE, files)).rejects.toMatchObject({ code: 'PUBLISH_GITHUB_DRAFTS' });
    });
  });

  it('takes no draft for its own that a person deleted, and sees that of another beside its own', async () => {
    await start({ listLags: true });
    const target = destination();
    await send(target, [archive]);
    hub.releases.splice(0);
    expect(await target.inspect(RELEASE, [archive])).toMatchObject([{ state: 'absent' }]);
    await send(target, [archive]);
    hub.releases.push({ ...hub.releases[0]!, id: 77, draft: false, assets: [] });
    await expect(target.inspect(RELEASE, files)).rejects.toMatchObject({ code: 'PUBLISH_GITHUB_DRAFTS' });
  });

  it('names double drafts', async () => {
    await send(destination(), [archive]);
    hub.releases.push({ ...hub.releases[0]!, id: 77, assets: [] });
    await expect(destination().inspect(RELEASE, files)).rejects.toMatchObject({
      code: 'PUBLISH_GITHUB_DRAFTS',
      details: [expect.anything(), expect.anything()],
    });
    expect(await destination().preflight(RELEASE, files)).toMatchObject([{ check: 'PUBLISH_GITHUB_DRAFTS' }]);
  });

  it('makes a prerelease one, which is not the latest', async () => {
    hub.tags['v2.0rc1'] = 'c0ffee';
    const release = releaseOf('2.0rc1');
    await destination().upload(release, publishFile('pychat-2.0rc1.zip', 'x'), PROGRESS);
    await destination().finalise(release, [publishFile('pychat-2.0rc1.zip', 'x')], '');
    expect([hub.releases[0]!.prerelease, hub.releases[0]!.draft, hub.latest]).toEqual([true, false, 'false']);
  });

  it('leaves alone what people and other projects wrote and sent', async () => {
    await send();
    const [release] = hub.releases;
    release!.body = `By hand\r\n\r\n${OTHER}`;
    release!.assets.push({ id: 99, name: 'pychat-server-1.2.0.zip', state: 'uploaded', bytes: Buffer.from('x') });
    await destination().finalise(RELEASE, files, 'one');
    await destination().finalise(RELEASE, files, 'two');
    expect(release).toMatchObject({ draft: false, body: `By hand\n\n${OTHER}\n\n${SECTION('two')}` });
    expect((await destination().list(RELEASE))!.map(({ name }) => name)).toEqual(files.map(({ name }) => name));
  });

  it('sends as many lines as a release has room for, and always the names of its files', async () => {
    await send();
    const [release] = hub.releases;
    release!.body = OTHER;
    await destination().finalise(RELEASE, files, `${'- what is new in it\n'.repeat(10_000)}end`);
    expect(release!.body!.length).toBeGreaterThan(124_900);
    expect(release!.body!.startsWith(OTHER)).toBe(true);
    expect(release!.body).toMatch(/- what is new in it\n\n…\n<!-- waybill files:[^\n]+ -->\n<!-- \/waybill pychat -->$/);
  });

  it('lists what it was asked about, whatever its name', async () => {
    const description = publishFile('release.json', '{}');
    const target = destination();
    await send(target, [description]);
    expect(await destination().list(RELEASE)).toEqual([]);
    await target.inspect(RELEASE, [description]);
    expect(await target.list(RELEASE)).toMatchObject([{ name: 'release.json', state: 'same' }]);
  });

  it('is taken back: a draft loses its files and stays as a mark, a public release is marked', async () => {
    await send();
    expect(await destination().readTakenBack(RELEASE)).toBeUndefined();
    hub.releases[0]!.assets.push({ id: 99, name: 'foreign.zip', state: 'uploaded', bytes: Buffer.from('x') });
    expect(await destination().takeBack(RELEASE)).toMatchObject({ outcome: 'done', lines: [expect.stringContaining('never public')] });
    expect(hub.releases).toMatchObject([{ draft: true, assets: [{ name: 'foreign.zip' }] }]);
    expect(await destination().readTakenBack(RELEASE)).toMatch(/^the text of http.* says so$/);
    expect(await destination().readTakenBack({ ...RELEASE, name: 'other' })).toBeUndefined();
    hub.releases.splice(0);
    await send(destination(), [publishFile('release.json', '{}')]);
    hub.releases[0]!.body = '<!-- waybill pychat -->\n<!-- waybill files: release.json -->\n<!-- /waybill pychat -->';
    await destination().takeBack(RELEASE);
    expect(hub.releases[0]!.assets).toEqual([]);
    hub.releases.splice(0);
    await send();
    await destination().finalise(RELEASE, files, 'text');
    expect(await destination().readTakenBack(RELEASE)).toBeUndefined();
    expect(await destination().takeBack(RELEASE)).toMatchObject({ outcome: 'done' });
    expect(hub.releases[0]).toMatchObject({ prerelease: true, body: expect.stringContaining('1.2.0 was taken back') });
    expect(await destination().readTakenBack(RELEASE)).toMatch(/^the text of http.* says so$/);
    expect(await destination().takeBack(releaseOf('9.9'))).toMatchObject({ outcome: 'absent' });
  });

  it('works with GitHub Enterprise', async () => {
    await start({ apiPath: '/api/v3' });
    await send();
    expect(await states()).toEqual(['same', 'same', 'same']);
    expect(destination().guide(RELEASE, [archive]).install).toEqual([`curl -fLO ${hub.url}/team/pychat/releases/download/v1.2.0/${archive.name}`]);
    expect(destination({ apiUrl: undefined }).guide(RELEASE, [archive]).install[0]).toContain('https://github.com/team/pychat/releases/');
    expect(destination({ apiUrl: 'https://api.acme.ghe.com' }).guide(RELEASE, [archive]).install[0]).toContain(' https://acme.ghe.com/team/pychat/');
    expect(destination({ apiUrl: undefined }).identity).toBe('github https://api.github.com/team/pychat');
  });

  it('lets the file of a local version be downloaded under its name', () => {
    const file = publishFile('pychat-1.2.0+cu118.zip', 'archive');
    const [line] = destination().guide({ ...RELEASE, version: '1.2.0+cu118' }, [file]).install;
    expect(line).toBe(`curl -fL -o ${file.name} ${hub.url}/team/pychat/releases/download/v1.2.0/pychat-1.2.0%2Bcu118.zip`);
  });

  it.each<[string, string, boolean]>([
    ['its tag', 'v1.2.0', true],
    ['a tag with the name', 'pychat@1.2', true],
    ['the tag of another version', 'v1.2.1', false],
    ['the tag of another project', 'v1.2.0', false],
  ])('finds what it takes back by the release itself where the clone has no tags: %s', async (which, tag, found) => {
    await send();
    await destination().finalise(RELEASE, files, 'text');
    hub.releases[0]!.tag_name = tag;
    if (which.includes('project')) Object.assign(hub.releases[0]!, { body: OTHER, assets: [] });
    const { tag: known, ...release } = RELEASE;
    expect(known).toBe('v1.2.0');
    expect(await destination().takeBack(release)).toMatchObject({ outcome: found ? 'done' : 'absent' });
    expect(hub.releases[0]!.prerelease).toBe(found);
    expect((await destination().readTakenBack(release)) !== undefined).toBe(found);
  });

  it('finds a draft that nobody ended where the clone has no tags, by its files', async () => {
    await send();
    const { tag: _, ...release } = RELEASE;
    expect(await destination().takeBack(release)).toMatchObject({ outcome: 'done' });
    expect(hub.releases[0]!.assets).toEqual([]);
  });

  it.each<Omit<Fault, 'at'>>([
    { fault: 'drop-before' },
    { fault: 'drop-after' },
    { fault: 'status', status: 503 },
    { fault: 'status-after', status: 502 },
  ] as never)('ends as one stored file in one draft, whichever request meets %j', async (fault) => {
    // list, make a draft, list, assets, upload
    for (let at = 1; at <= 5; at += 1) {
      await start();
      const proxy = await startFaultProxy(hub.url, [{ at, ...fault } as Fault]);
      const target = destination({ apiUrl: proxy.url });
      // the uploads go to an address that the server tells: let it tell the proxy's
      hub.url = proxy.url;
      for (let attempt = 1; (await target.inspect(RELEASE, [archive]))[0]!.state !== 'same'; attempt += 1) {
        expect(attempt).toBeLessThan(4);
        await target.upload(RELEASE, archive, PROGRESS).catch((error: { code: string }) => expect(error.code).toBe('NETWORK_FAILED'));
      }
      expect([hub.stored, hub.releases.length, hub.releases[0]!.assets.length]).toEqual([[archive.name], 1, 1]);
      await proxy.stop();
    }
  });
});
