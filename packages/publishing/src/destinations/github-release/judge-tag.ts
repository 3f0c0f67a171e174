import type { Release } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { sendToGithub } from './github-client';
import { tagOf } from './find-release';
import type { GithubRepository } from './github-config';
import { githubRefusal } from './github-refusal';

/**
 * The tag is there and stands for the commit that is published (`PUBLISH_GITHUB_TAG`). Publishing a draft whose tag is missing would make it, at
 * whatever the draft names.
 */
export async function judgeTag(github: GithubRepository, release: Release): Promise<void> {
  const tag = tagOf(release);
  const path = `/commits/tags/${encodeURIComponent(tag)}`;
  const response = await sendToGithub(github, { method: 'GET', path, headers: { accept: 'application/vnd.github.sha' } });
  const expected = release.commit ?? 'any';
  const missing = response.status === 404 || response.status === 422;
  if (missing) throw publishingErrors.error('PUBLISH_GITHUB_TAG', { id: github.id, tag, expected, actual: 'there is no such tag' });
  if (response.status !== 200) throw await githubRefusal(github, response, `read the tag \`${tag}\``);
  const actual = (await response.text()).trim();
  if (release.commit !== undefined && actual !== release.commit) {
    throw publishingErrors.error('PUBLISH_GITHUB_TAG', { id: github.id, tag, expected, actual: `commit ${actual}` });
  }
}
