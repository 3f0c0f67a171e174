/** GitHub's releases in memory, as strict as the real ones: drafts, immutability, broken assets, double drafts, digests, a store that takes no token. */
import { createHash } from 'node:crypto';
import { judgeImmutable, judgePublish, notFound, refusal, tagUsed } from './github-rules.mjs';
import { bodyOf, listen } from './loopback.mjs';

const SETTINGS = {
  ...{ repository: 'team/pychat', token: 'ghp_test', push: true, installation: false, readsOnly: false, archived: false },
  ...{ tags: { 'v1.2.0': 'c0ffee' }, immutable: false, digests: true, pageSize: 2, apiPath: '' },
  listLags: false,
};
const KEPT_NAME = /[^A-Za-z0-9._+-]/g;

/**
 * @param {Partial<typeof SETTINGS> & { breakUploads?: number }} [options]
 *   `breakUploads`: so many uploads lose their connection and leave a `starter` asset · `readsOnly`: what reads tells nothing of it, and writes are refused · `listLags`: the list does not show drafts yet · `apiPath`: `/api/v3` for GitHub Enterprise
 */
export async function startGithub(options = {}) {
  const store = await listen((request, response) => giveBytes(hub, request, response));
  const hub = {
    ...SETTINGS,
    breakUploads: 0,
    ...options,
    tags: { ...(options.tags ?? SETTINGS.tags) },
    releases: [],
    requests: [],
    stored: [],
    /** Of immutable releases, also of those that were deleted. */
    lockedTags: new Set(),
    nextId: 1,
    storeUrl: store.url.replace('127.0.0.1', 'localhost'),
  };
  const { url, stop } = await listen(async (request, response) => {
    hub.requests.push(`${request.method} ${request.url}`);
    const answer = judgeRequest(hub, request) ?? (await route(hub, request, response));
    if (answer === undefined) return;
    const { status = 200, json, text, headers } = answer;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(request.method === 'HEAD' || status === 204 ? undefined : (text ?? JSON.stringify(json)));
  });
  hub.url = url;
  hub.apiUrl = `${url}${hub.apiPath}`;
  return Object.assign(hub, { stop: () => Promise.all([stop(), store.stop()]) });
}

