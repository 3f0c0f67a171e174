import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { seededRandom } from '@waybill/core/testing';
import { detachedSignatureFormats, readMinisignSecretKey, readSshPrivateKey, signMinisign, type DetachedSignatureFormat } from './index';
import { ed25519PointOf } from './reading/ed25519-key';
import { mutateSignature } from './testing/mutate-signature';
import {
  GPG_PUBLIC_KEY,
  GPG_SIGNATURE,
  MINISIGN_SECRET_KEY,
  PAYLOAD,
  SSH_PRIVATE_KEY,
  SSH_PUBLIC_KEY,
  SSH_SIGNATURE,
  SIGSTORE_BUNDLE,
  SIGSTORE_PUBLIC_KEY,
} from './testing/samples';

const INPUTS = process.env['WAYBILL_TEST_FULL'] === '1' ? 100_000 : 3_000;
const LONGEST_MS = 1_000;

function minisignSample(): { signature: string; publicKey: string } {
  const seed = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(16);
  const key = { keyId: randomBytes(8), seed, point: ed25519PointOf(seed) };
  const publicKey = Buffer.concat([Buffer.from('Ed'), key.keyId, key.point]).toString('base64');
  return { signature: signMinisign(key, createHash('blake2b512').update(PAYLOAD).digest(), 'c').toString(), publicKey };
}

const SAMPLES: readonly [DetachedSignatureFormat, { signature: string; publicKey: string }][] = [
  [detachedSignatureFormats.minisign, minisignSample()],
  [detachedSignatureFormats.ssh, { signature: SSH_SIGNATURE, publicKey: SSH_PUBLIC_KEY }],
  [detachedSignatureFormats.gpg, { signature: GPG_SIGNATURE, publicKey: GPG_PUBLIC_KEY }],
  [detachedSignatureFormats.sigstore, { signature: SIGSTORE_BUNDLE, publicKey: SIGSTORE_PUBLIC_KEY }],
];

it.each(SAMPLES.map(([format, sample]) => [format.id, format, sample] as const))(
  '%s: mutated signatures and keys are answered, soon, and none passes for another',
  async (_, format, sample) => {
    const random = seededRandom(20_261_126);
    expect(await format.verify(Buffer.from(sample.signature), sample.publicKey, [PAYLOAD])).toMatchObject({
      ok: true,
      signature: { canonical: true },
    });
    const seen = new Map<string, number>();
    let slowest = 0;
    for (let index = 0; index < INPUTS; index += 1) {
      const mutateKey = index % 3 === 0;
      const signature = mutateKey ? Buffer.from(sample.signature) : mutateSignature(sample.signature, random);
      const publicKey = mutateKey ? mutateSignature(sample.publicKey, random).toString('latin1') : sample.publicKey;
      const started = performance.now();
      const verdict = await format.verify(signature, publicKey, [PAYLOAD]);
      slowest = Math.max(slowest, performance.now() - started);
      const answer = verdict.ok ? 'ok' : verdict.reason;
      seen.set(answer, (seen.get(answer) ?? 0) + 1);
      if (verdict.ok && verdict.signature.canonical && !mutateKey && signature.toString('latin1') !== sample.signature) {
        throw new Error(`input ${index} passes with other bytes:\n${signature.toString()}`);
      }
    }
    expect(slowest).toBeLessThan(LONGEST_MS);
    expect([...seen.keys()]).toEqual(expect.arrayContaining(['malformed', 'mismatch', 'public-key']));
  },
);

it('mutated secret keys are answered', () => {
  const random = seededRandom(7);
  const seen = new Set<string>();
  for (let index = 0; index < INPUTS; index += 1) {
    for (const read of [
      readMinisignSecretKey(mutateSignature(MINISIGN_SECRET_KEY, random).toString('latin1')),
      readSshPrivateKey(mutateSignature(SSH_PRIVATE_KEY, random).toString('latin1')),
    ]) {
      seen.add(read.ok ? read.facts.state : read.refusal.reason);
    }
  }
  expect([...seen]).toEqual(expect.arrayContaining(['open', 'malformed', 'unsupported']));
});
