import type { Release, TakenBack } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { findRelease, listAssets, tagOf, type GithubRelease } from './find-release';
import { sendToGithub } from './github-client';
import type { GithubRepository } from './github-config';
import { githubRefusal } from './github-refusal';
import { isOwn } from './inspect-assets';
import { judgeTag } from './judge-tag';
import { withSection } from './release-body';

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

/** A draft goes, if it holds nothing of others; what is public is marked, because somebody may hold its files, and GitHub may not let them go. */
export async function takeReleaseBack(github: GithubRepository, release: Release): Promise<TakenBack> {
  const tag = tagOf(release);
  const found = await findRelease(github, tag);
  if (found === undefined) return { outcome: 'absent', lines: [`there is no release of \`${tag}\``] };
  if (!found.draft) {
    const note = `**${release.name} ${release.version} was taken back: do not use it.**`;
    const body = withSection(found.body ?? '', `${release.name} taken back`, note);
    await changeRelease(github, found, { prerelease: true, make_latest: 'false', body }, `mark \`${tag}\``);
    return { outcome: 'done', lines: [`${found.html_url} says that it was taken back, is a prerelease and is not the latest`, 'its files stay'] };
  }
  const foreign = (await listAssets(github, found)).filter(({ name }) => !isOwn(release, name));
  if (foreign.length > 0) {
    const names = foreign.map(({ name }) => `\`${name}\``).join(', ');
    return { outcome: 'pending', lines: [`the draft ${found.html_url} holds more than this project's files (${names}): delete it, or yours, there`] };
  }
  const response = await sendToGithub(github, { method: 'DELETE', path: `/releases/${found.id}` });
  if (response.status !== 204 && response.status !== 404) throw await githubRefusal(github, response, `delete the draft of \`${tag}\``);
  return { outcome: 'done', lines: [`the draft of \`${tag}\` was deleted; it was never public`] };
}
