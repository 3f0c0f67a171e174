import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from '../detached-signature';
import { renderSigstoreIdentity } from './sigstore-identity';
import { sigstoreFormat } from './sigstore-format';

/** Bundles of cosign, sigstore-python and others, with some that must be refused: a part of the conformance suite of sigstore (Apache-2.0), as its `source` says. */
const SUITE = JSON.parse(readFileSync(join(__dirname, '../testing/sigstore-conformance.json'), 'utf8')) as {
  artifact: string;
  trustedRoots: readonly object[];
  bundles: Readonly<Record<string, { bundle: string; trustedRoot?: number; key?: string }>>;
};
type Fields = Record<string, unknown>;
const PAYLOAD = Buffer.from(SUITE.artifact);
const PUBLIC = {
  identity:
    'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main',
  issuer: 'https://token.actions.githubusercontent.com',
};

function verify(name: string, payload = PAYLOAD, change: (bundle: string) => string = (bundle) => bundle): Promise<Verdict> {
  const { bundle, trustedRoot, key } = SUITE.bundles[name]!;
  const root = trustedRoot === undefined ? {} : { trustedRoot: SUITE.trustedRoots[trustedRoot]! };
  return sigstoreFormat.verify(Buffer.from(change(bundle)), key ?? renderSigstoreIdentity({ ...PUBLIC, ...root }), [payload]);
}

const HOLD = [
  'happy-path-v0.1',
  'happy-path-v0.2',
  'happy-path-v0.3',
  'happy-path-v0.3-new-mediaType',
  'rekor2-happy-path',
  'rekor2-checkpoint-cosigned',
  'rekor2-timestamp-with-embedded-cert',
  'managed-key-happy-path',
];

it.each(HOLD)('%s holds, as one of another program; not for other bytes', async (name) => {
  expect(await verify(name)).toMatchObject({ ok: true, signature: { format: 'sigstore', canonical: false, foreign: true } });
  expect(await verify(name, Buffer.from('other bytes'))).toMatchObject({ ok: false, reason: 'mismatch' });
  const spaced = await verify(name, PAYLOAD, (bundle) => JSON.stringify(JSON.parse(bundle), null, 3));
  expect(spaced).toMatchObject({ ok: true });
});

it.each<[name: string, reason: string, said: RegExp]>([
  ['happy-path-intoto-in-dsse-v3', 'unsupported', /an attestation \(DSSE\)/],
  ['bundle-unknown-version_fail', 'unsupported', /of no kind that is verified here/],
  ['signature-mismatch_fail', 'mismatch', /other bytes/],
  ['message-digest-mismatch_fail', 'mismatch', /other bytes/],
  ['checkpoint-wrong-roothash_fail', 'malformed', /something else than its checkpoint/],
  ['invalid-checkpoint-signature_fail', 'mismatch', /invalid checkpoint signature/],
  ['inclusion-proof-corrupted-hash_fail', 'mismatch', /root hash/],
  ['set-invalid-signature_fail', 'mismatch', /inclusion promise/],
  ['wrong-hashedrekord-entry_fail', 'mismatch', /signature mismatch/],
  ['bundle-from-wrong-instance_fail', 'mismatch', /certificate chain/],
  ['managed-key-wrong-key_fail', 'public-key', /key/],
  ['rekor2-no-timestamp_fail', 'mismatch', /timestamps/],
  ['rekor2-no-inclusion-proof_fail', 'mismatch', /invalid bundle/],
  ['rekor2-checkpoint-no-matching-signature_fail', 'mismatch', /checkpoint signature/],
  ['rekor2-timestamp-payload-mismatch_fail', 'mismatch', /timestamp could not be verified/],
  ['rekor2-timestamp-with-incorrect-time_fail', 'mismatch', /certificate chain/],
  // signed by a log that is not the public one, which a key alone says nothing of
  ['managed-key-and-trusted-root', 'mismatch', /sigstore does not vouch/],
])('%s is refused', async (name, reason, message) => {
  expect(await verify(name)).toEqual({ ok: false, reason, message: expect.stringMatching(message) as string });
});

