import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Pkcs12Request {
  /** In PEM, the signer’s first. */
  certificates: string;
  /** In PEM; absent: none in the file. */
  key?: string;
  password: string;
  /** With the ciphers from before OpenSSL 3, which macOS and rcodesign read. */
  legacy?: boolean;
}

/** A PKCS#12 file in base64, by openssl. */
export function pkcs12Of({ certificates, key, password, legacy = false }: Pkcs12Request, args: readonly string[] = []): string {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-p12-'));
  try {
    writeFileSync(join(folder, 'all.pem'), (key ?? '') + certificates);
    writeFileSync(join(folder, 'password'), `${password}\n`);
    const out = ['-export', '-in', 'all.pem', '-out', 'out.p12', '-passout', 'file:password', ...(key === undefined ? ['-nokeys'] : [])];
    const { status, stderr } = spawnSync('openssl', ['pkcs12', ...out, ...(legacy ? ['-legacy'] : []), ...args], { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return readFileSync(join(folder, 'out.p12')).toString('base64');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
