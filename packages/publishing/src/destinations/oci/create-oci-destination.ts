import { mapConcurrently } from '@waybill/core';
import type { Destination, PublishFile, Release, RemoteFile, TakenBack } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { orderOfUpload } from '../order-of-upload';
import { takeBackCommand } from '../take-back-command';
import { spellingOf } from '../spelling-of';
import { attachSignatures } from './attach-signatures';
import { markTakenBack, readMark, versionsOfTags } from './mark-taken-back';
import { isLatest, moveLatestTag, moveLatestTagBack } from './move-latest-tag';
import { ociClient, type OciClient } from './oci-client';
import { ociRepository, tagOf, type OciConfig } from './oci-config';
import { pullCommand } from './pull-command';
import { ociRefusal } from './oci-refusal';
import { preflightOci } from './preflight-oci';
import { proveOciRights } from './prove-oci-rights';
import { hasBlob, pushBlob } from './push-blob';
import { tagRelease } from './put-manifest';
import { isOurs, listTags, readTag, type Tagged } from './read-tag';
import { titleOf } from './render-manifest';

const AT_ONCE = 6;

/** Files whose blobs were seen before a tag names them, by release: blobs cannot be listed. */
type Seen = Map<string, readonly RemoteFile[]>;

/**
 * A registry of OCI artifacts. Files are blobs, which their digests name; the manifest that lists them is tagged with the version when all are there,
 * so that a release appears whole. A tag that stands is never moved; `latest` is.
 */
export function createOciDestination(config: OciConfig): Destination {
  const repository = ociRepository(config);
  const client = ociClient(repository);
  const seen: Seen = new Map();
  return {
    id: repository.id,
    type: 'oci',
    remote: true,
    rights: 'hidden-write',
    identity: `oci ${new URL(repository.origin).host}/${repository.path}`,
    title: `oci repository ${repository.repository}`,
    choose: (_, files) => ({ files: orderOfUpload(files), left: [] }),
    preflight: (release) => preflightOci(client, release),
    inspect: (release, files) => inspect(client, seen, release, files),
    proveRights: () => proveOciRights(client),
    upload: (_, file, progress) => pushBlob(client, { digest: `sha256:${file.sha256}`, size: file.size, content: file.content }, progress),
    finalise: (release, files) => finalise(client, release, files),
    list: async (release) => {
      const tagged = await readTag(client, tagOf(release.version));
      return tagged === undefined ? (seen.get(release.version) ?? []) : filesOf(tagged);
    },
    download: (release, name) => download(client, seen, release, name),
    guide: (release) => ({ install: [pullCommand(client.repository.repository, release.version)], takeBack: takeBackLines(client, release) }),
    spelling: async ({ version }) => spellingOf(version, versionsOfTags(await listTags(client))),
    readTakenBack: (release) => readMark(client, release),
    takeBack: (release) => takeBack(client, release),
  };
}

/** The mark comes first: a run that breaks off behind it leaves a version that nobody publishes again. */
async function takeBack(client: OciClient, release: Release): Promise<TakenBack> {
  const tag = tagOf(release.version);
  const tagged = await readTag(client, tag);
  const isNamed = (tagged !== undefined && isOurs(tagged)) || (await isLatest(client, release));
  if (!isNamed) return { outcome: 'absent', lines: [tagged === undefined ? `there is no tag \`${tag}\`` : `the tag \`${tag}\` is no release`] };
  const marked = await markTakenBack(client, release);
  const moved = await moveLatestTagBack(client, release);
  const line = moved?.line ?? `\`latest\` does not name ${release.version} and stays`;
  return { outcome: moved?.moved === false ? 'pending' : 'done', lines: [line, marked, keptLine(client, release)] };
}

async function inspect(client: OciClient, seen: Seen, release: Release, files: readonly PublishFile[]): Promise<readonly RemoteFile[]> {
  const tag = tagOf(release.version);
  const tagged = await readTag(client, tag);
  if (tagged !== undefined) return files.map((file) => stateIn(tagged, tag, file));
  const states = await mapConcurrently(files, AT_ONCE, async ({ name, sha256, size }): Promise<RemoteFile> => {
    const there = await hasBlob(client, { digest: `sha256:${sha256}`, size });
    return there ? { name, state: 'same', sha256, size } : { name, state: 'absent' };
  });
  const before = seen.get(release.version) ?? [];
  const others = before.filter(({ name }) => !files.some((file) => file.name === name));
  seen.set(release.version, [...others, ...states.filter(({ state }) => state === 'same')]);
  return states;
}

function stateIn(tagged: Tagged, tag: string, file: PublishFile): RemoteFile {
  const there = filesOf(tagged).find(({ name }) => name === file.name);
  if (there === undefined) return { name: file.name, state: 'conflict', reason: `the tag \`${tag}\` stands, without this file` };
  if (there.sha256 === file.sha256) return there;
  return { ...there, state: 'conflict', reason: `sha256 ${there.sha256}` };
}

const filesOf = ({ layers, mediaType }: Tagged): readonly RemoteFile[] =>
  layers.map((layer) => ({
    name: titleOf(layer) ?? `a layer without a name (${mediaType})`,
    state: 'same' as const,
    sha256: layer.digest.replace('sha256:', ''),
    size: layer.size,
  }));

async function finalise(client: OciClient, release: Release, files: readonly PublishFile[]): Promise<readonly string[]> {
  const { manifest, attached } = await tagRelease(client, release, files, (subject) => attachSignatures(client, release, files, subject));
  const { repository } = client.repository;
  return [
    `\`${repository}:${tagOf(release.version)}\` is ${manifest.descriptor.digest}`,
    ...(attached ? ['the signatures point at it'] : []),
    await moveLatestTag(client, release, manifest),
  ];
}

async function* download(client: OciClient, seen: Seen, release: Release, name: string): AsyncGenerator<Uint8Array> {
  const tag = tagOf(release.version);
  const tagged = await readTag(client, tag);
  const files = tagged === undefined ? (seen.get(release.version) ?? []) : filesOf(tagged);
  const file = files.find((one) => one.name === name);
  if (file === undefined) throw publishingErrors.error('PUBLISH_OCI_MANIFEST', { id: client.repository.id, tag, reason: `it has no \`${name}\`` });
  const response = await client.send({ method: 'GET', path: `/blobs/sha256:${file.sha256}` });
  if (response.status !== 200) throw await ociRefusal(client.repository, response, `read \`${name}\``);
  yield* response.stream();
}

const reference = ({ repository: { repository } }: OciClient, { version }: Release): string => `${repository}:${tagOf(version)}`;
const plain = ({ repository }: OciClient): string => (repository.plain ? ' --plain-http' : '');

const takeBackLines = (client: OciClient, release: Release): readonly string[] => [
  takeBackCommand(release),
  '# lets `latest` name the release before, if it names this one',
  `# ${keptLine(client, release)}`,
];

const keptLine = (client: OciClient, release: Release): string =>
  `the tag stays: somebody may hold it; to delete it, where the registry allows it: oras manifest delete${plain(client)} ${reference(client, release)}`;
