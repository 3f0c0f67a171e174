import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { skipUnless } from '@waybill/core/testing';
import { bytesAsSource } from '../../byte-source';
import { canFetchFixtures, fetchFixture, filesOf } from '../../testing/fixtures/fetch-fixture';
import { SIGNED_BY_CODESIGN, SIGNED_BY_LINKER, SIGNED_BY_RCODESIGN } from '../../testing/fixtures/fixture-list';
import { readMachO } from '../read-macho';
import type { MachOVerification } from './macho-verification';
import { verifyMachOSignature } from './verify-signature';

/** SHA-256 of the certificate, as Apple publishes it with its roots. */
const APPLE_ROOT = 'b0b1730ecbc7ff4505142c49f1295e6eda6bcaed7e2c68c5be91b5a11001f024';
const NOW = Date.UTC(2026, 10, 26);
const test = skipUnless(canFetchFixtures(), 'npm or python3 is not installed');

function verifyAll(bytes: Uint8Array, roots?: readonly Uint8Array[]): MachOVerification[] {
  const source = bytesAsSource(bytes);
  const reading = readMachO(source);
  if (!reading.ok) throw new Error(reading.refusal.message);
  return reading.facts.slices.map((slice) => {
    const verified = verifyMachOSignature(source, slice, { now: NOW, ...(roots ? { roots } : {}) });
    if (!verified.ok) throw new Error(verified.refusal.message);
    return verified.facts;
  });
}

/** Signed and stamped by Apple's own authorities: without roots it holds, and with the root that ends its chain it is trusted. */
function expectDeveloperId(bytes: Uint8Array, name: string, slices: number): void {
  const [first, ...others] = verifyAll(bytes);
  expect(others).toHaveLength(slices - 1);
  const root = first!.signer!.chain[2]!;
  expect(createHash('sha256').update(root.der).digest('hex')).toBe(APPLE_ROOT);
  for (const verification of verifyAll(bytes, [root.der])) {
    expect(verification).toMatchObject({
      kind: 'certificate',
      problems: [],
      signer: { trusted: true, timestamp: { kind: 'rfc3161', problems: [], trusted: true } },
    });
    expect(verification.signer!.chain.map(({ subject }) => subject.commonName)).toEqual([
      name,
      'Developer ID Certification Authority',
      'Apple Root CA',
    ]);
  }
}

const readFixture = (fixture: typeof SIGNED_BY_CODESIGN, name: string): Buffer =>
  readFileSync(filesOf(fetchFixture(fixture), (file) => file === name)[0]!);

describe('signatures that other tools made', () => {
  test('by codesign, with SHA-1 and SHA-256 directories and a certificate that has expired since', async () => {
    const bytes = readFixture(SIGNED_BY_CODESIGN, 'ngrok');
    expectDeveloperId(bytes, 'Developer ID Application: ngrok LLC (TEX8MHRDQ9)', 1);
    const [verification] = verifyAll(bytes);
    expect(verification!.directories.map(({ cdhash }) => cdhash)).toEqual([
      '08ca5529b9ef02c0c91199261d6b83ad2cef5fed',
      'c06d0b06676e52f6797f978db32ed2867b033c87',
    ]);
    expect(new Date(verification!.signer!.timestamp!.time).toISOString()).toBe('2023-02-10T17:03:37.000Z');
    bytes[20_000_000]! ^= 1;
    expect(verifyAll(bytes)[0]!.problems.map(({ code }) => code)).toEqual(['page-hash', 'page-hash']);
  });

  test('by rcodesign, in a universal file', async () => {
    const bytes = readFixture(SIGNED_BY_RCODESIGN, 'sentry-cli');
    expectDeveloperId(bytes, 'Developer ID Application: GetSentry LLC (97JCY7859U)', 2);
  });

  test('by the linker, which are nobody’s', async () => {
    const [verification] = verifyAll(readFixture(SIGNED_BY_LINKER, 'esbuild'));
    expect(verification).toMatchObject({
      kind: 'ad-hoc',
      problems: [],
      signature: { codeDirectories: [{ flagNames: ['adhoc', 'linker-signed'], pageCount: 2_566 }] },
    });
  });
});
