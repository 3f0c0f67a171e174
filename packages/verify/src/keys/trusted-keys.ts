import { detachedSignatureFormats, type SignatureFormatId } from '@waybill/signatures';
import { verifyErrors } from '../errors/verify-errors';

/** A key that is expected to have signed. */
export interface TrustedKey {
  format: SignatureFormatId;
  /** As `@waybill/signatures` writes it: minisign the key itself, SSH `SHA256:…`, OpenPGP 40 digits. */
  fingerprint: string;
  /** The public key's text; SSH and OpenPGP may be named by fingerprint alone. */
  publicKey?: string;
  /** Each sums file must be signed by it; without it a signature by any of the keys is enough. */
  required?: boolean;
}

const PGP_BLOCK = /-----BEGIN PGP PUBLIC KEY BLOCK-----[\s\S]*?-----END PGP PUBLIC KEY BLOCK-----\r?\n?/g;

/** A key as given on the command line: a fingerprint, or a public key of minisign or SSH. */
export function parseFingerprint(text: string): TrustedKey {
  const compact = text.replace(/\s/g, '');
  if (/^[0-9A-Fa-f]{40}$/.test(compact)) return { format: 'gpg', fingerprint: compact.toUpperCase() };
  if (/^SHA256:[A-Za-z0-9+/]{43}$/.test(compact)) return { format: 'ssh', fingerprint: compact };
  const key = readKey(text.trim());
  if (key) return key;
  throw verifyErrors.error('VERIFY_KEY', { source: `\`${text.slice(0, 100)}\``, reason: 'it has none of the forms that are known' });
}

/** Keys of a file: lines with public keys of minisign and SSH (also as `allowed_signers`), fingerprints, and OpenPGP blocks. `#` begins a comment. */
export function parseKeys(text: string, source: string): readonly TrustedKey[] {
  const blocks = text.match(PGP_BLOCK) ?? [];
  const lines = text
    .replace(PGP_BLOCK, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('untrusted comment:'));
  const keys = [...blocks.map((block) => keyOrRefusal(block, source)), ...lines.map((line) => keyOfLine(line, source))];
  if (keys.length === 0) throw verifyErrors.error('VERIFY_KEY', { source: `\`${source}\``, reason: 'it holds none' });
  return keys;
}

function keyOfLine(line: string, source: string): TrustedKey {
  if (/^(?:[0-9A-Fa-f\s]{40,60}|SHA256:\S+)$/.test(line)) return parseFingerprint(line);
  const ssh = /(?:^|\s)((?:ssh-ed25519|ssh-rsa)\s+\S+)/.exec(line)?.[1];
  return keyOrRefusal(ssh ?? line, source);
}

function keyOrRefusal(text: string, source: string): TrustedKey {
  const refusals: string[] = [];
  const key = readKey(text, refusals);
  if (key) return key;
  throw verifyErrors.error('VERIFY_KEY', { source: `\`${text.slice(0, 60)}\` in \`${source}\``, reason: refusals[0] ?? 'its form is unknown' });
}

function readKey(publicKey: string, refusals: string[] = []): TrustedKey | undefined {
  const likely: SignatureFormatId = publicKey.startsWith('-----BEGIN PGP') ? 'gpg' : publicKey.startsWith('ssh-') ? 'ssh' : 'minisign';
  const read = detachedSignatureFormats[likely].readPublicKey(publicKey);
  if (read.ok) return { format: likely, fingerprint: read.facts.fingerprint, publicKey };
  refusals.push(read.refusal.message);
  return undefined;
}
