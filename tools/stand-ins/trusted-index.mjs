/** A package index with trusted publishing, as strict as the public ones: it checks id tokens, gives short tokens for them, and takes uploads with these. */
import { createHash, randomUUID, verify } from 'node:crypto';
import { faultOfAttestations } from './attestations.mjs';
import { bodyOf, listen } from './loopback.mjs';
import { GITHUB, GITLAB } from './id-tokens.mjs';
import { nameInCertificate } from './sigstore.mjs';
import { faultOfFields } from './upload-fields.mjs';

const LIFE_SECONDS = 900;
const LEEWAY_SECONDS = 30;
/** Who may publish what: as one enters it at the index. An empty environment takes any. */
export const PUBLISHERS = [
  { issuer: GITHUB, project: 'word-tally', repository: 'team/word-tally', ownerId: '7', workflow: 'release.yml', environment: 'release' },
  { issuer: GITLAB, project: 'word-tally', repository: 'team/word-tally', ownerId: '7', workflow: '.gitlab-ci.yml', environment: 'release' },
];

/**
 * @param {{ keys: Map<string, import('node:crypto').KeyObject>, audience?: string, publishers?: typeof PUBLISHERS, nowMs?: () => number, trust?: object }} options
 *   `keys` are those of the issuers · `state.closed` answers that trusted publishing is off · with `trust`, of sigstore, it takes attestations;
 *   without `state.tellsProvenance` it takes them and its pages say nothing of them
 */
export async function startTrustedIndex({ keys, audience = 'pypi', publishers = PUBLISHERS, nowMs = Date.now, trust }) {
  const state = {
    ...{ audience, publishers, keys, nowMs, trust, closed: false, showsAttestations: true, tellsProvenance: trust !== undefined },
    ...{ held: new Map(), attestations: new Map(), tokens: new Map(), used: new Set(), requests: [], stored: [] },
  };
  const { url, stop } = await listen(async (request, response) => {
    state.requests.push(`${request.method} ${request.url}`);
    const { status = 200, json, text = '', bytes, type = 'text/plain' } = await route(state, request);
    if (json !== undefined)
      response.writeHead(status, { 'content-type': type === 'text/plain' ? 'application/json' : type }).end(JSON.stringify(json));
    else response.writeHead(status, { 'content-type': type }).end(bytes ?? text);
  });
  return Object.assign(state, { url, uploadUrl: `${url}/legacy/`, simpleUrl: `${url}/simple/`, stop });
}

async function route(state, request) {
  const { pathname } = new URL(request.url, 'http://localhost');
  const place = `${request.method} ${pathname}`;
  if (place === 'GET /_/oidc/audience') return state.closed ? CLOSED : { json: { audience: state.audience } };
  if (place === 'POST /_/oidc/mint-token') return mint(state, await bodyOf(request));
  if (place === 'POST /legacy/') return upload(state, request.headers.authorization ?? '', await bodyOf(request));
  if (place === 'GET /simple/') return simple({ meta: metaOf(state), projects: [...state.held.keys()].map((name) => ({ name })) });
  const [, project] = /^\/simple\/([^/]+)\/$/.exec(pathname) ?? [];
  if (project !== undefined) return listProject(state, project);
  const shown = state.attestations.get(/^\/integrity\/(.+)\/provenance$/.exec(pathname)?.[1]);
  if (shown) return { json: { version: 1, attestation_bundles: [{ publisher: { kind: 'GitHub' }, attestations: shown }] } };
  const file = [...state.held.values()].flatMap((files) => [...files]).find(([name]) => pathname === `/files/${name}`);
  return file ? { bytes: file[1], type: 'application/octet-stream' } : { status: 404 };
}

const CLOSED = { status: 403, json: { message: 'Trusted publishing functionality not enabled' } };
const simple = (json) => ({ json, type: 'application/vnd.pypi.simple.v1+json' });
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

const metaOf = ({ trust }) => ({ 'api-version': trust ? '1.3' : '1.0' });

function listProject(state, project) {
  const { held, attestations, showsAttestations, tellsProvenance } = state;
  if (!held.has(project)) return { status: 404 };
  const files = [...held.get(project)].map(([filename, bytes]) => ({
    ...{ filename, url: `../../files/${filename}`, hashes: { sha256: sha256(bytes) } },
    ...(tellsProvenance && { provenance: showsAttestations && attestations.has(filename) ? `../../integrity/${filename}/provenance` : null }),
  }));
  return simple({ meta: metaOf(state), name: project, files });
}

const refused = (code, description) => ({ status: 422, json: { message: 'Token request failed', errors: [{ code, description }] } });

