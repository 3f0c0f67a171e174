import { detachedSignatureFormats, type SignatureFormatId } from '@waybill/signatures';
import { verifyErrors } from '../errors/verify-errors';

/** A key that is expected to have signed. */
export interface TrustedKey {
  format: SignatureFormatId;
  /** As `@waybill/signatures` writes it: minisign the key itself, SSH `SHA256:…`, OpenPGP 40 digits, sigstore 64. */
  fingerprint: string;
  /** The public key's text; SSH, OpenPGP and sigstore may be named by fingerprint alone. */
  publicKey?: string;
  /** Each sums file must be signed by it; without it a signature by any of the keys is enough. */
  required?: boolean;
}

/** Public keys of several lines: OpenPGP, and PEM as cosign and openssl write it. */
const BLOCK = /-----BEGIN (PGP PUBLIC KEY BLOCK|PUBLIC KEY)-----[\s\S]*?-----END \1-----\r?\n?/g;

/** How the text of a public key begins. */
const FORMATS: readonly { begins: string; format: SignatureFormatId }[] = [
  { begins: '-----BEGIN PGP', format: 'gpg' },
  { begins: '-----BEGIN PUBLIC KEY', format: 'sigstore' },
  { begins: 'ssh-', format: 'ssh' },
  { begins: 'ecdsa-sha2-', format: 'ssh' },
  { begins: 'sk-', format: 'ssh' },
];

/** A key as given on the command line: a fingerprint, or a public key of minisign or SSH. */
export function parseFingerprint(text: string): TrustedKey {
  const compact = text.replace(/\s/g, '');
  if (/^[0-9A-Fa-f]{40}$/.test(compact)) return { format: 'gpg', fingerprint: compact.toUpperCase() };
  if (/^[0-9A-Fa-f]{64}$/.test(compact)) return { format: 'sigstore', fingerprint: compact.toLowerCase() };
  if (/^SHA256:[A-Za-z0-9+/]{43}$/.test(compact)) return { format: 'ssh', fingerprint: compact };
  const key = readKey(text.trim());
  if (key) return key;
  throw verifyErrors.error('VERIFY_KEY', { source: `\`${text.slice(0, 100)}\``, reason: 'it has none of the forms that are known' });
}

/** Keys of a file: lines with public keys of minisign and SSH (also as `allowed_signers`), fingerprints, and blocks of OpenPGP and PEM. `#` begins a comment. */
export function parseKeys(text: string, source: string): readonly TrustedKey[] {
  const blocks = text.match(BLOCK) ?? [];
  const lines = text
    .replace(BLOCK, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('untrusted comment:'));
  const keys = [...blocks.map((block) => keyOrRefusal(block, source)), ...lines.flatMap((line) => keyOfLine(line, source) ?? [])];
  if (keys.length === 0) throw verifyErrors.error('VERIFY_KEY', { source: `\`${source}\``, reason: 'it holds none that may sign files' });
  return keys;
}

/** `undefined` for an SSH key that may sign other things than files. */
function keyOfLine(line: string, source: string): TrustedKey | undefined {
  if (/^(?:[0-9A-Fa-f\s]{40,80}|SHA256:\S+)$/.test(line)) return parseFingerprint(line);
  const [, before = '', ssh] = /^(.*?\s)??((?:ssh-[a-z0-9]+|ecdsa-sha2-[a-z0-9]+|sk-[a-z0-9-]+@openssh\.com)\s+\S+)/.exec(line) ?? [];
  return ssh === undefined || mayMeanFiles(before, source) ? keyOrRefusal(ssh ?? line, source) : undefined;
}

/** What stands before the key in a line of `allowed_signers` (ssh-keygen, ALLOWED SIGNERS): principals, then options. Those that are not known here bind too. */
function mayMeanFiles(before: string, source: string): boolean {
  const options = before.trim().replace(/^(?:[^\s"]*"[^"]*"|[^\s"]+)\s*/, '');
  const [, namespaces] = /^namespaces="([^"\\]*)"$/i.exec(options) ?? [];
  if (options !== '' && namespaces === undefined) {
    const rest = options.replace(/(?:^|,)namespaces="[^"\\]*"/i, '').replace(/^,/, '') || options;
    throw verifyErrors.error('VERIFY_KEY', { source: `\`${before.trim()} …\` in \`${source}\``, reason: `\`${rest}\` is not judged here` });
  }
  return namespaces === undefined || matchesPatterns('file', namespaces);
}

/** As OpenSSH matches a list of patterns (ssh_config, PATTERNS): one must match, and none that begins with `!`. */
function matchesPatterns(name: string, list: string): boolean {
  const matching = list.split(',').filter((pattern) => matchesPattern(name, pattern.replace(/^!/, '')));
  return matching.length > 0 && !matching.some((pattern) => pattern.startsWith('!'));
}

/** `*` stands for any text, `?` for one character. Takes no more steps than both are long, whatever the pattern. */
function matchesPattern(name: string, pattern: string): boolean {
  let reached = new Set([0]);
  for (const sign of pattern) {
    const starts = [...reached];
    reached = new Set(
      sign === '*'
        ? Array.from({ length: name.length + 1 }, (_, at) => at).filter((at) => at >= Math.min(...starts))
        : starts.filter((at) => at < name.length && (sign === '?' || name[at] === sign)).map((at) => at + 1),
    );
  }
  return reached.has(name.length);
}

function keyOrRefusal(text: string, source: string): TrustedKey {
  const refusals: string[] = [];
  const key = readKey(text, refusals);
  if (key) return key;
  throw verifyErrors.error('VERIFY_KEY', { source: `\`${text.slice(0, 60)}\` in \`${source}\``, reason: refusals[0] ?? 'its form is unknown' });
}

function readKey(publicKey: string, refusals: string[] = []): TrustedKey | undefined {
  const likely = FORMATS.find(({ begins }) => publicKey.startsWith(begins))?.format ?? 'minisign';
  const read = detachedSignatureFormats[likely].readPublicKey(publicKey);
  if (read.ok) return { format: likely, fingerprint: read.facts.fingerprint, publicKey };
  refusals.push(read.refusal.message);
  return undefined;
}
