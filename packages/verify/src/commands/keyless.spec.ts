import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHttpClient } from '@waybill/core';
import { temporaryFolder } from '@waybill/core/testing';
import { findIdToken, newKeys, requestCertificate, SIGSTORE_AUDIENCE, signKeyless } from '@waybill/signatures';
import { idTokenClaims, startIdTokens, startSigstore, type IdTokens, type SigstoreStandIn } from '@waybill/signatures/testing';
import { makeDelivery, writeDelivery, type Files } from '../testing/make-delivery';
import type { SigningKey } from '../testing/signing-keys';
import { main } from './main';

const SUMS = 'app-1.0-SHA256SUMS';
const IDENTITY = 'https://github.com/team/word-tally/.github/workflows/release.yml@refs/tags/v1.0';
const http = createHttpClient({ readOnly: false, userAgent: 'waybill/test', env: {} });
const folder = temporaryFolder();

let ci: IdTokens;
let sigstore: SigstoreStandIn;
let issuer: string;
let files: Files;

/** A job of GitHub that signs what it releases. */
async function jobKey(): Promise<SigningKey> {
  const found = await findIdToken({ audience: SIGSTORE_AUDIENCE, variables: ci.variables, http, nowMs: Date.now });
  const keys = newKeys();
  const given = found.ok && (await requestCertificate({ fulcioUrl: sigstore.url, http, idToken: found.token, keys }));
  if (!given || !given.ok) throw new Error('no certificate');
  const sign = async (payload: Uint8Array): Promise<Buffer> => {
    const made = await signKeyless({ keys, certificate: given.value }, { http, rekorUrl: sigstore.url }, [payload]);
    if (!made.ok) throw new Error(made.said);
    return made.value;
  };
  return { suffix: '.sigstore.json', fingerprint: `${IDENTITY} by ${issuer}`, publicKey: '', sign };
}

beforeEach(async () => {
  ci = await startIdTokens();
  sigstore = await startSigstore({ keys: ci.keys });
  issuer = (await idTokenClaims()).GITHUB;
  mkdirSync(join(folder.path, 'temporary'));
  writeFileSync(join(folder.path, 'root.json'), JSON.stringify(sigstore.trustedRoot));
  files = (await makeDelivery(folder.path, { project: 'app', version: '1.0', keys: [await jobKey()] })).files;
  // what is checked needs nobody
  await sigstore.stop();
  await ci.stop();
});

async function verify(delivered: Files, ...args: string[]): Promise<{ code: number; out: string }> {
  const delivery = mkdtempSync(join(folder.path, 'delivery-'));
  writeDelivery(delivery, delivered);
  let out = '';
  const print = (text: string): void => void (out += text);
  const ports = { workingFolder: folder.path, temporaryFolder: join(folder.path, 'temporary'), print, tell: print };
  return { code: await main([delivery, ...args], ports), out };
}

it('verifies by identity and issuer, as option and as file, offline with a root that was carried along', async () => {
  const text = JSON.stringify({ identity: IDENTITY.replace('v1.0', '*'), issuer, trustedRoot: sigstore.trustedRoot });
  writeFileSync(join(folder.path, 'release-identity.json'), text);
  for (const args of [
    [`--fingerprint=${IDENTITY} by ${issuer}`, '--trusted-root=root.json'],
    [`--fingerprint=${IDENTITY.replace('v1.0', '*')} by ${issuer}`, '--trusted-root=root.json'],
    ['--keys=release-identity.json'],
  ]) {
    const { code, out } = await verify(files, ...args);
    expect([out, code]).toEqual([expect.stringContaining('verified: signed by https://github.com/team/word-tally/') as string, 0]);
  }
});

it('takes bundles as other programs write them, with spaces and letters beyond ASCII; not what nobody would verify', async () => {
  const right = [`--fingerprint=${IDENTITY} by ${issuer}`, '--trusted-root=root.json'];
  const rewritten = (change: (bundle: Record<string, unknown>) => object): Files =>
    new Map([...files].map(([name, bytes]) => [name, name.endsWith('SUMS.sigstore.json') ? written(change(parsed(bytes))) : bytes]));
  const parsed = (bytes: Uint8Array): Record<string, unknown> => JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>;
  const written = (bundle: object): Buffer => Buffer.from(JSON.stringify(bundle, null, 1));
  const { code, out } = await verify(
    rewritten((bundle) => bundle),
    ...right,
  );
  expect([out, code]).toEqual([expect.stringContaining('verified: signed by https://github.com/team/word-tally/') as string, 0]);
  const more = await verify(
    rewritten((bundle) => ({ ...bundle, more: 1 })),
    ...right,
  );
  expect([more.code, more.out]).toEqual([1, expect.stringContaining('the bundle holds `more`, which is not verified here')]);
});

it('refuses another workflow, another issuer, keys of another sigstore, and one changed byte', async () => {
  const right = [`--fingerprint=${IDENTITY} by ${issuer}`, '--trusted-root=root.json'];
  for (const args of [
    [`--fingerprint=${IDENTITY}.1 by ${issuer}`, '--trusted-root=root.json'],
    [`--fingerprint=${IDENTITY} by ${issuer}x`, '--trusted-root=root.json'],
    // the public instance, whose keys are carried, did not vouch for it
    [`--fingerprint=${IDENTITY} by ${issuer}`],
  ]) {
    const { code, out } = await verify(files, ...args);
    expect([code, out]).toEqual([1, expect.stringMatching(/not by|does not vouch/) as string]);
  }
  for (const name of [SUMS, `${SUMS}.sigstore.json`]) {
    const bytes = Buffer.from(files.get(name)!);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = bytes[middle] === 0x61 ? 0x62 : 0x61;
    expect([name, (await verify(new Map([...files, [name, bytes]]), ...right)).code]).toEqual([name, 1]);
  }
});

it('says what is wrong with a root or an identity that cannot be used', async () => {
  writeFileSync(join(folder.path, 'wrong.json'), '{"mediaType":"x"}');
  writeFileSync(join(folder.path, 'identity.json'), '{"identity":"*","issuer":"https://a.example"}');
  for (const args of [
    [`--fingerprint=a by ${issuer}`, '--trusted-root=wrong.json'],
    [`--fingerprint=a by ${issuer}`, '--trusted-root=none.json'],
    ['--keys=identity.json'],
  ]) {
    const { code, out } = await verify(files, ...args);
    expect([code, out]).toEqual([2, expect.stringContaining('VERIFY_KEY') as string]);
  }
});
