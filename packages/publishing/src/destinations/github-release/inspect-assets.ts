import { normaliseDistribution } from '@waybill/artifacts';
import { hashThrough } from '@waybill/core';
import type { PublishFile, Release, RemoteFile } from '../../destination';
import { findRelease, listAssets, tagOf, type GithubAsset, type GithubRelease } from './find-release';
import { sendToGithub } from './github-client';
import type { GithubRepository } from './github-config';
import { githubRefusal } from './github-refusal';

const UPLOADED = 'uploaded';
export const isBroken = ({ state }: GithubAsset): boolean => state !== UPLOADED;

export async function inspectAssets(github: GithubRepository, release: Release, files: readonly PublishFile[]): Promise<readonly RemoteFile[]> {
  const found = await findRelease(github, tagOf(release));
  const assets = found === undefined ? [] : await listAssets(github, found);
  const states: RemoteFile[] = [];
  for (const file of files) {
    const asset = assets.find(({ name }) => name === file.name);
    states.push(asset === undefined ? absent(file, found) : await stateOf(github, file, asset, found!));
  }
  return states;
}

/** Nothing can be added to an immutable release: what it lacks is a conflict. */
function absent({ name }: PublishFile, release: GithubRelease | undefined): RemoteFile {
  const closed = release !== undefined && !release.draft && release.immutable === true;
  const reason = 'the release is published and immutable, without this file; projects that share a tag name each other in `sharedWith`';
  return closed ? { name, state: 'conflict', reason } : { name, state: 'absent' };
}

async function stateOf(github: GithubRepository, file: PublishFile, asset: GithubAsset, release: GithubRelease): Promise<RemoteFile> {
  const { name } = file;
  if (isBroken(asset)) return { name, state: 'partial', reason: `its upload broke off (\`${asset.state}\`)` };
  const sha256 = asset.size === file.size ? await digestOf(github, asset) : told(asset);
  const place = { size: asset.size, ...(sha256 !== undefined && { sha256 }), ...(!release.draft && { url: asset.browser_download_url }) };
  if (sha256 === file.sha256) return { name, state: 'same', ...place };
  return { name, state: 'conflict', ...place, reason: sha256 === undefined ? `${asset.size} bytes` : `sha256 ${sha256}` };
}

const told = ({ digest }: GithubAsset): string | undefined => /^sha256:([0-9a-f]{64})$/.exec(digest ?? '')?.[1];

/** What the server says, or what its bytes are. */
async function digestOf(github: GithubRepository, asset: GithubAsset): Promise<string> {
  const digest = told(asset);
  if (digest !== undefined) return digest;
  const read = hashThrough(downloadAsset(github, asset));
  for await (const chunk of read) void chunk;
  return read.digest().sha256;
}

/** By the API, which gives assets of drafts too; it redirects to a store that gets no token. */
export async function* downloadAsset(github: GithubRepository, asset: GithubAsset): AsyncGenerator<Uint8Array> {
  const response = await sendToGithub(github, { method: 'GET', path: asset.url, headers: { accept: 'application/octet-stream' } });
  if (response.status !== 200) throw await githubRefusal(github, response, `read \`${asset.name}\``);
  yield* response.stream();
}

/** Assets of this project in its version, and those of `planned` names: other projects may share the release. */
export async function listOwn(github: GithubRepository, release: Release, planned: ReadonlySet<string>): Promise<readonly RemoteFile[]> {
  const found = await findRelease(github, tagOf(release));
  if (found === undefined) return [];
  const assets = await listAssets(github, found);
  return assets.filter(({ name }) => planned.has(name) || isOwn(release, name)).map((asset) => listed(asset, found));
}

function listed(asset: GithubAsset, { draft }: GithubRelease): RemoteFile {
  const sha256 = told(asset);
  const { name, size } = asset;
  return { name, state: isBroken(asset) ? 'partial' : 'same', size, ...(sha256 && { sha256 }), ...(!draft && { url: asset.browser_download_url }) };
}

/** `{name}-{version}` at the beginning, however a wheel or sdist writes the name. */
export const isOwn = ({ name, version }: Pick<Release, 'name' | 'version'>, file: string): boolean => {
  const rest = normaliseDistribution(file).slice(normaliseDistribution(`${name}-${version}`).length);
  return normaliseDistribution(file).startsWith(normaliseDistribution(`${name}-${version}`)) && /^($|[^0-9a-z])/.test(rest);
};
