import { isPrerelease, orderVersions, readVersion } from '@waybill/artifacts';
import type { Channel, Release } from '../../destination';
import { tagsThatStand } from './mark-taken-back';
import { LATEST, tagOf } from './oci-config';
import type { OciClient } from './oci-client';
import { asManifest, putManifest } from './put-manifest';
import { listTags, readTag } from './read-tag';
import type { Manifest } from './render-manifest';

/** Lets `latest` name this release, unless it names a newer one. */
export async function moveLatestTag(client: OciClient, release: Release, manifest: Manifest): Promise<string> {
  const channels = client.repository.latest;
  if (!channels.includes(release.channel)) return `\`${LATEST}\` stays: it is moved by ${channels.join(', ') || 'no'} releases`;
  const present = await readTag(client, LATEST);
  if (present?.digest === manifest.descriptor.digest) return `\`${LATEST}\` is ${release.version}`;
  const there = present?.version;
  if (there !== undefined && readVersion(there) && orderVersions(there, release.version) > 0)
    return `\`${LATEST}\` stays at ${there}, which is newer`;
  await putManifest(client, LATEST, manifest);
  return `\`${LATEST}\` is ${release.version}`;
}

/** To the newest release below, if it names this one. A tag cannot be deleted everywhere: without an earlier release a person has to. */
export async function moveLatestTagBack(client: OciClient, release: Pick<Release, 'version'>): Promise<{ line: string; moved: boolean } | undefined> {
  const present = await readTag(client, LATEST);
  if (present?.version !== release.version) return undefined;
  const before = versionBefore(tagsThatStand(await listTags(client)), release.version, client.repository.latest);
  if (before === undefined)
    return { line: `there is no earlier release: delete the tag \`${LATEST}\` in the registry's own interface`, moved: false };
  const earlier = await readTag(client, tagOf(before));
  if (earlier === undefined) return { line: `the tag \`${before}\` went away: run it again`, moved: false };
  await putManifest(client, LATEST, asManifest(earlier));
  return { line: `\`${LATEST}\` is ${before}`, moved: true };
}

function versionBefore(tags: readonly string[], version: string, channels: readonly Channel[]): string | undefined {
  const channelOf = (one: string): Channel => (isPrerelease(one) ? 'prerelease' : 'stable');
  const versions = tags.map((tag) => tag.replace('_', '+')).filter((tag) => /^\d/.test(tag) && readVersion(tag) !== undefined);
  return versions
    .filter((one) => channels.includes(channelOf(one)) && orderVersions(one, version) < 0)
    .sort(orderVersions)
    .at(-1);
}
