import { Secret } from '@waybill/core';
import type { Destination } from '../../destination';
import { githubUnderTest } from '../../testing/github-under-test';
import { PROGRESS, publishFile, RELEASE, releaseOf, testClient } from '../../testing/release-files';
import { startGithub, type GithubStandIn } from '../../testing/stand-ins';
import { githubRepository, isOfGithub, type GithubConfig } from './github-config';
import { isOwn } from './inspect-assets';
import { withSection } from './release-body';

describe('what GitHub refuses', () => {
  let hub: GithubStandIn;
  const start = async (options: object = {}): Promise<void> => {
    await hub?.stop();
    hub = await startGithub(options);
  };
  beforeEach(() => start());
  afterEach(() => hub.stop());

  const destination = (config: Partial<GithubConfig> = {}): Destination => githubUnderTest(hub, config);
  const file = publishFile('pychat-1.2.0.zip', 'bytes');
  const checks = async (config: Partial<GithubConfig> = {}, release = RELEASE, files = [file]): Promise<readonly string[]> =>
    (await destination(config).preflight(release, files)).map(({ check }) => check);

  it('nothing stands in the way of a right one, and nothing is written', async () => {
    expect(await checks({ http: testClient({ readOnly: true }) })).toEqual([]);
    expect(hub.requests.every((line) => /^(GET|HEAD) /.test(line))).toBe(true);
  });

  it('a token that it does not take', async () => {
    expect(await checks({ token: new Secret('ghp_old') })).toEqual(['PUBLISH_GITHUB_CREDENTIALS']);
    await expect(destination({ token: new Secret('ghp_old') }).inspect(RELEASE, [file])).rejects.toMatchObject({
      code: 'PUBLISH_GITHUB_CREDENTIALS',
    });
  });

  it('a repository that is not there', async () => {
    expect(await checks({ repository: 'team/other' })).toEqual(['PUBLISH_GITHUB_REPOSITORY']);
  });

  it('a token that only reads, and an archived repository', async () => {
    await start({ push: false });
    expect(await checks()).toEqual(['PUBLISH_GITHUB_RIGHTS']);
    await expect(destination().upload(RELEASE, file, PROGRESS)).rejects.toMatchObject({ code: 'PUBLISH_GITHUB_RIGHTS' });
    await start({ archived: true });
    expect(await checks()).toEqual(['PUBLISH_GITHUB_RIGHTS']);
  });

  it('but not the token of a workflow, which is never told that it may push', async () => {
    await start({ push: false, installation: true });
    expect(await checks()).toEqual([]);
    expect(await destination().upload(RELEASE, file, PROGRESS)).toEqual({ outcome: 'stored' });
  });

  it('the token of a workflow that may only read is found by a draft, and by writing to the release that is there', async () => {
    await start({ push: false, installation: true });
    await destination().proveRights!(RELEASE, [file]);
    await destination().proveRights!(RELEASE, [file]);
    expect(hub.releases.map(({ draft, assets, tag_name }) => [draft, assets.length, tag_name])).toEqual([[true, 0, 'v1.2.0']]);
    hub.readsOnly = true;
    expect(await checks()).toEqual([]);
    await expect(destination().proveRights!(RELEASE, [file])).rejects.toMatchObject({ code: 'PUBLISH_GITHUB_RIGHTS' });
    Object.assign(hub.releases[0]!, { draft: false });
    await expect(destination().proveRights!(RELEASE, [file])).rejects.toMatchObject({ code: 'PUBLISH_GITHUB_RIGHTS' });
    // nothing goes there any more
    Object.assign(hub.releases[0]!, { immutable: true });
    expect(await destination().proveRights!(RELEASE, [file])).toEqual([]);
  });

  it('a tag that is not pushed, or stands for another commit', async () => {
    expect(await checks({}, releaseOf('9.0'))).toEqual(['PUBLISH_GITHUB_TAG']);
    await destination().upload(RELEASE, file, PROGRESS);
    hub.tags['v1.2.0'] = 'decaf';
    expect(await destination().preflight(RELEASE, [file])).toMatchObject([
      { check: 'PUBLISH_GITHUB_TAG', message: expect.stringContaining('commit decaf') },
    ]);
    await expect(destination().finalise(RELEASE, [file], '')).rejects.toMatchObject({ code: 'PUBLISH_GITHUB_TAG' });
    expect(hub.releases[0]!.draft).toBe(true);
  });

  it('more requests than it takes', async () => {
    hub.limited = true;
    await expect(destination().inspect(RELEASE, [file])).rejects.toMatchObject({
      code: 'PUBLISH_GITHUB_LIMIT',
      message: expect.stringContaining('until 2027-01-15T08:00:00.000Z'),
    });
  });

  it('what can be no asset, before anything is sent', async () => {
    const found = await destination().preflight(RELEASE, [
      { ...file, size: 2 * 1024 ** 3 },
      { ...file, size: 0 },
      { ...file, name: 'a b.zip' },
    ]);
    expect(found.map(({ check }) => check)).toEqual(['PUBLISH_GITHUB_ASSET', 'PUBLISH_GITHUB_ASSET', 'PUBLISH_GITHUB_ASSET']);
    expect(
      await checks(
        {},
        RELEASE,
        Array.from({ length: 1_001 }, () => file),
      ),
    ).toEqual(['PUBLISH_GITHUB_ASSET']);
  });

  it('a name that it writes otherwise', async () => {
    await expect(destination().upload(RELEASE, { ...file, name: 'a b.zip' }, PROGRESS)).rejects.toMatchObject({
      code: 'PUBLISH_GITHUB_ASSET',
      details: [expect.anything(), 'actual it calls it `a.b.zip`'],
    });
  });

  it('bytes that changed on the way', async () => {
    await expect(destination().upload(RELEASE, { ...file, sha256: '0'.repeat(64) }, PROGRESS)).rejects.toMatchObject({
      code: 'PUBLISH_GITHUB_DIGEST',
    });
  });

  it('to lead its token elsewhere: only the API and its uploads get it', async () => {
    hub.url = hub.url.replace('127.0.0.1', 'localhost');
    await expect(destination().upload(RELEASE, file, PROGRESS)).rejects.toMatchObject({
      code: 'PUBLISH_GITHUB_HOST',
      message: expect.stringContaining('`localhost:'),
    });
    expect(hub.requests.some((line) => line.startsWith('POST /uploads/'))).toBe(false);
  });

  it.each<[string, string, boolean]>([
    ['https://api.github.com', 'https://uploads.github.com/repos/a/b/releases/1/assets', true],
    ['https://api.github.com', 'https://api.github.com/repositories/1/releases?page=2', true],
    ['https://api.github.com', 'https://github.com/a/b', false],
    ['https://api.github.com', 'https://objects.githubusercontent.com/x', false],
    ['https://api.github.com', 'http://uploads.github.com/x', false],
    ['https://api.team.ghe.com', 'https://uploads.team.ghe.com/x', true],
    ['https://ghe.test/api/v3', 'https://ghe.test/api/uploads/repos/a/b', true],
    ['https://ghe.test/api/v3', 'https://uploads.ghe.test/x', false],
  ])('%s: the token for %s is %p', (apiUrl, url, own) => {
    expect(isOfGithub(githubRepository({ id: 'x', http: testClient(), repository: 'a/b', token: new Secret('t'), apiUrl }), new URL(url))).toBe(own);
  });

  it('to publish what is not there, or to give it', async () => {
    await expect(destination().finalise(RELEASE, [file], '')).rejects.toMatchObject({ code: 'PUBLISH_GITHUB_REFUSED' });
    const read = async (): Promise<void> => {
      for await (const piece of destination().download(RELEASE, file.name)) void piece;
    };
    await expect(read()).rejects.toMatchObject({ code: 'PUBLISH_GITHUB_REFUSED' });
  });

  it('but not an owner that a company manages', () => {
    expect(destination({ repository: 'octo_acme/pychat' }).title).toBe('GitHub release of octo_acme/pychat');
  });

  it.each<[string, Partial<GithubConfig>]>([
    ['repository', { repository: 'pychat' }],
    ['repository', { repository: 'team/pychat/releases' }],
    ['apiUrl', { apiUrl: 'api.test' }],
    ['apiUrl', { apiUrl: 'https://user@api.test' }],
  ])('a %s that can never work', (what, config) => {
    expect(() => destination(config)).toThrow(expect.objectContaining({ code: 'PUBLISH_GITHUB_SETTING', fix: expect.stringContaining(what) }));
  });
});

describe('isOwn', () => {
  it.each<[string, boolean]>([
    ['word-tally-1.2.0.tar.gz', true],
    ['word_tally-1.2.0-py3-none-any.whl', true],
    ['word-tally-1.2.0-SHA256SUMS', true],
    ['word-tally-1.2.0', true],
    ['word-tally-1.2.01.zip', false],
    ['word-tally-server-1.2.0.zip', false],
    ['word-tally-1.2.zip', false],
  ])('%s: %p', (file, own) => {
    expect(isOwn({ name: 'word-tally', version: '1.2.0' }, file)).toBe(own);
  });
});

describe('withSection', () => {
  it('adds, replaces and leaves the rest', () => {
    const one = withSection('', 'a', 'first\n');
    expect(one).toBe('<!-- waybill a -->\nfirst\n<!-- /waybill a -->');
    const two = withSection(one, 'b', 'other');
    expect(withSection(two, 'a', 'second')).toBe(two.replace('first', 'second'));
    expect(withSection(two, 'b', 'other')).toBe(two);
  });
});
