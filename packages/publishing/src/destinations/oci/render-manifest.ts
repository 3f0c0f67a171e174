import { hashBytes } from '@waybill/core';
import type { PublishFile, Release } from '../../destination';
import { contentType } from '../content-type';

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
export const RELEASE_TYPE = 'application/vnd.waybill.release.v1';
export const SIGNATURE_TYPE = 'application/vnd.waybill.signature.v1';
export const TAKEN_BACK_TYPE = 'application/vnd.waybill.taken-back.v1';
const TITLE = 'org.opencontainers.image.title';
export const VERSION = 'org.opencontainers.image.version';

/** The empty descriptor of the image specification, "Guidance for an Empty Descriptor". */
export const EMPTY = { bytes: Buffer.from('{}'), type: 'application/vnd.oci.empty.v1+json' };

export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  artifactType?: string;
  annotations?: Readonly<Record<string, string>>;
}

export interface Manifest {
  bytes: Buffer;
  descriptor: Descriptor;
}

/** Files as layers with titles, which `oras pull` writes under those names. Equal releases give equal bytes. */
export function renderManifest(release: Release, files: readonly PublishFile[], subject?: Descriptor): Manifest {
  const artifactType = subject === undefined ? RELEASE_TYPE : SIGNATURE_TYPE;
  const annotations = {
    'org.opencontainers.image.created': new Date(release.sourceDateEpoch * 1_000).toISOString().replace('.000Z', 'Z'),
    ...(release.commit !== undefined && { 'org.opencontainers.image.revision': release.commit }),
    [TITLE]: release.name,
    [VERSION]: release.version,
  };
  const bytes = Buffer.from(
    JSON.stringify({
      ...{ schemaVersion: 2, mediaType: MANIFEST_TYPE, artifactType },
      config: { mediaType: EMPTY.type, ...placeOf(EMPTY.bytes) },
      layers: files.map(({ name, sha256, size }) => ({
        // a media type of a descriptor has no parameters (image specification, "Descriptor Properties")
        ...{ mediaType: contentType(name).split(';')[0]!, digest: `sha256:${sha256}`, size },
        annotations: { [TITLE]: name },
      })),
      ...(subject && { subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size } }),
      annotations,
    }),
  );
  return { bytes, descriptor: { mediaType: MANIFEST_TYPE, ...placeOf(bytes), artifactType, annotations } };
}

/** What says that a release was taken back: a manifest without files. */
export function renderMark({ name, version }: Pick<Release, 'name' | 'version'>): Manifest {
  const empty = { mediaType: EMPTY.type, ...placeOf(EMPTY.bytes) };
  const annotations = { [TITLE]: name, [VERSION]: version };
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST_TYPE, artifactType: TAKEN_BACK_TYPE, config: empty, layers: [empty], annotations }),
  );
  return { bytes, descriptor: { mediaType: MANIFEST_TYPE, ...placeOf(bytes), artifactType: TAKEN_BACK_TYPE, annotations } };
}

/** An index of what points at a manifest, for registries that keep none themselves ("Referrers Tag Schema"). */
export function renderReferrers(present: readonly Descriptor[], added: Descriptor): Manifest {
  const manifests = [...present.filter(({ digest }) => digest !== added.digest), added];
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests }));
  return { bytes, descriptor: { mediaType: INDEX_TYPE, ...placeOf(bytes) } };
}

export const placeOf = (bytes: Uint8Array): { digest: string; size: number } => ({ digest: `sha256:${hashBytes(bytes)}`, size: bytes.length });

export const titleOf = ({ annotations }: Descriptor): string | undefined => annotations?.[TITLE];
