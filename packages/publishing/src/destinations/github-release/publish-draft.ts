import type { Release, TakenBack } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { findRelease, listAssets, tagOf, type GithubRelease } from './find-release';
import { sendToGithub } from './github-client';
import type { GithubRepository } from './github-config';
import { githubRefusal } from './github-refusal';
import { isOwn } from './inspect-assets';
import { judgeTag } from './judge-tag';
import { hasSection, withSection } from './release-body';
import { deleteAsset } from './upload-asset';

/** Makes the draft public, last of all. What is public already gets the body, if it has another. GitHub itself decides what `latest` is. */
export async function publishDraft(github: GithubRepository, release: Release, text: string): Promise<readonly string[]> {
  const tag = tagOf(release);
  const found = await findRelease(github, tag);
  if (found === undefined)
    throw publishingErrors.error('PUBLISH_GITHUB_REFUSED', { id: github.id, action: `publish \`${tag}\``, said: 'there is no draft of it' });
  const prerelease = release.channel === 'prerelease';
  const body = text.trim() === '' ? (found.body ?? '') : withSection(found.body ?? '', release.name, text);
  if (!found.draft && found.prerelease === prerelease && sameText(found.body, body)) return [`${found.html_url} is public`];
  if (found.draft) await judgeTag(github, release);
  const change = { tag_name: tag, draft: false, prerelease, body, make_latest: prerelease ? 'false' : 'legacy' };
  await changeRelease(github, found, change, `publish \`${tag}\``);
  const now = await findRelease(github, tag);
  return [`${now?.html_url ?? found.html_url} is public`];
}

const sameText = (one: string | null, other: string): boolean => (one ?? '').replaceAll('\r\n', '\n').trim() === other.trim();

async function changeRelease(github: GithubRepository, { id, tag_name }: GithubRelease, json: object, action: string): Promise<void> {
  const response = await sendToGithub(github, { method: 'PATCH', path: `/releases/${id}`, json });
  if (response.status !== 200) throw await githubRefusal(github, response, action, tag_name);
}

const markOf = ({ name }: Pick<Release, 'name'>): string => `${name} taken back`;

/** By the section that taking back writes into the text of the release. */
export async function readMark(github: GithubRepository, release: Release): Promise<string | undefined> {
  const found = await findRelease(github, tagOf(release));
  return found && hasSection(found.body ?? '', markOf(release)) ? `the text of ${found.html_url} says so` : undefined;
}

/**
 * It is marked, because somebody may hold what is public, and GitHub may not let it go. A draft loses this project's files and stays, so that nobody
 * publishes it again: of other projects it may hold more.
 */
export async function takeReleaseBack(github: GithubRepository, release: Release): Promise<TakenBack> {
  const tag = tagOf(release);
  const found = await findRelease(github, tag);
  if (found === undefined) return { outcome: 'absent', lines: [`there is no release of \`${tag}\``] };
  const note = `**${release.name} ${release.version} was taken back: do not use it.**`;
  const body = withSection(found.body ?? '', markOf(release), note);
  if (!found.draft) {
    await changeRelease(github, found, { prerelease: true, make_latest: 'false', body }, `mark \`${tag}\``);
    return { outcome: 'done', lines: [`${found.html_url} says that it was taken back, is a prerelease and is not the latest`, 'its files stay'] };
  }
  await changeRelease(github, found, { body }, `mark the draft of \`${tag}\``);
  const own = (await listAssets(github, found)).filter(({ name }) => isOwn(release, name));
  for (const asset of own) await deleteAsset(github, asset);
  return { outcome: 'done', lines: [`the draft of \`${tag}\` says that it was taken back, and its files were deleted; it was never public`] };
}
