/** The four places that pychat goes to: a folder, an S3 server, a registry and GitHub, and what stands there. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startGithub } from '../tools/stand-ins/github-server.mjs';
import { startRegistry } from '../tools/stand-ins/oci-registry.mjs';
import { startS3 } from '../tools/stand-ins/s3-server.mjs';

export const VERSION = '0.3.0';
export const SECRETS = {
  R2_ACCESS_KEY_ID: 'AKIDTEST',
  R2_SECRET_ACCESS_KEY: 'secret/of+the=store',
  GITHUB_TOKEN: 'ghp_test',
  OCI_PASSWORD: 'geheim',
};
const MANIFESTS = 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, */*';

/** Names and digests of files. */
export const digestsOf = (files) =>
  Object.fromEntries(
    [...files].map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')]).sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** @param {string} root   the workspace, whose folder is one of the places */
export async function startPlaces(root) {
  const [s3, github, registry] = [await startS3(), await startGithub({ tags: {} }), await startRegistry({ auth: 'basic' })];
  const places = {
    ...{ s3, github, registry },
    /** Where the servers are reached. */
    urls: { s3: s3.url, github: github.apiUrl, registry: registry.url },
    /** What the registry calls it. */
    image: 'team/pychat',
    environment: () => ({
      ...{ ...SECRETS, OCI_USERNAME: 'user', PYCHAT_REGISTRY: `${new URL(places.urls.registry).host}/${places.image}` },
      ...{ R2_BUCKET: s3.bucket, R2_ENDPOINT: places.urls.s3, GITHUB_REPOSITORY: github.repository, GITHUB_API_URL: places.urls.github },
    }),
    stop: async () => {
      for (const server of [s3, github, registry]) await server.stop();
    },
  };
  function askRegistry(path) {
    const authorization = `Basic ${Buffer.from('user:geheim').toString('base64')}`;
    return fetch(`${registry.url}/v2/${places.image}/${path}`, { headers: { authorization, accept: MANIFESTS } });
  }
  /** What each place holds of the release, by name: as somebody gets it who downloads it. */
  const held = {
    folder: (workspace = root) => {
      const target = join(workspace, 'releases/pychat', VERSION);
      return new Map(readdirSync(target).map((name) => [name, readFileSync(join(target, name))]));
    },
    s3: () => {
      const prefix = `downloads/pychat/${VERSION}/`;
      const keys = [...s3.objects.keys()].filter((name) => name.startsWith(prefix));
      return new Map(keys.map((name) => [name.slice(prefix.length), s3.objects.get(name).bytes]));
    },
    'github-release': () => new Map(github.releases[0].assets.map(({ name, bytes }) => [name, bytes])),
    oci: async () => {
      const { layers } = await (await askRegistry(`manifests/${VERSION}`)).json();
      const entries = layers.map(async ({ digest, annotations }) => [
        annotations['org.opencontainers.image.title'],
        Buffer.from(await (await askRegistry(`blobs/${digest}`)).arrayBuffer()),
      ]);
      return new Map(await Promise.all(entries));
    },
  };
  async function everywhere(workspace = root) {
    const all = {};
    for (const [place, read] of Object.entries(held)) all[place] = digestsOf(await read(workspace));
    return all;
  }
  /** What everybody sees, without what names the place, and what was taken more than once. `blobs`: digests of those that the registry took, each time. */
  async function endOf(workspace, blobs) {
    const plain = (text) =>
      String(text)
        .replaceAll(places.image, 'IMAGE')
        .replace(/"plan": "[0-9a-f]{64}"/g, '');
    const { tags } = await (await askRegistry('tags/list')).json();
    const images = await Promise.all(
      tags.sort().map(async (tag) => [tag, (await askRegistry(`manifests/${tag}`)).headers.get('docker-content-digest')]),
    );
    const files = await everywhere(workspace);
    // the empty configuration of an artifact is no file
    const layers = blobs.filter((digest) => Object.values(files.oci).includes(digest));
    const taken = [...s3.stored, ...github.stored.map((name) => `github ${name}`), ...layers];
    return {
      files,
      latest: plain(s3.objects.get('downloads/pychat/latest.json').bytes),
      uploads: s3.uploads.size,
      releases: github.releases.map(({ tag_name, draft, body, assets }) => [tag_name, draft, plain(body), assets.length]),
      images,
      receipt: plain(readFileSync(join(workspace, 'dist/pychat/publish/receipt.json'))),
      twice: taken.filter((one, index) => taken.indexOf(one) !== index),
    };
  }
  /** Nothing stands at any server. Of the registry a fresh name, as it forgets nothing. */
  let number = 0;
  function clear() {
    for (const map of [s3.objects, s3.uploads]) map.clear();
    for (const list of [s3.stored, github.stored, github.releases]) list.length = 0;
    places.image = `team/k${(number += 1)}`;
  }
  return Object.assign(places, { held, everywhere, endOf, clear });
}
