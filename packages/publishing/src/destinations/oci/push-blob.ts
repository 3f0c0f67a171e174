import type { HttpBody } from '@waybill/core';
import type { UploadOutcome, UploadProgress } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { uncertain } from '../uncertain-outcome';
import { leavesOpen, ociRefusal } from './oci-refusal';
import type { OciClient } from './oci-client';
import { placeOf } from './render-manifest';

export interface Blob {
  /** `sha256:<hex>`. */
  digest: string;
  size: number;
  content: HttpBody | Uint8Array;
}

const PROGRESS: UploadProgress = { timeoutMs: 60_000, onSent: () => undefined };

/** Bytes in memory as a blob. Whether it arrived is told by the manifest that names it: a registry takes none whose blobs are missing. */
export const blobOf = (bytes: Uint8Array): Blob => ({ ...placeOf(bytes), content: bytes });

export async function hasBlob(client: OciClient, { digest, size }: Pick<Blob, 'digest' | 'size'>): Promise<boolean> {
  const response = await client.send({ method: 'HEAD', path: `/blobs/${digest}` });
  if (response.status === 404) return false;
  if (response.status !== 200) throw await ociRefusal(client.repository, response, `look for the blob \`${digest}\``);
  const length = response.headers['content-length'];
  if (length !== undefined && Number(length) !== size) {
    const what = `the blob \`${digest}\``;
    throw publishingErrors.error('PUBLISH_OCI_DIGEST', { id: client.repository.id, what, expected: `${size} bytes`, actual: `${length} bytes` });
  }
  return true;
}

/** In one piece. The registry computes the digest itself and refuses other bytes; sending a blob twice leaves one. */
export async function pushBlob(client: OciClient, blob: Blob, { timeoutMs, onSent } = PROGRESS): Promise<UploadOutcome> {
  const begun = await client.send({ method: 'POST', path: '/blobs/uploads/', timeoutMs });
  if (leavesOpen(begun.status)) return uncertain('the registry', begun);
  const location = begun.headers['location'];
  if (begun.status !== 202 || location === undefined) throw await ociRefusal(client.repository, begun, 'begin an upload');
  const url = new URL(location, `${client.repository.url}/blobs/uploads/`);
  url.searchParams.set('digest', blob.digest);
  const headers = { 'content-type': 'application/octet-stream' };
  const response = await client.send({ method: 'PUT', path: url.href, headers, body: blob.content, timeoutMs, onSent });
  if (response.status === 201) return { outcome: 'stored' };
  // an upload that the registry knows no more, or that somebody else ended
  if (leavesOpen(response.status) || response.status === 404) return uncertain('the registry', response);
  throw await ociRefusal(client.repository, response, `take the blob \`${blob.digest}\``);
}
