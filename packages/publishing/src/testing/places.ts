import { Secret, type HttpClient } from '@waybill/core';
import type { Destination, PublishFile } from '../destination';
import { createIndexDestination } from '../destinations/index/index-destination';
import { createOciDestination } from '../destinations/oci/create-oci-destination';
import { createS3Destination } from '../destinations/s3/create-s3-destination';
import { githubUnderTest } from './github-under-test';
import { INDEXES, memoryIndex } from './memory-index';
import { publishFile, sha256Of } from './release-files';
import { startGithub, startRegistry, startS3 } from './stand-ins';

/** Somewhere to publish to, once. */
export interface Place {
  /** Reaches the server; by default over loopback. */
  inner?: HttpClient;
  files?: readonly PublishFile[];
  destination(http: HttpClient): Destination;
  /** What everybody sees in the end, in words that do not name the place. */
  end(): Promise<unknown> | unknown;
  /** Names of files, each time that one was taken whole. `blobs`: digests of those that a registry took. */
  taken(blobs: readonly string[]): readonly string[];
}
export interface Server {
  place(number: number): Place;
  stop(): Promise<unknown>;
}

export const FILES = [
  publishFile('pychat-1.2.0-linux-x86_64.tar.gz', 'archive'.repeat(1_000)),
  publishFile('pychat-1.2.0-SHA256SUMS', 'sums', { kind: 'checksums' }),
  publishFile('pychat-1.2.0-SHA256SUMS.minisig', 'signature', { kind: 'signature', madeFrom: [`sha256:${sha256Of('sums')}`] }),
];
const WHEELS = [
  publishFile('pychat-1.2.0-py3-none-any.whl', 'wheel', { kind: 'wheel' }),
  publishFile('pychat-1.2.0.tar.gz', 'sdist', { kind: 'sdist' }),
];
const METADATA = 'Metadata-Version: 2.4\nName: pychat\nVersion: 1.2.0\n';

/** A server of each kind, and of indexes each that answers in another way. */
export const SERVERS: Readonly<Record<string, () => Promise<Server>>> = {
  async bucket() {
    const store = await startS3({ minPartBytes: 1_000 });
    const place = (number: number): Place => {
      const prefix = `k${number}/`;
      const rests = (): string[] => [...store.uploads.values()].map(({ key }) => key);
      const own = (keys: Iterable<string>): string[] => [...keys].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
      return {
        destination: (http) =>
          createS3Destination({
            ...{ id: 'there', http, bucket: store.bucket, endpoint: store.url, prefix: prefix.slice(0, -1) },
            ...{ accessKeyId: new Secret(store.accessKeyId), secretAccessKey: new Secret(store.secretAccessKey) },
            parts: { fromBytes: 5_000, partBytes: 4_000 },
          }),
        end: () => [
          own(store.objects.keys())
            .sort()
            .map((key) => [
              key,
              sha256Of(
                store.objects
                  .get(prefix + key)!
                  .bytes.toString('latin1')
                  .replaceAll(prefix, ''),
              ),
            ]),
          own(rests()),
        ],
        taken: () => own(store.stored),
      };
    };
    return { place, stop: () => store.stop() };
  },
  async release() {
    const hub = await startGithub({ push: true, pageSize: 30 });
    const place = (): Place => {
      hub.releases.length = 0;
      hub.stored.length = 0;
      return {
        destination: (http) => githubUnderTest(hub, { http }),
        end: () =>
          hub.releases.map(({ tag_name, draft, body, assets }) => ({
            ...{ tag_name, draft, body },
            assets: assets.map(({ name, state, bytes }) => [name, state, sha256Of(bytes)]).sort(),
          })),
        taken: () => hub.stored,
      };
    };
    return { place, stop: () => hub.stop() };
  },
  async registry() {
    const registry = await startRegistry();
    const place = (number: number): Place => {
      const path = `team/k${number}`;
      const get = async (rest: string): Promise<Response> =>
        fetch(`${registry.url}/v2/${path}/${rest}`, {
          headers: { accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json' },
        });
      return {
        files: FILES.slice(1),
        destination: (http) => createOciDestination({ id: 'there', http, repository: `${registry.host}/${path}` }),
        async end() {
          const { tags } = (await (await get('tags/list')).json()) as { tags: string[] };
          const digests = tags.sort().map(async (tag) => [tag, (await get(`manifests/${tag}`)).headers.get('docker-content-digest')]);
          return Promise.all(digests);
        },
        taken: (blobs) => FILES.flatMap(({ name, sha256 }) => blobs.filter((digest) => digest === sha256).map(() => name)),
      };
    };
    return { place, stop: () => registry.stop() };
  },
  ...Object.fromEntries(
    Object.entries(INDEXES).map(([name, behaviour]) => [
      `index that answers as ${name} does`,
      async (): Promise<Server> => ({ place: () => indexPlace(behaviour), stop: async () => undefined }),
    ]),
  ),
};

function indexPlace(behaviour: (typeof INDEXES)[string]): Place {
  const index = memoryIndex(behaviour);
  return {
    inner: index,
    files: WHEELS,
    destination: (http) =>
      createIndexDestination({
        ...{ id: 'there', uploadUrl: 'http://localhost:1/legacy/', simpleUrl: 'http://localhost:1/simple/', projects: ['pychat'] },
        login: { user: '__token__', password: new Secret('pypi-secret') },
        ...{ http, metadataOf: async () => METADATA, nowMs: () => Date.parse('2026-01-01') },
      }),
    end: () => [...index.held].map(([name, bytes]) => [name, sha256Of(Buffer.from(bytes))]).sort(),
    taken: () => index.bodies.map((body) => /filename="([^"]+)"/.exec(body)![1]!),
  };
}

/** Digest of the blob that an answer says a registry took whole. */
export const takenBlob = ({ url }: { url: string }, status: number): readonly string[] => {
  const digest = /[?&]digest=sha256%3A([0-9a-f]{64})/.exec(url)?.[1];
  return digest !== undefined && status === 201 ? [digest] : [];
};
