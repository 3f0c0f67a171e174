import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashBytes } from '@waybill/core';
import type { UpstreamArtifact, UpstreamRecord } from '@waybill/plugin-kit';
import { p256Fingerprint, p256PublicKeyText, signSigstore } from '@waybill/signatures';
import { publishFilesOf } from './publish-file';

const folder = mkdtempSync(join(tmpdir(), 'waybill-publish-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

const artifact = (name: string, kind: UpstreamArtifact['kind'], bytes: Buffer, madeFrom: readonly string[] = []): UpstreamArtifact => {
  writeFileSync(join(folder, name), bytes);
  const about = { name, path: name, kind, ships: true, size: bytes.length, sha256: hashBytes(bytes), madeFrom, file: join(folder, name) };
  return { ...about, project: 'app', target: 'sign-checksums', stage: 'sign-checksums' } as unknown as UpstreamArtifact;
};

it('a signature knows which other bytes are as good: of the same file, by the same key, in one form', async () => {
  const key = (): KeyPairKeyObjectResult => generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { privateKey, publicKey } = key();
  const sums = Buffer.from('the sums');
  const [first, second] = [await signSigstore(privateKey, [sums]), await signSigstore(privateKey, [sums])];
  expect(first.equals(second)).toBe(false);
  const of = `sha256:${hashBytes(sums)}`;
  const name = 'app-1.0-SHA256SUMS.sigstore.json';
  const files = [artifact('app-1.0-SHA256SUMS', 'checksums', sums), artifact(name, 'signature', second, [of])];
  const signature = { name, of, fingerprint: p256Fingerprint(publicKey), publicKey: p256PublicKeyText(publicKey) };
  const recordWith = (facts: object): readonly UpstreamRecord[] => [{ record: { facts: { signatures: [facts] } } } as unknown as UpstreamRecord];
  const [plain, signed] = publishFilesOf(files, recordWith(signature));
  expect(plain!.accepts).toBeUndefined();
  const accepts = signed!.accepts!;
  expect(await accepts(first)).toBe(true);
  expect(await accepts(await signSigstore(privateKey, [Buffer.from('other sums')]))).toBe(false);
  expect(await accepts(await signSigstore(key().privateKey, [sums]))).toBe(false);
  expect(await accepts(Buffer.from(`${String(first)} `))).toBe(false);
  expect(await accepts(Buffer.from('no signature'))).toBe(false);
  // nothing that could be compared: records of before, a key that no format reads
  for (const facts of [{}, { ...signature, publicKey: undefined }, { ...signature, of: 'sha256:0' }]) {
    expect(publishFilesOf(files, recordWith(facts))[1]!.accepts).toBeUndefined();
  }
  expect(await publishFilesOf(files, recordWith({ ...signature, fingerprint: 'other' }))[1]!.accepts!(first)).toBe(false);
});
