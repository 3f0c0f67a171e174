/**
 * sigstore's two services, with certificates, timestamps and proofs as `@sigstore/mock` makes them: Fulcio, which gives a certificate for the identity of a
 * job, and Rekor, which keeps what was signed. As strict as the real ones, which `@sigstore/mock` is not: it takes any token and any envelope.
 */
import { createHash, createPublicKey, randomUUID, verify, X509Certificate } from 'node:crypto';
import { createRequire } from 'node:module';
import { bodyOf, listen } from './loopback.mjs';

// by their files: the package's own entry loads nock, which replaces node's HTTP
const require = createRequire(import.meta.url);
const { initializeCA, fulcioHandler } = require('@sigstore/mock/dist/fulcio');
const { initializeTLog } = require('@sigstore/mock/dist/rekor');
const { generateKeyPair } = require('@sigstore/mock/dist/util/key');

const AUDIENCE = 'sigstore';
const ENTRIES = '/api/v1/log/entries';
const json = (status, value, headers = {}) => ({ status, headers: { 'content-type': 'application/json', ...headers }, text: JSON.stringify(value) });
const refused = (message) => json(400, { code: 3, message });
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/**
 * @param {{ keys: Map<string, import('node:crypto').KeyObject>, nowMs?: () => number }} options   `keys` are those of the issuers
 * @returns `trust` is what a verifier of sigstore's own library needs; `answer` may replace the honest answer to a request
 */
export async function startSigstore({ keys, nowMs = Date.now }) {
  const [authority, log] = [generateKeyPair(), generateKeyPair()];
  // without a log of certificates, which only their authority writes to
  const ca = await initializeCA(authority);
  const tlog = await initializeTLog('http://rekor.localhost', log);
  const state = { keys, nowMs, fulcio: fulcioHandler(ca), tlog, entries: new Map(), requests: [], answer: () => undefined };
  const { url, stop } = await listen(async (request, response) => {
    state.requests.push(`${request.method} ${request.url}`);
    const body = await bodyOf(request);
    const { status, headers = {}, text = '' } = state.answer(request, state.requests.length) ?? (await route(state, request, body));
    response.writeHead(status, headers).end(text);
  });
  return Object.assign(state, { url, stop, trust: trustOf(ca, log.publicKey) });
}

function trustOf(ca, publicKey) {
  const { X509Certificate: Certificate } = require('@sigstore/core');
  const validFor = { start: new Date(0), end: new Date(8.64e15) };
  const logID = createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest();
  const certificateAuthorities = [{ certChain: [Certificate.parse(Buffer.from(ca.rootCertificate))], validFor }];
  const tlogs = [{ baseURL: 'http://rekor.localhost', publicKey, logID, validFor }];
  return { certificateAuthorities, timestampAuthorities: [], tlogs, ctlogs: [], publicKey: () => undefined };
}

async function route(state, { method, url }, body) {
  if (method === 'POST' && url === '/api/v2/signingCert') return certify(state, body);
  if (method === 'POST' && url === ENTRIES) return keep(state, body);
  const entry = method === 'GET' && url.startsWith(`${ENTRIES}/`) ? state.entries.get(url.slice(ENTRIES.length + 1)) : undefined;
  return entry ? json(200, entry.answer) : json(404, { code: 404, message: 'not found' });
}

/** Whose token it is, and that whoever sends it holds the key. */
async function certify(state, body) {
  const asked = jsonOf(body);
  const token = asked?.credentials?.oidcIdentityToken;
  const { algorithm, content } = asked?.publicKeyRequest?.publicKey ?? {};
  const claims = typeof token === 'string' ? claimsOf(state, token) : undefined;
  if (claims === undefined) return refused('There was an error processing the identity token');
  if (algorithm !== 'ECDSA' || typeof content !== 'string') return refused('The public key supplied in the request could not be parsed');
  const key = createPublicKey(content);
  const proof = Buffer.from(asked.publicKeyRequest.proofOfPossession ?? '', 'base64');
  if (!verify('sha256', Buffer.from(claims.sub), key, proof)) return refused('The signature supplied in the request could not be verified');
  const { statusCode, response } = await state.fulcio.fn(body.toString());
  return { status: statusCode, headers: { 'content-type': 'application/json' }, text: response };
}

function claimsOf({ keys, nowMs }, token) {
  const cut = token.lastIndexOf('.');
  const [head, claims] = token.split('.').map((part) => jsonOf(Buffer.from(part, 'base64url')));
  const key = keys.get(head?.kid);
  if (!key || !verify('RSA-SHA256', Buffer.from(token.slice(0, cut)), key, Buffer.from(token.slice(cut + 1), 'base64url'))) return undefined;
  return claims.aud === AUDIENCE && claims.exp > nowMs() / 1_000 ? claims : undefined;
}

/** An entry `dsse` 0.0.1: the envelope is verified and its digests are kept; the same one again is a conflict that says where it stands. */
async function keep(state, body) {
  const { kind, apiVersion, spec } = jsonOf(body) ?? {};
  const { envelope: text, verifiers } = spec?.proposedContent ?? {};
  const envelope = typeof text === 'string' ? jsonOf(text) : undefined;
  if (kind !== 'dsse' || apiVersion !== '0.0.1' || !envelope || verifiers?.length !== 1) return json(400, { code: 400, message: 'invalid entry' });
  const certificate = new X509Certificate(Buffer.from(verifiers[0], 'base64'));
  const payload = Buffer.from(envelope.payload, 'base64');
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${envelope.payloadType.length} ${envelope.payloadType} ${payload.length} `), payload]);
  const [{ sig }] = envelope.signatures;
  if (!verify('sha256', signed, certificate.publicKey, Buffer.from(sig, 'base64')))
    return json(400, { code: 400, message: 'verifying signature: invalid signature' });
  const known = [...state.entries].find(([, { hash }]) => hash === sha256(text));
  if (known) return json(409, { code: 409, message: 'an equivalent entry already exists' }, { location: `${ENTRIES}/${known[0]}` });
  const answer = await state.tlog.log({
    ...{ apiVersion, kind },
    spec: {
      envelopeHash: { algorithm: 'sha256', value: sha256(text) },
      payloadHash: { algorithm: 'sha256', value: sha256(payload) },
      signatures: [{ signature: sig, verifier: verifiers[0] }],
    },
  });
  state.entries.set(Object.keys(answer)[0] ?? randomUUID(), { hash: sha256(text), answer });
  return json(201, answer);
}

function jsonOf(bytes) {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
