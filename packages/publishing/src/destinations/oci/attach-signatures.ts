import { jsonOf, type HttpResponse } from '@waybill/core';
import type { PublishFile, Release } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import type { OciClient } from './oci-client';
import { leavesOpen, ociRefusal, ociSaid } from './oci-refusal';
import { putManifest } from './put-manifest';
import { descriptorsOf, readTag } from './read-tag';
import { INDEX_TYPE, renderManifest, renderReferrers, type Descriptor, type Manifest } from './render-manifest';

/**
 * The signatures once more, as what points at the release (`subject`): `oras discover` shows them. In the list of the registry, where it keeps one, else
 * under the fallback tag (distribution specification, "Referrers Tag Schema"). Written when they are not shown yet, and shown after that, or
 * `PUBLISH_OCI_REFERRERS`. False: there are none.
 */
export async function attachSignatures(client: OciClient, release: Release, files: readonly PublishFile[], subject: Manifest): Promise<boolean> {
  const signatures = files.filter(({ kind }) => kind === 'signature');
  if (signatures.length === 0) return false;
  const manifest = renderManifest(release, signatures, subject.descriptor);
  const isShown = ({ shown }: Referrers): boolean => shown.some(({ digest }) => digest === manifest.descriptor.digest);
  const before = await readReferrers(client, subject);
  if (isShown(before)) return true;
  const keptFor = await putManifest(client, manifest.descriptor.digest, manifest);
  if (keptFor !== subject.descriptor.digest) await addToFallback(client, subject, before, manifest.descriptor);
  const after = await readReferrers(client, subject);
  if (isShown(after)) return true;
  const { id } = client.repository;
  throw publishingErrors.error('PUBLISH_OCI_REFERRERS', { id, subject: subject.descriptor.digest, place: after.place });
}

interface Referrers {
  /** Where they stand, for people. */
  place: string;
  /** Kept by the registry itself. */
  kept: boolean;
  shown: readonly Descriptor[];
}

/** Of a registry without the list. The specification has 404 for that; others say 400, 405 or this. */
const NOT_IMPLEMENTED = 501;

const fallbackTag = ({ descriptor }: Manifest): string => descriptor.digest.replace(':', '-');

async function readReferrers(client: OciClient, subject: Manifest): Promise<Referrers> {
  const path = `/referrers/${subject.descriptor.digest}`;
  const response = await client.send({ method: 'GET', path, headers: { accept: INDEX_TYPE } });
  const action = 'list what points at the release';
  const listed = response.status === 200 ? await indexIn(response) : undefined;
  if (listed !== undefined) return { place: 'the list of referrers', kept: true, shown: listed };
  if (response.status === 401 || response.status === 403) throw await ociRefusal(client.repository, response, action);
  if (response.status !== NOT_IMPLEMENTED && leavesOpen(response.status)) {
    throw publishingErrors.error('PUBLISH_UNANSWERED', { id: client.repository.id, action, said: await ociSaid(response) });
  }
  return readFallback(client, subject);
}

/** A page that is no index is what stands before a registry that has no such list, whatever its status. */
async function indexIn(response: HttpResponse): Promise<readonly Descriptor[] | undefined> {
  const index = jsonOf(await response.text(4 * 1024 * 1024)) as { mediaType?: unknown; manifests?: unknown } | null | undefined;
  const isIndex = index?.mediaType === INDEX_TYPE || (response.headers['content-type'] ?? '').startsWith(INDEX_TYPE);
  return isIndex && Array.isArray(index?.manifests) ? descriptorsOf(index.manifests) : undefined;
}

async function readFallback(client: OciClient, subject: Manifest): Promise<Referrers> {
  const tag = fallbackTag(subject);
  const tagged = await readTag(client, tag);
  if (tagged !== undefined && tagged.mediaType !== INDEX_TYPE) {
    throw publishingErrors.error('PUBLISH_OCI_MANIFEST', { id: client.repository.id, tag, reason: `it is no index, but ${tagged.mediaType}` });
  }
  return { place: `the tag \`${tag}\``, kept: false, shown: tagged?.manifests ?? [] };
}

/** A registry that keeps a list and did not say so has it there all the same. */
async function addToFallback(client: OciClient, subject: Manifest, { kept, shown }: Referrers, added: Descriptor): Promise<void> {
  if (!kept) await putManifest(client, fallbackTag(subject), renderReferrers(shown, added));
}
