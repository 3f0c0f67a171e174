import { createHash } from 'node:crypto';
import { bundleFromJSON } from '@sigstore/bundle';
import { createHttpClient } from '@waybill/core';
import { Verifier, toSignedEntity } from '@sigstore/verify';
import { signSigstore, sigstoreFormat } from '../sigstore/sigstore-format';
import { matchesIdentity, renderSigstoreIdentity, type SigstoreIdentity } from '../sigstore/sigstore-identity';
import { idTokenClaims, startIdTokens, startSigstore, type IdTokens, type SigstoreStandIn } from '../testing/sigstore-stand-in';
import { findIdToken } from './find-id-token';
import { requestCertificate, SIGSTORE_AUDIENCE } from './request-certificate';
import { newKeys, signKeyless } from './sign-keyless';

const PAYLOAD = Buffer.from('what ships\n');
const http = createHttpClient({ readOnly: false, userAgent: 'waybill/test', env: {}, pause: async () => undefined });

let ci: IdTokens;
let sigstore: SigstoreStandIn;
let other: SigstoreStandIn;
let expected: SigstoreIdentity;
let bundle: Buffer;

async function sign(variables: Record<string, string>, at: SigstoreStandIn, payload = PAYLOAD): Promise<Buffer> {
  const found = await findIdToken({ audience: SIGSTORE_AUDIENCE, variables, http, nowMs: Date.now });
  const keys = newKeys();
  const given = found.ok ? await requestCertificate({ fulcioUrl: at.url, http, idToken: found.token, keys }) : found;
  const made = given.ok && 'value' in given ? await signKeyless({ keys, certificate: given.value }, { http, rekorUrl: at.url }, [payload]) : given;
  if (!made.ok || !('value' in made)) throw new Error(JSON.stringify(made));
  return made.value as Buffer;
}

beforeAll(async () => {
  const { GITHUB, GITHUB_JOB } = await idTokenClaims();
  ci = await startIdTokens();
  [sigstore, other] = [await startSigstore({ keys: ci.keys }), await startSigstore({ keys: ci.keys })];
  const identity = `https://github.com/${(GITHUB_JOB as { job_workflow_ref: string }).job_workflow_ref}`;
  expected = { identity, issuer: GITHUB, trustedRoot: sigstore.trustedRoot };
  bundle = await sign(ci.variables, sigstore);
});
afterAll(async () => {
  for (const one of [ci, sigstore, other]) await one.stop();
});

const verify = (bytes: Uint8Array, change: Partial<SigstoreIdentity> = {}, payload = PAYLOAD) =>
  sigstoreFormat.verify(bytes, renderSigstoreIdentity({ ...expected, ...change }), [payload]);

it('makes bundles that sigstore’s own library verifies, and says by whom they are', async () => {
  const entity = toSignedEntity(bundleFromJSON(JSON.parse(bundle.toString())), PAYLOAD);
  const thresholds = { tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 1 };
  const { identity } = new Verifier(sigstore.trust as never, thresholds).verify(entity);
  expect(identity).toMatchObject({ subjectAlternativeName: expected.identity, extensions: { issuer: expected.issuer } });
  const fingerprint = `${expected.identity} by ${expected.issuer}`;
  expect(sigstoreFormat.readPublicKey(renderSigstoreIdentity(expected))).toEqual({ ok: true, facts: { format: 'sigstore', fingerprint } });
  const signature = { format: 'sigstore', claimedSigner: expected.identity, algorithm: 'ecdsa-p256', hash: 'sha256', canonical: true };
  expect(await verify(bundle)).toEqual({ ok: true, fingerprint, signature });
});

