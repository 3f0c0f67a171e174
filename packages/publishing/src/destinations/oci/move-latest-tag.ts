import { isPrerelease, isReleaseVersion, orderVersions, sameVersion } from '@waybill/artifacts';
import type { Channel, Release } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { tagsThatStand } from './mark-taken-back';
import { LATEST, tagOf } from './oci-config';
import type { OciClient } from './oci-client';
import { asManifest, putManifest } from './put-manifest';
import { isOurs, listTags, readTag, type Tagged } from './read-tag';
import type { Manifest } from './render-manifest';

/** Before anything is sent: `PUBLISH_OCI_LATEST` where `latest` names what is no release of ours, and would be moved. */
export async function judgeLatest(client: OciClient, { channel }: Pick<Release, 'channel'>): Promise<void> {
  const { id, repository, latest } = client.repository;
  const present = latest.includes(channel) ? await readTag(client, LATEST) : undefined;
  if (present === undefined || isOurs(present)) return;
  throw publishingErrors.error('PUBLISH_OCI_LATEST', { id, repository, actual: present.artifactType ?? present.mediaType });
}

/** Lets `latest` name this release, unless it names a newer one, or something else. */
export async function moveLatestTag(client: OciClient, release: Release, manifest: Manifest): Promise<string> {
  const channels = client.repository.latest;
  if (!channels.includes(release.channel)) return `\`${LATEST}\` stays: it is moved by ${channels.join(', ') || 'no'} releases`;
  const present = await readTag(client, LATEST);
  if (present?.digest === manifest.descriptor.digest) return `\`${LATEST}\` is ${release.version}`;
  if (present !== undefined && !isOurs(present)) return `\`${LATEST}\` stays: it names something else than a release`;
  const there = present?.version;
  if (there !== undefined && isReleaseVersion(there) && orderVersions(there, release.version) > 0)
    return `\`${LATEST}\` stays at ${there}, which is newer`;
  await putManifest(client, LATEST, manifest);
  return `\`${LATEST}\` is ${release.version}`;
}

/** Whether `latest` is a release of ours in this version, however it is written. */
export async function isLatest(client: OciClient, { version }: Pick<Release, 'version'>): Promise<boolean> {
  const present = await readTag(client, LATEST);
  if (present?.version === undefined || !isOurs(present)) return false;
  return isReleaseVersion(present.version) && sameVersion(present.version, version);
}

/** To the newest release below, if it names this one. A tag cannot be deleted everywhere: without an earlier release a person has to. */
export async function moveLatestTagBack(client: OciClient, release: Pick<Release, 'version'>): Promise<{ line: string; moved: boolean } | undefined> {
  if (!(await isLatest(client, release))) return undefined;
  const before = await releaseBefore(client, release.version);
  if (before === undefined)
    return { line: `there is no earlier release: delete the tag \`${LATEST}\` in the registry's own interface`, moved: false };
  await putManifest(client, LATEST, asManifest(before.release));
  return { line: `\`${LATEST}\` is ${before.version}`, moved: true };
}

/** The newest of ours: other things may have tags that read like versions. */
async function releaseBefore(client: OciClient, version: string): Promise<{ version: string; release: Tagged } | undefined> {
  const versions = versionsBefore(tagsThatStand(await listTags(client)), version, client.repository.latest);
  for (const one of versions.reverse()) {
    const release = await readTag(client, tagOf(one));
    if (release !== undefined && isOurs(release)) return { version: one, release };
  }
  return undefined;
}

/** The oldest first. */
function versionsBefore(tags: readonly string[], version: string, channels: readonly Channel[]): string[] {
  const channelOf = (one: string): Channel => (isPrerelease(one) ? 'prerelease' : 'stable');
  const versions = tags.map((tag) => tag.replace('_', '+')).filter((tag) => /^\d/.test(tag) && isReleaseVersion(tag));
  return versions.filter((one) => channels.includes(channelOf(one)) && orderVersions(one, version) < 0).sort(orderVersions);
}
