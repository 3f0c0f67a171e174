import { networkErrorCodes, WaybillError, type HttpClient, type Secret } from '@waybill/core';
import { wordsOf } from '@waybill/publishing';
import {
  findIdToken,
  holdsLongEnough,
  identityFingerprint,
  isUnanswered,
  matchesIdentity,
  newKeys,
  renderSigstoreIdentity,
  requestCertificate,
  signKeyless,
  SIGSTORE_AUDIENCE,
  sigstoreFormat,
  type CertifiedKey,
  type IdToken,
  type JobVariables,
  type Sigstore,
  type SigstoreIdentity,
} from '@waybill/signatures';
import { signingErrors } from '../errors/signing-errors';
import type { DetachedSigner } from './detached-signer';

export interface KeylessSource extends Sigstore {
  /** Whom the certificate must name. */
  expected: SigstoreIdentity;
  variables: JobVariables;
  http: HttpClient;
  nowMs(): number;
  pause(ms: number): Promise<unknown>;
  /** Called with each token, before it goes anywhere. */
  conceal(secret: Secret): void;
}

/** Times that the log is asked, and the wait between them; milliseconds. */
const ATTEMPTS = 3;
const WAIT_MS = 2_000;

/**
 * Signs by the identity of this job: a key that no one keeps, a certificate of sigstore for it, an entry in the public log for each file. Nobody is asked
 * before the first file that has no signature yet. `SIGN_IDENTITY_TOKEN`, `SIGN_IDENTITY_OTHER`, `SIGN_SIGSTORE_…`.
 */
export function keylessSigner(source: KeylessSource): DetachedSigner {
  let held: CertifiedKey | undefined;
  return {
    format: sigstoreFormat,
    publicKey: renderSigstoreIdentity(source.expected),
    fingerprint: identityFingerprint(source.expected),
    wouldSay: ({ hash }) => hash === 'sha256',
    async sign(file) {
      if (held === undefined || !holdsLongEnough(held, source.nowMs())) held = await certify(source);
      return keep(source, held, () => file.content());
    },
  };
}

async function certify(source: KeylessSource): Promise<CertifiedKey> {
  const keys = newKeys();
  const idToken = await tokenOf(source);
  const given = await answered('Fulcio', () => requestCertificate({ ...source, keys, idToken }));
  if (!given.ok) {
    if (isUnanswered(given.status)) throw unanswered('Fulcio', `it said neither yes nor no (HTTP ${given.status})`);
    throw signingErrors.error('SIGN_SIGSTORE_IDENTITY', { status: given.status, said: wordsOf(given.said) });
  }
  const name = /^(?:URI|email):(.*)$/.exec(given.value.subjectAltName ?? '')?.[1] ?? '';
  // before anything stands in a public log for ever
  if (!matchesIdentity(source.expected.identity, name)) {
    throw signingErrors.error('SIGN_IDENTITY_OTHER', { expected: source.expected.identity, actual: name });
  }
  return { keys, certificate: given.value };
}

async function tokenOf({ conceal, ...source }: KeylessSource): Promise<IdToken> {
  const found = await answered('the CI', () => findIdToken({ ...source, audience: SIGSTORE_AUDIENCE }));
  if (found.ok) {
    conceal(found.token.secret);
    return found.token;
  }
  const { fault } = found;
  throw fault.kind === 'unusable' ? signingErrors.error('SIGN_IDENTITY_TOKEN', { reason: fault.reason }) : identityMissing(fault);
}

/** There is no identity here. */
export const identityMissing = (fault: { kind: string; variable?: string }): Error =>
  signingErrors.error('SIGN_IDENTITY_MISSING', { kind: fault.kind, variable: fault.variable });

async function keep(source: KeylessSource, held: CertifiedKey, payload: () => AsyncIterable<Uint8Array>): Promise<Buffer> {
  for (let attempt = 1; ; attempt += 1) {
    const made = await answered('Rekor', () => signKeyless(held, source, payload()));
    if (made.ok) return made.value;
    if (!isUnanswered(made.status)) throw signingErrors.error('SIGN_SIGSTORE_LOG', { status: made.status, said: wordsOf(made.said) });
    if (attempt === ATTEMPTS) throw unanswered('Rekor', `it said neither yes nor no (HTTP ${made.status}), ${ATTEMPTS} times`);
    await source.pause(WAIT_MS * attempt);
  }
}

const unanswered = (service: string, reason: string): Error => signingErrors.error('SIGN_SIGSTORE_UNANSWERED', { service, reason });

/** A connection that gives no answer is told as one of sigstore’s. */
async function answered<Result>(service: string, ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (cause) {
    if (!(cause instanceof WaybillError) || !networkErrorCodes.includes(cause.code)) throw cause;
    throw unanswered(service, cause.message);
  }
}