it('a job of GitLab, and a person who logged in, are named as sigstore names them', async () => {
  const { GITLAB, GITLAB_JOB } = await idTokenClaims();
  const job = ci.make({ iss: GITLAB, aud: 'sigstore', ...GITLAB_JOB });
  const identity = 'https://gitlab.example.org/team/word-tally//.gitlab-ci.yml@refs/tags/*';
  expect(await verify(await sign({ GITLAB_CI: 'true', SIGSTORE_ID_TOKEN: job }, sigstore), { identity, issuer: GITLAB })).toMatchObject({ ok: true });
  const person = ci.make({ iss: 'https://accounts.example.org', aud: 'sigstore', sub: '7', email: 'release@example.org' });
  const login = { identity: 'release@example.org', issuer: 'https://accounts.example.org' };
  expect(await verify(await sign({ SIGSTORE_ID_TOKEN: person }, sigstore), login)).toMatchObject({ ok: true });
});

it.each<[string, Partial<SigstoreIdentity>, RegExp]>([
  [
    'workflow',
    { identity: 'https://github.com/team/word-tally/.github/workflows/other.yml@refs/tags/v1.0' },
    /by https:\/\/github\.com\/.*release\.yml/,
  ],
  ['issuer', { issuer: 'https://token.example.org/githu' }, /not by/],
  ['pattern', { identity: 'https://github.com/team/*.yml@refs/heads/*' }, /not by/],
])('refuses another %s', async (_, change, message) => {
  expect(await verify(bundle, change)).toEqual({ ok: false, reason: 'other-key', message: expect.stringMatching(message) as string });
});

it('refuses other bytes, keys of another sigstore, and a bundle by a key where an identity is asked for', async () => {
  expect(await verify(bundle, {}, Buffer.from('what shipt\n'))).toMatchObject({ ok: false, reason: 'mismatch' });
  expect(await verify(bundle, { trustedRoot: other.trustedRoot })).toMatchObject({ ok: false, reason: 'mismatch' });
  const { trustedRoot, ...publicInstance } = expected;
  expect(trustedRoot).toBeDefined();
  const carried = await sigstoreFormat.verify(bundle, renderSigstoreIdentity(publicInstance), [PAYLOAD]);
  expect(carried).toEqual({ ok: false, reason: 'mismatch', message: expect.stringContaining('sigstore does not vouch for it') as string });
  const { privateKey, publicKey } = newKeys();
  expect(await verify(await signSigstore(privateKey, [PAYLOAD]))).toMatchObject({ ok: false, reason: 'other-key' });
  const key = String(publicKey.export({ format: 'pem', type: 'spki' }));
  expect(await sigstoreFormat.verify(bundle, key, [PAYLOAD])).toMatchObject({ ok: false, reason: 'other-key' });
});

