/**
 * sigstore's two services, with certificates, timestamps and proofs as `@sigstore/mock` makes them: Fulcio, which gives a certificate for the identity of a
 * job, and Rekor, which keeps what was signed. As strict as the real ones, which `@sigstore/mock` is not: it takes any token and any envelope.
 */
import { spawnSync } from 'node:child_process';
import { createHash, createPublicKey, randomUUID, sign, verify, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bodyOf, listen } from './loopback.mjs';

// by their files: the package's own entry loads nock, which replaces node's HTTP
const require = createRequire(import.meta.url);
const { initializeCA, fulcioHandler } = require('@sigstore/mock/dist/fulcio');
const { initializeTLog } = require('@sigstore/mock/dist/rekor');
const { generateKeyPair } = require('@sigstore/mock/dist/util/key');
const { TrustedRoot } = require('@sigstore/protobuf-specs');
const { toTrustMaterial } = require('@sigstore/verify');

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
  const [authority, log, certificates] = [generateKeyPair(), generateKeyPair(), generateKeyPair()];
  const ca = await initializeCA(authority, { log: async (certificate, issuer) => certificateTimestamp(certificate, issuer, certificates) });
  const tlog = await initializeTLog('http://rekor.localhost', log);
  const state = { keys, nowMs, fulcio: fulcioHandler(ca), tlog, entries: new Map(), requests: [], answer: () => undefined };
  const { url, stop } = await listen(async (request, response) => {
    state.requests.push(`${request.method} ${request.url}`);
    const body = await bodyOf(request);
    const { status, headers = {}, text = '' } = state.answer(request, state.requests.length) ?? (await route(state, request, body));
    response.writeHead(status, headers).end(text);
  });
  const trustedRoot = trustedRootOf(ca, log.publicKey, certificates.publicKey);
  return Object.assign(state, { url, stop, trustedRoot, trust: toTrustMaterial(TrustedRoot.fromJSON(trustedRoot)) });
}

/** As sigstore gives its keys away (protobuf-specs, `TrustedRoot`, JSON). */
function trustedRootOf(ca, log, certificates) {
  const validFor = { start: '2020-01-01T00:00:00Z' };
  const keyOf = (key, baseUrl) => {
    const der = key.export({ format: 'der', type: 'spki' });
    const publicKey = { rawBytes: der.toString('base64'), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor };
    return { baseUrl, hashAlgorithm: 'SHA2_256', publicKey, logId: { keyId: createHash('sha256').update(der).digest('base64') } };
  };
  const subject = { organization: 'sigstore.mock', commonName: 'sigstore' };
  const certChain = { certificates: [{ rawBytes: Buffer.from(ca.rootCertificate).toString('base64') }] };
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [keyOf(log, 'http://rekor.localhost')],
    certificateAuthorities: [{ subject, uri: 'http://fulcio.localhost', certChain, validFor }],
    ctlogs: [keyOf(certificates, 'http://ctfe.localhost')],
    timestampAuthorities: [],
  };
}

/** A log of certificates puts its name to one without its own proof (RFC 6962 §3.2); behind its length, as in a list. That of `@sigstore/mock` signs nothing. */
function certificateTimestamp(certificate, issuer, { privateKey, publicKey }) {
  const der = Buffer.from(certificate);
  const skip = (at) => at + 2 + (der[at + 1] < 0x80 ? 0 : der[at + 1] - 0x80);
  const inside = skip(0);
  const body = skip(inside);
  const length = body - inside === 2 ? der[inside + 1] : der.readUIntBE(inside + 2, body - inside - 2);
  const signed = der.subarray(inside, body + length);
  const bytes = (value, size) => Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex');
  const time = bytes(Date.now(), 8);
  const none = bytes(0, 2);
  const head = Buffer.concat([Buffer.from([0, 0]), time, bytes(1, 2), Buffer.from(issuer), bytes(signed.length, 3), signed, none]);
  const signature = sign('sha256', head, privateKey);
  const log = createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest();
  const timestamp = Buffer.concat([Buffer.from([0]), log, time, none, Buffer.from([4, 3]), bytes(signature.length, 2), signature]);
  return Buffer.concat([bytes(timestamp.length, 2), timestamp]);
}

/** Whose certificate it becomes, as Fulcio's `pkg/identity` has it: people by their address, jobs by their workflow. */
export function nameInCertificate({ email, sub, job_workflow_ref: github, ci_config_ref_uri: gitlab }) {
  if (github) return `https://github.com/${github}`;
  return gitlab ? `https://${gitlab}` : (email ?? sub);
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
  if (!verify('sha256', Buffer.from(claims.email ?? claims.sub), key, proof))
    return refused('The signature supplied in the request could not be verified');
  // `@sigstore/mock` names everybody by `sub`, and asks no signature of a token
  const named = [token.split('.')[0], Buffer.from(JSON.stringify({ ...claims, sub: nameInCertificate(claims) })).toString('base64url'), 'none'];
  const { statusCode, response } = await state.fulcio.fn(JSON.stringify({ ...asked, credentials: { oidcIdentityToken: named.join('.') } }));
  return { status: statusCode, headers: { 'content-type': 'application/json' }, text: response };
}

function claimsOf({ keys, nowMs }, token) {
  const cut = token.lastIndexOf('.');
  const [head, claims] = token.split('.').map((part) => jsonOf(Buffer.from(part, 'base64url')));
  const key = keys.get(head?.kid);
  if (!key || !verify('RSA-SHA256', Buffer.from(token.slice(0, cut)), key, Buffer.from(token.slice(cut + 1), 'base64url'))) return undefined;
  return claims.aud === AUDIENCE && claims.exp > nowMs() / 1_000 ? claims : undefined;
}

/** An entry `hashedrekord` 0.0.1: the signature over the digest is verified, and both are kept. */
async function keepDigest(state, { kind, apiVersion, spec }) {
  const { value } = spec?.data?.hash ?? {};
  const { content = '', publicKey } = spec?.signature ?? {};
  const certificate = new X509Certificate(Buffer.from(publicKey?.content ?? '', 'base64'));
  if (!/^[0-9a-f]{64}$/.test(value)) return json(400, { code: 400, message: 'invalid value for hash' });
  if (!verifyDigest(Buffer.from(value, 'hex'), Buffer.from(content, 'base64'), certificate.publicKey))
    return json(400, { code: 400, message: 'verifying signature: ecdsa: Invalid signature' });
  return json(201, await state.tlog.log({ apiVersion, kind, spec }));
}

/** Node signs and verifies messages alone; openssl takes their digest. */
function verifyDigest(digest, signature, key) {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-rekor-'));
  try {
    writeFileSync(join(folder, 'key'), key.export({ format: 'pem', type: 'spki' }));
    writeFileSync(join(folder, 'signature'), signature);
    const args = ['pkeyutl', '-verify', '-pubin', '-inkey', join(folder, 'key'), '-sigfile', join(folder, 'signature')];
    return spawnSync('openssl', args, { input: digest }).status === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An entry `dsse` 0.0.1: the envelope is verified and its digests are kept; the same one again is a conflict that says where it stands. */
async function keep(state, body) {
  const { kind, apiVersion, spec } = jsonOf(body) ?? {};
  if (kind === 'hashedrekord' && apiVersion === '0.0.1') return keepDigest(state, { kind, apiVersion, spec });
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
