import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { bundleFromJSON } from '@sigstore/bundle';
import { Verifier, toSignedEntity, toTrustMaterial } from '@sigstore/verify';
import { unnoticedFlips } from '../testing/flip-bytes';
import { p256Fingerprint, p256Hint, p256PublicKeyText } from './p256-key';
import { signSigstore, sigstoreFormat } from './sigstore-format';

const PAYLOAD = Buffer.from('what ships\n');

function makeKey(namedCurve = 'P-256') {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve });
  return { privateKey, publicKey: String(createPublicKey(privateKey).export({ format: 'pem', type: 'spki' })) };
}

/** Verifies as sigstore's own library does, with the key alone and no log. */
function verifyBySigstore(bundle: Buffer, publicKey: string, payload: Buffer): void {
  const root = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [], mediaType: '', signingConfig: undefined };
  const trust = toTrustMaterial(root as never, () => ({ publicKey: createPublicKey(publicKey), validFor: () => true }));
  const verifier = new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });
  verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(bundle.toString())), payload));
}

it('makes bundles that sigstore’s own library verifies', async () => {
  const { privateKey, publicKey } = makeKey();
  for (let round = 0; round < 20; round += 1) {
    const payload = Buffer.from(`${round}`);
    const bundle = await signSigstore(privateKey, [payload]);
    verifyBySigstore(bundle, publicKey, payload);
    expect(() => verifyBySigstore(bundle, publicKey, PAYLOAD)).toThrow();
    expect(await sigstoreFormat.verify(bundle, publicKey, [payload])).toEqual({
      ok: true,
      fingerprint: p256Fingerprint(privateKey),
      signature: { format: 'sigstore', claimedSigner: p256Fingerprint(privateKey), algorithm: 'ecdsa-p256', hash: 'sha256', canonical: true },
    });
  }
});

it('sees every changed byte, other bytes, another key', async () => {
  const { privateKey, publicKey } = makeKey();
  const bundle = await signSigstore(privateKey, [PAYLOAD.subarray(0, 3), PAYLOAD.subarray(3)]);
  expect(await unnoticedFlips(sigstoreFormat, bundle, publicKey, PAYLOAD)).toEqual([]);
  expect(await sigstoreFormat.verify(bundle, publicKey, [PAYLOAD, PAYLOAD])).toMatchObject({ ok: false, reason: 'mismatch' });
  const other = makeKey();
  expect(await sigstoreFormat.verify(bundle, other.publicKey, [PAYLOAD])).toMatchObject({ ok: false, reason: 'other-key' });
  const renamed = Buffer.from(bundle.toString().replace(p256Hint(privateKey), p256Hint(other.privateKey)));
  expect(await sigstoreFormat.verify(renamed, other.publicKey, [PAYLOAD])).toMatchObject({ ok: false, reason: 'mismatch' });
});

it('the other signature that holds, and other spaces, are not canonical', async () => {
  const { privateKey, publicKey } = makeKey();
  const bundle = await signSigstore(privateKey, [PAYLOAD]);
  const spaced = Buffer.from(`${JSON.stringify(JSON.parse(bundle.toString()), null, 2)}\n`);
  expect(await sigstoreFormat.verify(spaced, publicKey, [PAYLOAD])).toMatchObject({ ok: true, signature: { canonical: false } });
  const parsed = JSON.parse(bundle.toString());
  const mirrored = mirror(Buffer.from(parsed.messageSignature.signature, 'base64'));
  parsed.messageSignature.signature = mirrored.toString('base64');
  expect(await sigstoreFormat.verify(Buffer.from(`${JSON.stringify(parsed)}\n`), publicKey, [PAYLOAD])).toMatchObject({
    ok: true,
    signature: { canonical: false },
  });
});

/** (r, s) → (r, order − s), which holds too. */
function mirror(signature: Buffer): Buffer {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const r = signature.subarray(2, 4 + signature[3]!);
  const s = order - BigInt(`0x${signature.subarray(6 + signature[3]!).toString('hex')}`);
  const bytes = Buffer.from(`00${s.toString(16).padStart(64, '0')}`, 'hex');
  return Buffer.concat([Buffer.from([0x30, r.length + 2 + bytes.length]), r, Buffer.from([2, bytes.length]), bytes]);
}

it('takes no other curve, and nothing that it does not verify', async () => {
  expect(sigstoreFormat.readPublicKey(makeKey('P-384').publicKey)).toMatchObject({ ok: false, refusal: { reason: 'unsupported' } });
  const { privateKey, publicKey } = makeKey();
  expect(p256PublicKeyText(createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }) as string))).toContain('BEGIN PUBLIC KEY');
  const bundle = JSON.parse((await signSigstore(privateKey, [PAYLOAD])).toString());
  bundle.verificationMaterial.tlogEntries = [];
  expect(await sigstoreFormat.verify(Buffer.from(JSON.stringify(bundle)), publicKey, [PAYLOAD])).toEqual({
    ok: false,
    reason: 'unsupported',
    message: expect.stringContaining('neither log nor timestamp') as string,
  });
});

it.each([
  '',
  'hello',
  '{}',
  '[]',
  'null',
  '{"mediaType":1}',
  '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{}}',
])('refuses %j', (text) => {
  expect(sigstoreFormat.parse(Buffer.from(text))).toMatchObject({ ok: false });
  expect(sigstoreFormat.readPublicKey(text)).toMatchObject({ ok: false });
});
