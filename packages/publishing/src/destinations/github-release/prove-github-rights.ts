import type { Release } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { changeRelease } from './change-release';
import { findOrAwaitRelease, makeDraft, tagOf } from './find-release';
import type { GithubRepository } from './github-config';

/**
 * Makes the draft, which only those see who may write, or gives the release that is there the tag that it has. Nothing is added to an immutable one, so
 * that its rights do not matter.
 */
export async function proveGithubRights(github: GithubRepository, release: Release): Promise<readonly string[]> {
  const tag = tagOf(release);
  const found = await findOrAwaitRelease(github, tag);
  if (found === undefined) {
    if ((await makeDraft(github, release)) !== undefined) return [];
    throw publishingErrors.error('PUBLISH_UNANSWERED', { id: github.id, action: `make a draft of \`${tag}\``, said: 'its answer leaves it open' });
  }
  if (found.draft || found.immutable !== true) await changeRelease(github, found, { tag_name: tag }, 'write to the release');
  return [];
}