/** In the order of Warehouse: payload, issuer, signature and time, publisher, reuse. */
function mint(state, body) {
  const jwt = fieldOf(body, 'token');
  if (typeof jwt !== 'string') return refused('invalid-payload', 'Field required');
  const [head, claims] = jwt.split('.').map((part) => fieldsOf(Buffer.from(part, 'base64url')));
  if (claims?.iss === undefined) return refused('invalid-payload', 'malformed JWT');
  if (![GITHUB, GITLAB].includes(claims.iss)) return refused('invalid-payload', 'unknown trusted publishing issuer');
  if (!isValid(state, jwt, head, claims)) return refused('invalid-token', 'malformed or invalid token');
  const { publisher, fault } = findPublisher(state.publishers, claims);
  if (fault) return refused('invalid-publisher', `valid token, but no corresponding publisher (${fault})`);
  if (state.used.has(claims.jti)) return refused('invalid-reuse-token', 'invalid token: already used');
  state.used.add(claims.jti);
  const token = `pypi-${randomUUID()}`;
  const expires = Math.floor(state.nowMs() / 1_000) + LIFE_SECONDS;
  state.tokens.set(token, { project: publisher.project, expires, subject: nameInCertificate(claims) });
  return { json: { success: true, token, expires } };
}

const fieldOf = (body, name) => fieldsOf(body)?.[name];
function fieldsOf(bytes) {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function isValid({ keys, audience, nowMs }, jwt, head, { aud, iat, exp, nbf = iat }) {
  const key = keys.get(head?.kid);
  const [signed, signature] = [jwt.slice(0, jwt.lastIndexOf('.')), Buffer.from(jwt.slice(jwt.lastIndexOf('.') + 1), 'base64url')];
  if (!key || head.alg !== 'RS256' || !verify('RSA-SHA256', Buffer.from(signed), key, signature)) return false;
  const now = nowMs() / 1_000;
  return aud === audience && typeof exp === 'number' && exp > now - LEEWAY_SECONDS && Math.max(iat, nbf) <= now + LEEWAY_SECONDS;
}

function findPublisher(publishers, claims) {
  const job = claims.iss === GITHUB ? githubJob(claims) : gitlabJob(claims);
  if (!job.workflow) return { fault: 'Could not job extract workflow filename from OIDC claims' };
  const alike = publishers.filter(
    (one) =>
      one.issuer === claims.iss &&
      one.repository.toLowerCase() === job.repository?.toLowerCase() &&
      one.ownerId === job.ownerId &&
      one.workflow === job.workflow,
  );
  const publisher = alike.find(({ environment }) => environment === claims.environment?.toLowerCase()) ?? alike.find((one) => one.environment === '');
  if (!publisher) return { fault: 'Publisher with matching claims was not found' };
  return claims.jti && claims.ref && claims.sha ? { publisher } : { fault: "Missing claim 'jti'" };
}

const githubJob = ({ repository, repository_owner_id: ownerId, job_workflow_ref: workflowRef = '', ref }) => ({
  ...{ repository, ownerId },
  workflow: workflowRef.endsWith(`@${ref}`) ? /([^/]+\.ya?ml)@/.exec(workflowRef)?.[1] : undefined,
});
const gitlabJob = ({ project_path: repository, namespace_id: ownerId, ci_config_ref_uri: uri = '' }) => ({
  ...{ repository, ownerId },
  workflow: /\/\/(.+)@/.exec(uri)?.[1],
});

const NO_ENTRY = { status: 403, text: 'Invalid or non-existent authentication information.' };

function upload(state, authorization, body) {
  const [user, token] = Buffer.from(authorization.replace(/^Basic /, ''), 'base64')
    .toString('utf8')
    .split(/:(.*)/s);
  const known = user === '__token__' ? state.tokens.get(token) : undefined;
  if (!known || known.expires <= state.nowMs() / 1_000) return NO_ENTRY;
  const text = body.toString('latin1');
  const field = (name) => new RegExp(`name="${name}"\\r\\n\\r\\n([^\\r]*)\\r\\n`).exec(text)?.[1];
  const project = field('name')
    ?.replace(/[-_.]+/g, '-')
    .toLowerCase();
  if (project !== known.project) return { status: 403, text: `Invalid API Token: project-scoped token is not valid for project: '${project}'` };
  const part = text.split(text.slice(0, text.indexOf('\r\n'))).find((one) => one.includes('name="content"'));
  const [name, bytes] = [/filename="([^"]+)"/.exec(part)[1], Buffer.from(part.slice(part.indexOf('\r\n\r\n') + 4, -2), 'latin1')];
  const wrong = faultOfFields(field, name, [...(state.held.get(project)?.keys() ?? [])]);
  if (wrong) return { status: 400, text: wrong };
  if (sha256(bytes) !== field('sha256_digest'))
    return { status: 400, text: 'The digest supplied does not match a digest calculated from the uploaded file.' };
  const sent = field('attestations');
  const attestations = sent === undefined ? undefined : Buffer.from(sent, 'latin1').toString('utf8');
  if (attestations !== undefined && !state.trust) return { status: 400, text: 'Attestations are not supported here' };
  const fault =
    attestations === undefined ? undefined : faultOfAttestations({ text: attestations, name, bytes, subject: known.subject, trust: state.trust });
  if (fault) return { status: 400, text: `Invalid attestations supplied during upload: ${fault}` };
  const files = state.held.get(project) ?? new Map();
  const before = files.get(name);
  if (before) return before.equals(bytes) ? {} : { status: 400, text: `File already exists ('${name}', with blake2_256 hash '${sha256(bytes)}')` };
  state.held.set(project, files.set(name, bytes));
  if (attestations !== undefined) state.attestations.set(name, JSON.parse(attestations));
  state.stored.push(name);
  return {};
}
