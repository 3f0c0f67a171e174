import type { Destination, PublishFile, Release } from '../../destination';
import { githubUnderTest } from '../../testing/github-under-test';
import { PROGRESS, publishFile, RELEASE, testClient } from '../../testing/release-files';
import { startGithub, type GithubStandIn } from '../../testing/stand-ins';

describe('projects that share a release', () => {
  let hub: GithubStandIn;
  const start = async (options: object = {}): Promise<void> => {
    await hub?.stop();
    hub = await startGithub(options);
  };
  beforeEach(() => start());
  afterEach(() => hub.stop());

  const CHAT = RELEASE;
  const TALLY: Release = { ...RELEASE, project: 'wordtally', name: 'wordtally' };
  const filesOf = ({ name }: Release): readonly PublishFile[] => [
    publishFile(`${name}-1.2.0.tar.gz`, name),
    publishFile(`${name}-1.2.0-SHA256SUMS`, `sums of ${name}`, { kind: 'checksums' }),
  ];
  const target = (sharedWith: readonly string[] = []): Destination => githubUnderTest(hub, { sharedWith });
  const send = async (release: Release, files = filesOf(release)): Promise<void> => {
    for (const file of files) expect(await target().upload(release, file, PROGRESS)).toEqual({ outcome: 'stored' });
  };
  const finish = (release: Release, sharedWith: readonly string[] = [], files = filesOf(release)): Promise<readonly string[]> =>
    target(sharedWith).finalise(release, files, `about ${release.name}`);

  it('fill one draft, and the last of them makes it public', async () => {
    await send(CHAT);
    expect(await finish(CHAT, ['wordtally'])).toEqual([
      expect.stringMatching(/^the draft .* is not public yet: it waits for the project `wordtally`$/),
    ]);
    expect(hub.releases).toMatchObject([{ draft: true, body: expect.stringContaining('about pychat') }]);
    hub.requests.length = 0;
    await finish(CHAT, ['wordtally']);
    expect(hub.requests.filter((line) => !line.startsWith('GET '))).toEqual([]);
    await send(TALLY);
    expect(await finish(TALLY, ['pychat'])).toEqual([expect.stringMatching(/is public$/)]);
    expect(hub.releases).toMatchObject([{ draft: false, body: expect.stringMatching(/about pychat[^]*about wordtally/) }]);
    expect(hub.releases[0]!.assets).toHaveLength(4);
    expect(await finish(CHAT, ['wordtally'])).toEqual([expect.stringMatching(/is public$/)]);
    expect((await target().list(CHAT))!.map(({ name }) => name)).toEqual(filesOf(CHAT).map(({ name }) => name));
  });

  it('do not publish what another was sending when it broke off', async () => {
    await send(TALLY, filesOf(TALLY).slice(0, 1));
    await send(CHAT);
    expect(await finish(CHAT)).toEqual([expect.stringContaining('it waits for whoever sent `wordtally-1.2.0.tar.gz`')]);
    expect(hub.releases[0]!.draft).toBe(true);
    expect(await target().heldBack!(CHAT)).toMatch(/stays a draft: it holds `wordtally-1\.2\.0\.tar\.gz` of nobody who has ended; .*run this again/);
    // foreseen: that project publishes it
    expect(await target(['wordtally']).heldBack!(CHAT)).toBeUndefined();
    await send(TALLY, filesOf(TALLY).slice(1));
    await finish(TALLY);
    expect(hub.releases[0]!.draft).toBe(false);
    expect(await target().heldBack!(CHAT)).toBeUndefined();
  });

  it('do not wait for one that was taken back', async () => {
    await send(TALLY);
    await target().takeBack(TALLY);
    await send(CHAT);
    expect(await finish(CHAT, ['wordtally'])).toEqual([expect.stringMatching(/is public$/)]);
  });

  it('do not make current again what another was taken back from', async () => {
    await send(TALLY);
    await finish(TALLY, ['pychat']);
    await send(CHAT);
    await finish(CHAT, ['wordtally']);
    await target().takeBack(TALLY);
    expect(hub.releases).toMatchObject([{ draft: false, prerelease: true }]);
    hub.requests.length = 0;
    await finish(CHAT, ['wordtally']);
    expect(hub.requests.filter((line) => !line.startsWith('GET '))).toEqual([]);
    expect(hub.releases).toMatchObject([{ draft: false, prerelease: true }]);
  });

  it('have names that cannot collide, or are refused before anything is sent', async () => {
    const description = publishFile('release.json', '{}');
    const checks = async (sharedWith: readonly string[]): Promise<readonly string[]> =>
      (await target(sharedWith).preflight(CHAT, [...filesOf(CHAT), description])).map(({ check }) => check);
    expect(await checks([])).toEqual([]);
    expect(await checks(['wordtally'])).toEqual(['PUBLISH_GITHUB_SHARED_NAME']);
  });

  it('say what is wrong when one of them is late', async () => {
    await send(CHAT);
    await finish(CHAT);
    expect(await target().preflight(TALLY, filesOf(TALLY))).toMatchObject([
      { check: 'PUBLISH_GITHUB_LATE', level: 'warning', fix: expect.stringContaining('sharedWith') },
    ]);
    expect(await target().preflight(CHAT, filesOf(CHAT))).toEqual([]);
    hub.releases[0]!.immutable = true;
    expect(await target().preflight(TALLY, filesOf(TALLY))).toEqual([]);
    expect(await target().inspect(TALLY, filesOf(TALLY))).toMatchObject([
      {
        state: 'conflict',
        reason: expect.stringContaining('immutable, without this file; projects that share a tag name each other in `sharedWith`'),
      },
      { state: 'conflict' },
    ]);
  });

  describe('an immutable release of the stand-in, as of GitHub', () => {
    const ask = async (method: 'PATCH' | 'DELETE' | 'POST', path: string, json: object = {}): Promise<string> => {
      const url = `${hub.apiUrl}/repos/${hub.repository}${path}`;
      const response = await testClient().request({
        ...{ method, url, headers: { authorization: `Bearer ${hub.token}` }, body: Buffer.from(JSON.stringify(json)) },
      });
      return `${response.status} ${await response.text()}`;
    };

    it('takes no late file, loses none, and keeps its tag for ever; its text and marks may change', async () => {
      await start({ immutable: true });
      await send(CHAT);
      await finish(CHAT);
      const [{ id, assets } = { id: 0, assets: [] }] = hub.releases;
      await expect(target().upload(TALLY, filesOf(TALLY)[0]!, PROGRESS)).rejects.toMatchObject({ code: 'PUBLISH_GITHUB_IMMUTABLE' });
      for (const [method, path, json] of [
        ['DELETE', `/releases/assets/${assets[0]!.id}`, {}],
        ['PATCH', `/releases/assets/${assets[0]!.id}`, { name: 'x' }],
        ['PATCH', `/releases/${id}`, { tag_name: 'v2' }],
        ['PATCH', `/releases/${id}`, { draft: true }],
        ['PATCH', '/git/refs/tags/v1.2.0', { sha: 'decaf' }],
        ['DELETE', '/git/refs/tags/v1.2.0', {}],
      ] as const) {
        expect(await ask(method, path, json)).toMatch(/^422 /);
      }
      expect(await ask('PATCH', `/releases/${id}`, { body: 'new', prerelease: true, make_latest: 'false' })).toMatch(/^200 /);
      expect(await target().takeBack(CHAT)).toMatchObject({ outcome: 'done' });
      expect(await ask('DELETE', `/releases/${id}`)).toMatch(/^204 /);
      await send(CHAT);
      await expect(finish(CHAT)).rejects.toMatchObject({ code: 'PUBLISH_GITHUB_TAG_USED' });
    });
  });
});
