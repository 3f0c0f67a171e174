import { hashBytes, jsonOf, type HttpResponse } from '@waybill/core';
import { publishingErrors } from '../../errors/publishing-errors';
import { ociRefusal } from './oci-refusal';
import type { OciClient } from './oci-client';
import { INDEX_TYPE, MANIFEST_TYPE, RELEASE_TYPE, VERSION, type Descriptor } from './render-manifest';

const ACCEPT = [
  ...[MANIFEST_TYPE, INDEX_TYPE],
  ...['application/vnd.docker.distribution.manifest.v2+json', 'application/vnd.docker.distribution.manifest.list.v2+json'],
].join(', ');
const LIMIT_BYTES = 4 * 1024 * 1024;

/** What a tag or digest names. */
export interface Tagged {
  bytes: Buffer;
  mediaType: string;
  digest: string;
  /** Files, where it is a manifest. */
  layers: readonly Descriptor[];
  /** Manifests, where it is an index. */
  manifests: readonly Descriptor[];
  version?: string;
  /** What it says that it holds: of our releases `RELEASE_TYPE`. */
  artifactType?: string;
}

/** Whether it is a release of ours: of an image of containers that bears a version too nothing is moved, and nothing is told. */
export const isOurs = ({ artifactType }: Tagged): boolean => artifactType === RELEASE_TYPE;

/** `undefined` when there is no such tag, or no such repository yet. */
export async function readTag(client: OciClient, tag: string): Promise<Tagged | undefined> {
  const response = await client.send({ method: 'GET', path: `/manifests/${tag}`, headers: { accept: ACCEPT } });
  if (response.status === 404) return undefined;
  if (response.status !== 200) throw await ociRefusal(client.repository, response, `read the tag \`${tag}\``);
  const bytes = Buffer.from(await response.bytes(LIMIT_BYTES));
  const digest = `sha256:${hashBytes(bytes)}`;
  const told = response.headers['docker-content-digest'];
  const { id } = client.repository;
  if (told?.startsWith('sha256:') && told !== digest) {
    throw publishingErrors.error('PUBLISH_OCI_DIGEST', { id, what: `the manifest \`${tag}\``, expected: told, actual: digest });
  }
  const manifest = jsonOf(bytes.toString('utf8'));
  if (typeof manifest !== 'object' || manifest === null) throw publishingErrors.error('PUBLISH_OCI_MANIFEST', { id, tag, reason: 'it is no JSON' });
  const { layers, manifests, mediaType, artifactType, annotations } = manifest as Record<string, unknown>;
  const version = (annotations as Record<string, string> | undefined)?.[VERSION];
  return {
    ...{ bytes, digest, mediaType: String(mediaType ?? response.headers['content-type']) },
    ...{ layers: descriptorsOf(layers), manifests: descriptorsOf(manifests) },
    ...(typeof version === 'string' && { version }),
    ...(typeof artifactType === 'string' && { artifactType }),
  };
}

export const descriptorsOf = (value: unknown): readonly Descriptor[] =>
  Array.isArray(value) ? value.filter((one): one is Descriptor => typeof (one as Descriptor | null)?.digest === 'string') : [];

/** All tags; none where there is no repository yet. */
export async function listTags(client: OciClient): Promise<readonly string[]> {
  const tags: string[] = [];
  for (let path: string | undefined = '/tags/list?n=1000'; path !== undefined;) {
    const response = await client.send({ method: 'GET', path });
    if (response.status === 404) return [];
    if (response.status !== 200) throw await ociRefusal(client.repository, response, 'list the tags');
    tags.push(...(await tagsIn(client, response)));
    const next: string | undefined = /<([^>]+)>\s*;\s*rel="?next"?/.exec(response.headers['link'] ?? '')?.[1];
    path = next === undefined ? undefined : new URL(next, client.repository.origin).href;
  }
  return tags;
}

/** One page of the list; `PUBLISH_OCI_ANSWER` for what is none (distribution specification, "Listing Tags"). A repository without tags may have `null`. */
async function tagsIn({ repository: { id, repository } }: OciClient, response: HttpResponse): Promise<readonly string[]> {
  const page = jsonOf(await response.text(LIMIT_BYTES)) as { name?: unknown; tags?: readonly string[] | null } | null | undefined;
  if (Array.isArray(page?.tags)) return page.tags;
  if (typeof page?.name === 'string') return [];
  const actual = `HTTP ${response.status}, another thing (${response.headers['content-type'] ?? 'no media type'})`;
  throw publishingErrors.error('PUBLISH_OCI_ANSWER', { id, repository, actual });
}
