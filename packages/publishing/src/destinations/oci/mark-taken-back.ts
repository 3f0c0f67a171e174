import type { Release } from '../../destination';
import type { OciClient } from './oci-client';
import { tagOf } from './oci-config';
import { putEmptyBlob, putManifest } from './put-manifest';
import { readTag } from './read-tag';
import { renderMark } from './render-manifest';

const SUFFIX = '.taken-back';

/** A tag beside that of the version, which is never moved. The same bytes each time. */
export async function markTakenBack(client: OciClient, release: Release): Promise<string> {
  await putEmptyBlob(client);
  await putManifest(client, `${tagOf(release.version)}${SUFFIX}`, renderMark(release));
  return `the tag \`${tagOf(release.version)}${SUFFIX}\` says that it was taken back`;
}

export async function readMark(client: OciClient, { version }: Release): Promise<string | undefined> {
  const tag = `${tagOf(version)}${SUFFIX}`;
  return (await readTag(client, tag)) && `the tag \`${tag}\` stands there`;
}

/** What tags may name as versions, those of marks too. A tag has `_` for the `+` of a local version. */
export const versionsOfTags = (tags: readonly string[]): readonly string[] =>
  tags.map((tag) => (tag.endsWith(SUFFIX) ? tag.slice(0, -SUFFIX.length) : tag).replace('_', '+'));

/** Without those that were taken back, and without the marks themselves. */
export const tagsThatStand = (tags: readonly string[]): readonly string[] =>
  tags.filter((tag) => !tag.endsWith(SUFFIX) && !tags.includes(`${tag}${SUFFIX}`));
