import {
  detachedSignatureFormats,
  identityOfFingerprint,
  isSigstoreIdentity,
  parseSigstoreIdentity,
  renderSigstoreIdentity,
  type SignatureFormatId,
} from '@waybill/signatures';
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
  { begins: '{', format: 'sigstore' },
  { begins: 'ssh-', format: 'ssh' },
  { begins: 'ecdsa-sha2-', format: 'ssh' },
  { begins: 'sk-', format: 'ssh' },
];

/** A key as given on the command line: a fingerprint, a public key of minisign or SSH, or `<identity> by <issuer>` of sigstore. */
export function parseFingerprint(text: string): TrustedKey {
  const identity = identityOfFingerprint(text);
  if (identity) return keyOrRefusal(renderSigstoreIdentity(identity), 'the identity');
  const compact = text.replace(/\s/g, '');
  const digits = digitsOf(compact);
  if (digits?.length === 40) return { format: 'gpg', fingerprint: digits.toUpperCase() };
  if (digits?.length === 64) return { format: 'sigstore', fingerprint: digits.toLowerCase() };
  const [, ssh] = /^SHA256:([A-Za-z0-9+/]{43})=?$/i.exec(compact) ?? [];
  if (ssh !== undefined) return { format: 'ssh', fingerprint: `SHA256:${ssh}` };
  const key = readKey(text.trim());
  if (key) return key;
  throw verifyErrors.error('VERIFY_KEY', { source: `\`${text.slice(0, 100)}\``, reason: reasonAgainst(compact, digits) });
}

/** Hexadecimal digits, as programs and people write them: in groups, with colons, behind `0x` or `sha256:`. */
const digitsOf = (compact: string): string | undefined => /^(?:0x|sha256:)?((?:[0-9a-f]{2}:?)+)$/i.exec(compact)?.[1]!.replaceAll(':', '');

/** An id of OpenPGP or minisign is a piece of a fingerprint: anybody can make a key with the same one. */
function reasonAgainst(compact: string, digits: string | undefined): string {
  if (/^MD5:/i.test(compact)) return 'a fingerprint by MD5 names no one key; `ssh-keygen -l -f <file>` gives the one by SHA-256';
  if (digits === undefined) return 'it has none of the forms that are known';
  if (digits.length > 40) return `a fingerprint has 40 digits (OpenPGP) or 64 (sigstore), and this has ${digits.length}`;
  return `an id of ${digits.length} digits is a piece of a fingerprint, and others can make a key with the same one: give all of it`;
}

/** Keys of a file: an identity of sigstore (JSON: `identity`, `issuer`, `trustedRoot`) alone, or lines with public keys of minisign and SSH (also as `allowed_signers`), fingerprints, and blocks of OpenPGP and PEM. `#` begins a comment. */
export function parseKeys(text: string, source: string): readonly TrustedKey[] {
  if (isSigstoreIdentity(text)) return [keyOrRefusal(text, source)];
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
  if (/^SHA256:\S+$|^MD5:/i.test(line) || digitsOf(line.replace(/\s/g, '')) !== undefined) return parseFingerprint(line);
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

/** An identity of sigstore that brings no root of its own is vouched for by this one. */
export function withTrustedRoot(key: TrustedKey, root: unknown, source: string): TrustedKey {
  const { format, publicKey } = key;
  const own = format === 'sigstore' && publicKey !== undefined && isSigstoreIdentity(publicKey) ? parseSigstoreIdentity(publicKey) : undefined;
  if (!own || own.trustedRoot) return key;
  if (typeof root !== 'object' || root === null) throw verifyErrors.error('VERIFY_KEY', { source: `\`${source}\``, reason: 'it is no JSON object' });
  return { ...key, ...keyOrRefusal(renderSigstoreIdentity({ ...own, trustedRoot: root }), source) };
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