it('refuses what nobody would verify, wherever it stands, and the old form of cosign', async () => {
  const name = 'rekor2-happy-path';
  const added = (path: readonly string[]) => (text: string) => {
    const bundle = JSON.parse(text) as Fields;
    const at = path.slice(0, -1).reduce((value, part) => value[part] as Fields, bundle);
    at[path.at(-1)!] = 'more';
    return JSON.stringify(bundle);
  };
  for (const path of [['more'], ['verificationMaterial', 'more'], ['messageSignature', 'more'], ['verificationMaterial', 'tlogEntries', '0', 'more']])
    expect(await verify(name, PAYLOAD, added(path))).toEqual({
      ok: false,
      reason: 'unsupported',
      message: `the bundle holds \`${path.join('.')}\`, which is not verified here`,
    });
  const old = await verify(name, PAYLOAD, () => JSON.stringify({ base64Signature: 'AAAA', cert: 'AAAA', rekorBundle: {} }));
  expect(old).toEqual({ ok: false, reason: 'unsupported', message: expect.stringContaining('old form of cosign') as string });
});

it('refuses another identity, another issuer, and a key where an identity is asked for', async () => {
  const { bundle } = SUITE.bundles['happy-path-v0.3']!;
  for (const change of [{ identity: PUBLIC.identity.replace('main', 'next') }, { issuer: 'https://accounts.google.com' }])
    expect(await sigstoreFormat.verify(Buffer.from(bundle), renderSigstoreIdentity({ ...PUBLIC, ...change }), [PAYLOAD])).toMatchObject({
      ok: false,
      reason: 'other-key',
    });
  const keyed = Buffer.from(SUITE.bundles['managed-key-happy-path']!.bundle);
  expect(await sigstoreFormat.verify(keyed, renderSigstoreIdentity(PUBLIC), [PAYLOAD])).toMatchObject({ ok: false, reason: 'other-key' });
  expect(await sigstoreFormat.verify(Buffer.from(bundle), SUITE.bundles['managed-key-happy-path']!.key!, [PAYLOAD])).toMatchObject({ ok: false });
});

const SIGNED: readonly (readonly string[])[] = [
  ['messageSignature', 'signature'],
  ['messageSignature', 'messageDigest', 'digest'],
  ['verificationMaterial', 'certificate', 'rawBytes'],
  ['verificationMaterial', 'tlogEntries', '0', 'canonicalizedBody'],
  ['verificationMaterial', 'tlogEntries', '0', 'inclusionProof', 'hashes', '3'],
  ['verificationMaterial', 'tlogEntries', '0', 'inclusionProof', 'treeSize'],
  ['verificationMaterial', 'tlogEntries', '0', 'inclusionProof', 'rootHash'],
  ['verificationMaterial', 'tlogEntries', '0', 'inclusionProof', 'checkpoint', 'envelope'],
  ['verificationMaterial', 'timestampVerificationData', 'rfc3161Timestamps', '0', 'signedTimestamp'],
];
it.each(SIGNED.map((path) => [path.join('.'), path] as const))('finds a changed letter in %s', async (_, path) => {
  const changed = (text: string): string => {
    const bundle = JSON.parse(text) as Fields;
    const at = path.slice(0, -1).reduce((value, part) => value[part] as Fields, bundle);
    const [name, value] = [path.at(-1)!, at[path.at(-1)!] as string];
    // near the end: the middle of a timestamp is a certificate that nobody relies on
    const place = Math.max(0, value.length - 12);
    at[name] = `${value.slice(0, place)}${value[place] === '7' ? '8' : '7'}${value.slice(place + 1)}`;
    return JSON.stringify(bundle);
  };
  expect(await verify('rekor2-happy-path', PAYLOAD, changed)).toMatchObject({ ok: false });
});