it('refuses what another log, certificate or signature is put into', async () => {
  const parts = (bytes: Buffer) => JSON.parse(bytes.toString()) as Record<'verificationMaterial' | 'messageSignature', Record<string, unknown>>;
  const again = parts(await sign(ci.variables, sigstore));
  const foreign = parts(await sign(ci.variables, other));
  const mixed = (from: typeof again, part: 'verificationMaterial' | 'messageSignature', field: string): Buffer => {
    const own = parts(bundle);
    own[part][field] = from[part][field];
    return Buffer.from(`${JSON.stringify(own).replaceAll('\u2014', '\\u2014')}\n`);
  };
  for (const [part, field] of [
    ['verificationMaterial', 'certificate'],
    ['verificationMaterial', 'tlogEntries'],
    ['messageSignature', 'signature'],
  ] as const) {
    for (const from of [again, foreign])
      expect([field, await verify(mixed(from, part, field))]).toMatchObject([field, { ok: false, reason: 'mismatch' }]);
  }
  const digest = createHash('sha256').update('another').digest('base64');
  expect(await verify(Buffer.from(bundle.toString().replace(/"digest":"[^"]+"/, `"digest":"${digest}"`)))).toMatchObject({ ok: false });
});

it('finds each changed byte, and what nobody signed', async () => {
  for (let at = 0; at < bundle.length; at += 13) {
    const changed = Buffer.from(bundle);
    changed[at] = changed[at] === 0x41 ? 0x42 : 0x41;
    const verdict = await verify(changed);
    // a signature of the log has a second form that holds: then it says so, and nobody takes it
    expect(verdict.ok && verdict.signature.canonical ? `${at}: ${changed.toString().slice(at - 20, at + 20)}` : '').toBe('');
  }
  const extra = (text: string): Buffer => Buffer.from(bundle.toString().replace('"tlogEntries"', text));
  expect(await verify(extra('"x":1,"tlogEntries"'))).toMatchObject({ ok: false, reason: 'unsupported' });
  expect(await verify(extra('"tlogEntries":[],"x"'))).toMatchObject({ ok: false });
  // says nothing more, but in another form
  expect(await verify(extra('"timestampVerificationData":{},"tlogEntries"'))).toMatchObject({
    ok: true,
    signature: { canonical: false, foreign: true },
  });
});

it.each([
  ['no JSON', '{'],
  ['no identity', '{"issuer":"https://a"}'],
  ['an identity that fits everybody', '{"identity":"**","issuer":"https://a"}'],
  ['no issuer', '{"identity":"a"}'],
  ['a field that is not known', '{"identity":"a","issuer":"b","regexp":true}'],
  ['a root that is none', '{"identity":"a","issuer":"b","trustedRoot":{"mediaType":"x"}}'],
  ['a root without logs', '{"identity":"a","issuer":"b","trustedRoot":{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}}'],
])('an identity with %s is none', (_, text) => {
  expect(sigstoreFormat.readPublicKey(text)).toMatchObject({ ok: false });
});

it('a root whose keys cannot be read is told, not passed over', async () => {
  const trustedRoot = { ...sigstore.trustedRoot, certificateAuthorities: [{ certChain: { certificates: [{ rawBytes: 'AAAA' }] } }] };
  expect(await verify(bundle, { trustedRoot })).toMatchObject({ ok: false, reason: 'public-key' });
});

it('patterns fit whole names alone', () => {
  const name = 'https://github.com/o/r/.github/workflows/release.yml@refs/tags/v1.0';
  for (const pattern of [name, 'https://github.com/o/r/*@refs/tags/*', '*v1.0', 'https://*/r/*/release.yml*'])
    expect(matchesIdentity(pattern, name)).toBe(true);
  for (const pattern of [name.slice(0, -1), `${name}0`, 'https://github.com/o/r/*@refs/heads/*', '*v1.0*v1.0', 'github.com*'])
    expect([pattern, matchesIdentity(pattern, name)]).toEqual([pattern, false]);
});

it('finds no token where none is: says which kind of nowhere', async () => {
  const find = async (variables: Record<string, string>) => findIdToken({ audience: 'sigstore', variables, http, nowMs: Date.now });
  expect(await find({})).toEqual({ ok: false, fault: { kind: 'nowhere' } });
  expect(await find({ GITHUB_ACTIONS: 'true' })).toEqual({ ok: false, fault: { kind: 'permission' } });
  expect(await find({ GITLAB_CI: 'true' })).toEqual({ ok: false, fault: { kind: 'variable', variable: 'SIGSTORE_ID_TOKEN' } });
  for (const [token, reason] of [
    ['hello', /no JSON Web Token/],
    [ci.make({ aud: 'pypi' }), /its audience/],
    [ci.make({ aud: 'sigstore', exp: 1 }), /expired/],
    [ci.make({ aud: 'sigstore', exp: undefined }), /how long/],
  ] as const) {
    const found = await find({ SIGSTORE_ID_TOKEN: token });
    expect(found).toEqual({ ok: false, fault: { kind: 'unusable', reason: expect.stringMatching(reason) as string } });
    expect(JSON.stringify(found)).not.toContain(token);
  }
  const wrong = { ...ci.variables, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x' };
  expect(await find(wrong)).toEqual({ ok: false, fault: { kind: 'unusable', reason: 'GitHub gave none (HTTP 401)' } });
});
