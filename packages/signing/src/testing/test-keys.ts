import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface TestKey {
  secret: string;
  publicKey: string;
  fingerprint: string;
  password?: string;
}

function run(file: string, args: readonly string[], input = ''): string {
  const { status, output, stdout, error } = spawnSync(file, [...args], { input, timeout: 150_000 });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${String(error ?? status)}\n${output?.map(String).join('\n') ?? ''}`);
  return stdout.toString();
}

export const toolWorks = (file: string, args: readonly string[]): boolean => spawnSync(file, [...args], { stdio: 'ignore' }).status === 0;

/** Short, because of the socket of gpg's agent. */
function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync('/tmp/wbk-');
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface GpgKeyRequest {
  password?: string;
  /** `ed25519`, `rsa2048`, `nistp256`. */
  algorithm?: string;
  /** The primary key certifies only, and stays at home; a subkey signs. */
  offlinePrimary?: boolean;
  /** As gpg takes it: `20200101T000000`. */
  madeAt?: string;
  expires?: string;
}

export function gpgKey({ password = '', algorithm = 'ed25519', offlinePrimary = false, madeAt, expires = 'never' }: GpgKeyRequest = {}): TestKey {
  return inFolder((home) => {
    const gpg = (...args: string[]): string =>
      run('gpg', [
        '--homedir',
        home,
        '--batch',
        '--no-tty',
        '--pinentry-mode',
        'loopback',
        '--passphrase',
        password,
        ...(madeAt ? ['--faked-system-time', madeAt] : []),
        ...args,
      ]);
    const fingerprint = (): string => /^fpr:+([0-9A-F]{40}):/m.exec(gpg('--with-colons', '--list-keys'))![1]!;
    gpg('--quick-gen-key', 'Release <release@example.org>', algorithm, offlinePrimary ? 'cert' : 'sign', expires);
    if (offlinePrimary) gpg('--quick-add-key', fingerprint(), algorithm, 'sign', 'never');
    const secret = gpg('--armor', offlinePrimary ? '--export-secret-subkeys' : '--export-secret-keys');
    const key = { secret, publicKey: gpg('--armor', '--export'), fingerprint: fingerprint(), ...(password === '' ? {} : { password }) };
    spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']);
    return key;
  });
}

export function minisignKey(): TestKey {
  return inFolder((folder) => {
    run('minisign', ['-G', '-W', '-s', join(folder, 'key'), '-p', join(folder, 'pub')]);
    const publicKey = readFileSync(join(folder, 'pub'), 'utf8');
    return { secret: readFileSync(join(folder, 'key'), 'utf8'), publicKey, fingerprint: publicKey.trim().split('\n')[1]! };
  });
}

/** A key on P-256 in PEM, encrypted when there is a passphrase. */
export function sigstoreKey(passphrase?: string, namedCurve = 'P-256'): { secret: string; publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
  const cipher = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return {
    secret: String(privateKey.export({ format: 'pem', type: 'pkcs8', ...cipher })),
    publicKey: String(publicKey.export({ format: 'pem', type: 'spki' })),
  };
}

export function sshKey({ password = '', type = 'ed25519' } = {}): TestKey {
  return inFolder((folder) => {
    run('ssh-keygen', ['-q', '-t', type, '-N', password, '-C', 'release', '-f', join(folder, 'key')]);
    const publicKey = readFileSync(join(folder, 'key.pub'), 'utf8');
    return {
      secret: readFileSync(join(folder, 'key'), 'utf8'),
      publicKey,
      fingerprint: run('ssh-keygen', ['-l', '-f', join(folder, 'key.pub')]).split(' ')[1]!,
    };
  });
}
