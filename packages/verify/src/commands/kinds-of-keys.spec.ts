import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { skipUnless } from '@waybill/core/testing';
import { gpgHome, toolWorks, type GpgHome } from '@waybill/signatures/testing';
import { makeDelivery, writeDelivery, type Files } from '../testing/make-delivery';
import { gpgKey, sigstoreKey, type SigningKey } from '../testing/signing-keys';
import { main } from './main';

const SUMS = 'app-1.0-SHA256SUMS';
let folder: string;
let home: GpgHome;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-keys-'));
  home = gpgHome();
  mkdirSync(join(folder, 'temporary'));
});
afterAll(() => {
  home.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function verify(files: Files, ...args: string[]): Promise<{ code: number; out: string }> {
  const delivery = mkdtempSync(join(folder, 'delivery-'));
  writeDelivery(delivery, files);
  let out = '';
  const print = (text: string): void => void (out += text);
  const ports = { workingFolder: folder, temporaryFolder: join(folder, 'temporary'), print, tell: print };
  return { code: await main([delivery, ...args], ports), out };
}

function keyFile(name: string, ...keys: readonly SigningKey[]): string {
  writeFileSync(join(folder, name), `# who signs\n${keys.map(({ publicKey }) => publicKey).join('\n')}`);
  return `--keys=${name}`;
}

const changed = (files: Files, name: string, change: (bytes: Buffer) => Buffer): Files => new Map([...files, [name, change(files.get(name)!)]]);
const flipped = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes);
  const middle = Math.floor(copy.length / 2);
  // Stays in the alphabet of base64 and of digests.
  copy[middle] = copy[middle] === 0x61 ? 0x62 : 0x61;
  return copy;
};

const KINDS: readonly [string, (user: string) => SigningKey, () => boolean][] = [
  ['OpenPGP', (user) => gpgKey(home, user), () => toolWorks('gpg', ['--version'])],
  ['sigstore with an own key', () => sigstoreKey(), () => true],
];

describe.each(KINDS)('%s', (kind, makeKey, works) => {
  const test = skipUnless(works(), 'gpg is not installed');
  let [key, other] = [{} as SigningKey, {} as SigningKey];
  let files: Files;
  beforeAll(async () => {
    if (!works()) return;
    [key, other] = [makeKey('Release <release@example.org>'), makeKey('Other <other@example.org>')];
    files = (await makeDelivery(folder, { project: 'app', version: '1.0', keys: [key] })).files;
  });

  test('verifies by a file with the public key, and by its fingerprint beside that', async () => {
    for (const args of [[keyFile('key', key)], [keyFile('both', other, key)], [keyFile('key', key), `--fingerprint=${key.fingerprint}`]]) {
      const { code, out } = await verify(files, ...args);
      expect(out.trimEnd().split('\n').at(-1)).toBe(`verified: signed by ${key.fingerprint}`);
      expect(code).toBe(0);
    }
  });

  test('says what else it needs when the fingerprint alone is known', async () => {
    const { code, out } = await verify(files, `--fingerprint=${key.fingerprint}`);
    expect([code, out]).toEqual([1, expect.stringContaining('give the file with the public key too: `--keys=<file>`')]);
    expect(out).toContain('it cannot be checked without the public key');
    expect(out).not.toMatch(/no expected key signed it|by another key/);
  });

  test('refuses what another key signed', async () => {
    for (const args of [[keyFile('other', other)], [keyFile('both', other, key), `--fingerprint=${other.fingerprint}`]]) {
      const { code, out } = await verify(files, ...args);
      expect([code, out]).toEqual([1, expect.stringMatching(/no expected key signed it|by another key/)]);
      expect(out).toContain('look up which key they sign with now');
    }
  });

  test('finds one changed byte in what was signed and in the signature', async () => {
    const signature = `${SUMS}${key.suffix}`;
    for (const name of [SUMS, signature]) {
      const { code, out } = await verify(changed(files, name, flipped), keyFile('key', key));
      expect([name, code]).toEqual([name, 1]);
      expect(out).toContain(signature);
    }
  });

  test('refuses a signature that says the same in another form', async () => {
    const signature = `${SUMS}${key.suffix}`;
    const { code, out } = await verify(
      changed(files, signature, (bytes) => Buffer.concat([bytes, Buffer.from('\n')])),
      keyFile('key', key),
    );
    expect([code, out]).toEqual([1, expect.stringMatching(/canonical form|no signature that can be read/)]);
  });
});
