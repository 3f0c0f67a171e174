import type { HttpResponse } from '@waybill/core';
import type { PublishFile, Release, UploadOutcome, UploadProgress } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { contentType } from '../content-type';
import { uncertain } from '../uncertain-outcome';
import { ensureDraft, listAssets, tagOf, type GithubAsset } from './find-release';
import { readJson, sendToGithub } from './github-client';
import type { GithubRepository } from './github-config';
import { githubRefusal, githubSaid, leavesOpen } from './github-refusal';
import { isBroken } from './inspect-assets';

/** Sends one file to the draft; the rest of an upload that broke off is deleted before. The digest that GitHub computes is compared. */
export async function uploadAsset(github: GithubRepository, release: Release, file: PublishFile, progress: UploadProgress): Promise<UploadOutcome> {
  const draft = await ensureDraft(github, release);
  if (draft === undefined) return { outcome: 'uncertain', reason: 'GitHub did not say whether it made the draft' };
  const broken = (await listAssets(github, draft)).find((asset) => asset.name === file.name && isBroken(asset));
  if (broken !== undefined) await deleteAsset(github, broken);
  const url = new URL(draft.upload_url.replace(/\{.*\}$/, ''));
  url.searchParams.set('name', file.name);
  const headers = { 'content-type': contentType(file.name) };
  const response = await sendToGithub(github, { method: 'POST', path: url.href, headers, body: file.content, ...progress });
  return outcomeOf(github, release, file, response);
}

async function outcomeOf(github: GithubRepository, release: Release, file: PublishFile, response: HttpResponse): Promise<UploadOutcome> {
  if (response.status === 201) {
    judgeAsset(github, file, await readJson<GithubAsset>(github, response, `take \`${file.name}\``, ({ name }) => typeof name === 'string'));
    return { outcome: 'stored' };
  }
  if (leavesOpen(response.status)) return uncertain('GitHub', response);
  const taken = response.status === 422 && /already_exists/.test(await githubSaid(response));
  if (taken) return { outcome: 'uncertain', reason: 'the name was taken meanwhile' };
  throw await githubRefusal(github, response, `take \`${file.name}\``, tagOf(release));
}

/** GitHub writes names with strange characters otherwise: then nobody finds the file under the name that is summed and signed. */
function judgeAsset({ id }: GithubRepository, file: PublishFile, asset: GithubAsset): void {
  const { name } = file;
  if (asset.name !== name) {
    throw publishingErrors.error('PUBLISH_GITHUB_ASSET', { id, name, limit: 'a name that GitHub keeps', actual: `it calls it \`${asset.name}\`` });
  }
  const expected = `sha256:${file.sha256}`;
  if (asset.digest && asset.digest !== expected) throw publishingErrors.error('PUBLISH_GITHUB_DIGEST', { id, name, expected, actual: asset.digest });
}

export async function deleteAsset(github: GithubRepository, asset: GithubAsset): Promise<void> {
  const response = await sendToGithub(github, { method: 'DELETE', path: `/releases/assets/${asset.id}` });
  if (response.status !== 204 && response.status !== 404) throw await githubRefusal(github, response, `delete \`${asset.name}\``);
}
