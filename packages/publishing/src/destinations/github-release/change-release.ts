import { publishingErrors } from '../../errors/publishing-errors';
import type { GithubRelease } from './find-release';
import { sendToGithub } from './github-client';
import type { GithubRepository } from './github-config';
import { githubRefusal, githubSaid, leavesOpen } from './github-refusal';

/** `PUBLISH_UNANSWERED` when the answer leaves open whether it was done. `action` is an infinitive. */
export async function changeRelease(github: GithubRepository, { id, tag_name }: GithubRelease, json: object, action: string): Promise<void> {
  const response = await sendToGithub(github, { method: 'PATCH', path: `/releases/${id}`, json });
  if (leavesOpen(response.status)) {
    throw publishingErrors.error('PUBLISH_UNANSWERED', { id: github.id, action, said: await githubSaid(response) });
  }
  if (response.status !== 200) throw await githubRefusal(github, response, action, tag_name);
}
