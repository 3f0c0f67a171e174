import type { PublishFile, Release } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { tagOf } from './oci-config';
import { leavesOpen, ociRefusal, ociSaid } from './oci-refusal';
import type { OciClient } from './oci-client';
import { blobOf, hasBlob, pushBlob } from './push-blob';
import { readTag, type Tagged } from './read-tag';
import { EMPTY, renderManifest, titleOf, type Manifest } from './render-manifest';

/**
 * Lets the tag of the version name its files, when `attach` has let what belongs to them point at their manifest: whoever finds the tag finds its
 * signatures. A tag that is there and names these files stays as it is; another is `PUBLISH_OCI_TAG`. Gives the manifest and what `attach` gave.
 */
export async function tagRelease<Attached>(
  client: OciClient,
  release: Release,
  files: readonly PublishFile[],
  attach: (manifest: Manifest) => Promise<Attached>,
): Promise<{ manifest: Manifest; attached: Attached }> {
  const tag = tagOf(release.version);
  const rendered = renderManifest(release, files);
  const present = await readTag(client, tag);
  if (present !== undefined) {
    const manifest = sameFiles(client, tag, rendered, present);
    return { manifest, attached: await attach(manifest) };
  }
  await putEmptyBlob(client);
  // by its digest alone nobody finds it, and what points at it has something to point at
  await putManifest(client, rendered.descriptor.digest, rendered);
  const attached = await attach(rendered);
  await putManifest(client, tag, rendered);
  return { manifest: rendered, attached };
}

function sameFiles(client: OciClient, tag: string, manifest: Manifest, present: Tagged): Manifest {
  if (filesIn(present.layers) !== filesIn(renderedLayers(manifest))) {
    const { id } = client.repository;
    throw publishingErrors.error('PUBLISH_OCI_TAG', { id, tag, expected: manifest.descriptor.digest, actual: present.digest });
  }
  return asManifest(present);
}

/** Gives the digest that the registry keeps track of as the subject of this manifest (`OCI-Subject`), if it says so. */
export async function putManifest(client: OciClient, reference: string, { bytes, descriptor }: Manifest): Promise<string | undefined> {
  const headers = { 'content-type': descriptor.mediaType };
  const response = await client.send({ method: 'PUT', path: `/manifests/${reference}`, headers, body: bytes });
  const action = `write the manifest \`${reference}\``;
  if (leavesOpen(response.status)) {
    throw publishingErrors.error('PUBLISH_UNANSWERED', { id: client.repository.id, action, said: await ociSaid(response) });
  }
  if (response.status !== 201) throw await ociRefusal(client.repository, response, action);
  const actual = response.headers['docker-content-digest'];
  if (actual?.startsWith('sha256:') && actual !== descriptor.digest) {
    const what = `the manifest \`${reference}\``;
    throw publishingErrors.error('PUBLISH_OCI_DIGEST', { id: client.repository.id, what, expected: descriptor.digest, actual });
  }
  return response.headers['oci-subject'];
}

/** What stands for the configuration that an artifact does not have. */
export async function putEmptyBlob(client: OciClient): Promise<void> {
  const config = blobOf(EMPTY.bytes);
  if (await hasBlob(client, config)) return;
  const outcome = await pushBlob(client, config);
  if (outcome.outcome === 'stored') return;
  throw publishingErrors.error('PUBLISH_UNANSWERED', { id: client.repository.id, action: 'take the empty configuration', said: outcome.reason });
}

const renderedLayers = ({ bytes }: Manifest): Tagged['layers'] => (JSON.parse(bytes.toString('utf8')) as Tagged).layers;

/** Names and digests, in no order. */
const filesIn = (layers: Tagged['layers']): string =>
  layers
    .map((layer) => `${titleOf(layer)} ${layer.digest}`)
    .sort()
    .join('\n');

export const asManifest = ({ bytes, mediaType, digest }: Tagged): Manifest => ({ bytes, descriptor: { mediaType, digest, size: bytes.length } });
