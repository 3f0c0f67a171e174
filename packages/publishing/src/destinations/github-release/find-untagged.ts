import { isReleaseVersion, sameVersion } from '@waybill/artifacts';
import type { Release } from '../../destination';
import { listAssets, type GithubRelease } from './find-release';
import { listAll } from './github-client';
import type { GithubRepository } from './github-config';
import { isOwn } from './inspect-assets';
import { hasSection } from './release-body';

/**
 * The release with the tag that it has at GitHub, where the clone knows none (one without tags): of those whose tag names the version the one whose text or
 * files are this project's. The release as it is when there is none.
 */
export async function withTagOf(github: GithubRepository, release: Release): Promise<Release> {
  if (release.tag !== undefined) return release;
  const all = await listAll<GithubRelease>(github, '/releases', 'list the releases');
  for (const one of all.filter(({ tag_name: tag }) => namesVersion(tag, release.version))) {
    const own = hasSection(one.body ?? '', release.name) || (await listAssets(github, one)).some(({ name }) => isOwn(release, name));
    if (own) return { ...release, tag: one.tag_name };
  }
  return release;
}

/** `1.2.0`, `v1.2.0`, `pychat@1.2.0`, `pychat-v1.2`. */
function namesVersion(tag: string, version: string): boolean {
  const [, named = ''] = /(?:^|[^0-9A-Za-z.+!])v?(\d[0-9A-Za-z.+]*)$/.exec(tag) ?? [];
  return isReleaseVersion(named) && sameVersion(named, version);
}
