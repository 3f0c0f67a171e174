import { publishingErrors } from '../../errors/publishing-errors';
import type { OciClient } from './oci-client';
import { blobOf, pushBlob } from './push-blob';
import { EMPTY } from './render-manifest';

/** Pushes the blob of an empty configuration, which every artifact needs and no tag names yet. One that is there is sent again: only that shows the right. */
export async function proveOciRights(client: OciClient): Promise<readonly string[]> {
  const outcome = await pushBlob(client, blobOf(EMPTY.bytes));
  if (outcome.outcome === 'stored') return [];
  const { id } = client.repository;
  throw publishingErrors.error('PUBLISH_UNANSWERED', { id, action: 'take the empty configuration', said: outcome.reason });
}
