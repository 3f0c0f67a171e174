import type { Destination, PublishFile, Release } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { downloadLine } from '../download-line';
import { takeBackCommand } from '../take-back-command';
import { orderOfUpload } from '../order-of-upload';
import { findRelease, listAssets, tagOf } from './find-release';
import { withTagOf } from './find-untagged';
import { githubRepository, type GithubConfig, type GithubRepository } from './github-config';
import { downloadAsset, inspectAssets, listOwn } from './inspect-assets';
import { preflightGithub } from './preflight-github';
import { proveGithubRights } from './prove-github-rights';
import { publishDraft, readMark, strangeFiles, takeReleaseBack } from './publish-draft';
import { uploadAsset } from './upload-asset';

/**
 * A release of GitHub or GitHub Enterprise. Files go to a draft, which is found by its tag and made public last: of an immutable release nothing can be
 * changed any more. Projects of one tag share it: the last of them makes it public.
 */
export function createGithubReleaseDestination(config: GithubConfig): Destination {
  const github = githubRepository(config);
  const { id, repository, apiUrl } = github;
  const planned = new Set<string>();
  return {
    id,
    type: 'github-release',
    remote: true,
    rights: 'hidden-write',
    identity: `github ${new URL(apiUrl).href.toLowerCase().replace(/\/+$/, '')}/${repository.toLowerCase()}`,
    title: `GitHub release of ${repository}`,
    choose: (_, files) => ({ files: orderOfUpload(files), left: [] }),
    preflight: (release, files) => preflightGithub(github, release, files),
    inspect: (release, files) => {
      for (const { name } of files) planned.add(name);
      return inspectAssets(github, release, files);
    },
    proveRights: (release) => proveGithubRights(github, release),
    upload: (release, file, progress) => uploadAsset(github, release, file, progress),
    finalise: (release, files, body) => publishDraft(github, release, files, body),
    heldBack: (release) => strangeFiles(github, release),
    list: (release) => listOwn(github, release, planned),
    download: (release, name) => download(github, release, name),
    guide: (release, files) => ({ install: installLines(github, release, files), takeBack: takeBackLines(release) }),
    readTakenBack: async (release) => readMark(github, await withTagOf(github, release)),
    takeBack: async (release) => takeReleaseBack(github, await withTagOf(github, release)),
  };
}

async function* download(github: GithubRepository, release: Release, name: string): AsyncGenerator<Uint8Array> {
  const found = await findRelease(github, tagOf(release));
  const asset = found && (await listAssets(github, found)).find((one) => one.name === name);
  if (asset === undefined) {
    throw publishingErrors.error('PUBLISH_GITHUB_REFUSED', { id: github.id, action: `give \`${name}\``, said: 'the release has no such asset' });
  }
  yield* downloadAsset(github, asset);
}

/** The address of the site: of GitHub Enterprise Server the host of its API, elsewhere that host without `api.` before it. */
function siteOf(apiUrl: string): string {
  const { origin, hostname } = new URL(apiUrl);
  return hostname === 'api.github.com' || hostname.endsWith('.ghe.com') ? origin.replace('://api.', '://') : origin;
}

function installLines({ apiUrl, repository }: GithubRepository, release: Release, files: readonly PublishFile[]): readonly string[] {
  const base = `${siteOf(apiUrl)}/${repository}/releases/download/${encodeURIComponent(tagOf(release))}`;
  return files.map(({ name }) => downloadLine(`${base}/${encodeURIComponent(name)}`, name));
}

const takeBackLines = (release: Release): readonly string[] => [
  takeBackCommand(release),
  '# makes it a prerelease that is not the latest and says so in its text; its files stay',
];
