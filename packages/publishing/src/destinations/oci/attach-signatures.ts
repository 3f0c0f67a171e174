import type { PublishFile, Release } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { jsonOf } from './authorize';
import type { OciClient } from './oci-client';
import { ociRefusal } from './oci-refusal';
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

const fallbackTag = ({ descriptor }: Manifest): string => descriptor.digest.replace(':', '-');

async function readReferrers(client: OciClient, subject: Manifest): Promise<Referrers> {
  const path = `/referrers/${subject.descriptor.digest}`;
  const response = await client.send({ method: 'GET', path, headers: { accept: INDEX_TYPE } });
  if (response.status === 200) {
    const { manifests } = (jsonOf(await response.text(4 * 1024 * 1024)) ?? {}) as { manifests?: unknown };
    return { place: 'the list of referrers', kept: true, shown: descriptorsOf(manifests) };
  }
  if (response.status !== 404) throw await ociRefusal(client.repository, response, 'list what points at the release');
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