function judgeRequest(hub, { headers, method }) {
  if (!headers['user-agent']) return refusal(403, 'Request forbidden by administrative rules');
  if (headers.authorization !== `Bearer ${hub.token}`) return refusal(401, 'Bad credentials');
  if (hub.limited)
    return { ...refusal(403, 'API rate limit exceeded'), headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1800000000' } };
  const reads = method === 'GET' || method === 'HEAD';
  if (!reads && hub.readsOnly) return refusal(403, 'Resource not accessible by integration');
  return !reads && !hub.push && !hub.installation ? refusal(403, 'Resource not accessible by personal access token') : undefined;
}

const ROUTES = [
  [
    'HEAD',
    /^\/installation\/repositories$/,
    (hub) => (hub.installation ? { json: {} } : refusal(403, 'You must authenticate with an installation access token')),
  ],
  ['GET', /^$/, (hub) => ({ json: { full_name: hub.repository, archived: hub.archived, permissions: { push: hub.push } } })],
  [
    'GET',
    /^\/commits\/tags\/(.+)$/,
    (hub, [tag]) => (hub.tags[tag] ? { text: hub.tags[tag] } : refusal(422, `No commit found for SHA: tags/${tag}`)),
  ],
  ['GET', /^\/releases$/, listReleases],
  ['POST', /^\/releases$/, createRelease],
  ['GET', /^\/releases\/(\d+)$/, (hub, [id]) => (find(hub, id) ? { json: view(hub, find(hub, id)) } : notFound)],
  ['PATCH', /^\/releases\/(\d+)$/, changeRelease],
  ['DELETE', /^\/releases\/(\d+)$/, deleteRelease],
  ['GET', /^\/releases\/(\d+)\/assets$/, listAssets],
  ['GET', /^\/releases\/assets\/(\d+)$/, getAsset],
  ['PATCH', /^\/releases\/assets\/(\d+)$/, changeAsset],
  ['DELETE', /^\/releases\/assets\/(\d+)$/, deleteAsset],
  ['PATCH', /^\/git\/refs\/tags\/(.+)$/, changeTag],
  ['DELETE', /^\/git\/refs\/tags\/(.+)$/, changeTag],
];

async function route(hub, request, response) {
  const url = new URL(request.url, hub.url);
  const uploads = /^\/uploads\/releases\/(\d+)\/assets$/.exec(url.pathname);
  if (uploads && request.method === 'POST') return upload(hub, request, response, uploads[1], url.searchParams.get('name'));
  const base = `${hub.apiPath}/repos/${hub.repository}`;
  const path = url.pathname.startsWith(base) ? url.pathname.slice(base.length) : url.pathname.slice(hub.apiPath.length);
  if (path.startsWith('/repos/')) return notFound;
  const body = await bodyOf(request);
  for (const [method, pattern, handle] of ROUTES) {
    const match = method === request.method && pattern.exec(path);
    if (match) return handle(hub, match.slice(1).map(decodeURIComponent), body.length > 0 ? JSON.parse(body) : {}, url, request);
  }
  return notFound;
}

const view = (hub, { assets: _assets, ...release }) => ({
  ...release,
  upload_url: `${hub.url}/uploads/releases/${release.id}/assets{?name,label}`,
  html_url: `${hub.url}/${hub.repository}/releases/tag/${release.draft ? `untagged-${release.id}` : release.tag_name}`,
});
const viewAsset = (hub, { bytes, ...asset }) => ({
  ...asset,
  url: `${hub.apiUrl}/repos/${hub.repository}/releases/assets/${asset.id}`,
  size: bytes.length,
  digest: hub.digests && asset.state === 'uploaded' ? `sha256:${createHash('sha256').update(bytes).digest('hex')}` : null,
  browser_download_url: `${hub.url}/${hub.repository}/releases/download/${asset.name}`,
});

function page(hub, items, url) {
  const number = Number(url.searchParams.get('page') ?? 1);
  const next = new URL(url);
  next.searchParams.set('page', String(number + 1));
  const more = items.length > number * hub.pageSize;
  return { json: items.slice((number - 1) * hub.pageSize, number * hub.pageSize), headers: more ? { link: `<${next.href}>; rel="next"` } : {} };
}

function listReleases(hub, _, __, url) {
  const seen = hub.releases.filter(({ draft }) => !draft || ((hub.push || hub.installation) && !hub.listLags));
  return page(
    hub,
    [...seen].reverse().map((release) => view(hub, release)),
    url,
  );
}

const MOST_CHARACTERS = 125_000;
const isTooLong = (body) => (body ?? '').length > MOST_CHARACTERS;

function createRelease(hub, _, { tag_name, name = null, body = null, draft = false, prerelease = false }) {
  const taken = hub.releases.some((release) => !release.draft && release.tag_name === tag_name);
  if (!tag_name || taken) return refusal(422, 'Validation Failed', taken ? 'already_exists' : 'missing_field');
  if (isTooLong(body)) return refusal(422, 'Validation Failed', 'custom');
  if (!draft && hub.lockedTags.has(tag_name)) return tagUsed;
  const immutable = !draft && hub.immutable;
  if (immutable) hub.lockedTags.add(tag_name);
  const release = { id: hub.nextId++, tag_name, name, body, draft, prerelease, immutable, assets: [] };
  hub.releases.push(release);
  return { status: 201, json: view(hub, release) };
}

const find = (hub, id) => hub.releases.find((release) => release.id === Number(id));

function changeRelease(hub, [id], changes) {
  const release = find(hub, id);
  if (!release) return notFound;
  if (!['true', 'false', 'legacy', undefined].includes(changes.make_latest)) return refusal(422, 'Validation Failed', 'invalid');
  if (isTooLong(changes.body)) return refusal(422, 'Validation Failed', 'custom');
  const refused = release.immutable ? judgeImmutable(release, changes) : judgePublish(hub, release, changes);
  if (refused) return refused;
  const publishes = release.draft && changes.draft === false;
  for (const key of ['tag_name', 'name', 'body', 'draft', 'prerelease']) if (changes[key] !== undefined) release[key] = changes[key];
  if (publishes) Object.assign(release, { immutable: hub.immutable });
  if (release.immutable) hub.lockedTags.add(release.tag_name);
  hub.latest = changes.make_latest ?? hub.latest;
  return { json: view(hub, release) };
}

function deleteRelease(hub, [id]) {
  if (!find(hub, id)) return notFound;
  hub.releases = hub.releases.filter((release) => release.id !== Number(id));
  return { status: 204 };
}

/** Tags are moved and deleted by `git push`, or here. */
function changeTag(hub, [tag], { sha }, _, { method }) {
  if (hub.releases.some((release) => release.immutable && release.tag_name === tag)) return refusal(422, 'Cannot update this protected ref.');
  if (method === 'DELETE') delete hub.tags[tag];
  else hub.tags[tag] = sha;
  return method === 'DELETE' ? { status: 204 } : { json: { ref: `refs/tags/${tag}`, object: { sha } } };
}

function listAssets(hub, [id], _, url) {
  const release = find(hub, id);
  return release
    ? page(
        hub,
        release.assets.map((asset) => viewAsset(hub, asset)),
        url,
      )
    : notFound;
}

const assetOf = (hub, id) => hub.releases.flatMap(({ assets }) => assets).find((asset) => asset.id === Number(id));

function getAsset(hub, [id], _, __, { headers }) {
  const asset = assetOf(hub, id);
  if (!asset) return notFound;
  if (headers.accept !== 'application/octet-stream') return { json: viewAsset(hub, asset) };
  return { status: 302, json: {}, headers: { location: `${hub.storeUrl}/${id}?signature=of-the-store` } };
}

const releaseOf = (hub, id) => hub.releases.find(({ assets }) => assets.some((asset) => asset.id === Number(id)));

function changeAsset(hub, [id], { name }) {
  const release = releaseOf(hub, id);
  if (!release) return notFound;
  if (release.immutable) return refusal(422, 'Cannot modify assets of an immutable release', 'custom');
  const asset = assetOf(hub, id);
  asset.name = name ?? asset.name;
  return { json: viewAsset(hub, asset) };
}

function deleteAsset(hub, [id]) {
  const release = releaseOf(hub, id);
  if (!release) return notFound;
  if (release.immutable) return refusal(422, 'Cannot delete asset from an immutable release');
  release.assets = release.assets.filter((asset) => asset.id !== Number(id));
  return { status: 204 };
}

async function upload(hub, request, response, id, given) {
  const release = find(hub, id);
  if (request.headers['content-length'] === undefined) return refusal(411, 'Length Required');
  const bytes = await bodyOf(request);
  if (!release) return notFound;
  if (release.immutable) return refusal(422, 'Cannot upload assets to an immutable release.');
  const name = given.replace(KEPT_NAME, '.');
  if (release.assets.some((asset) => asset.name === name)) return refusal(422, 'Validation Failed', 'already_exists');
  if (bytes.length === 0) return refusal(422, 'Validation Failed', 'invalid');
  const asset = { id: hub.nextId++, name, state: 'uploaded', content_type: request.headers['content-type'], bytes };
  release.assets.push(asset);
  if (hub.breakUploads > 0) {
    hub.breakUploads -= 1;
    Object.assign(asset, { state: 'starter', bytes: bytes.subarray(0, 1) });
    return void response.destroy();
  }
  hub.stored.push(name);
  return { status: 201, json: viewAsset(hub, asset) };
}

/** The store behind the redirect refuses a request that brings a token with it. */
function giveBytes(hub, request, response) {
  const asset = assetOf(hub, /^\/(\d+)/.exec(request.url)?.[1]);
  if (request.headers.authorization !== undefined) return void response.writeHead(400).end('Only one auth mechanism allowed');
  response.writeHead(asset ? 200 : 404).end(asset?.bytes);
}
