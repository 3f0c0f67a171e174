import { objectOf } from '../reading/object-of';
import { malformed, unsupported } from '../reading/signature-refused';

/** Whom a keyless bundle must be by. As text it stands where a public key stands: in records, and in files of `--keys`. */
export interface SigstoreIdentity {
  /**
   * The name in the certificate: for a job of GitHub the address of its workflow with the ref
   * (`https://github.com/o/r/.github/workflows/release.yml@refs/tags/v1.0`), for people their e-mail address. `*` stands for any characters.
   */
  identity: string;
  /** Who vouched for it: `https://token.actions.githubusercontent.com`, `https://gitlab.com`, … */
  issuer: string;
  /** Keys of sigstore (protobuf-specs, `TrustedRoot`, as JSON); without it those of the public instance that Waybill carries. */
  trustedRoot?: object;
}

/** What tells such a text from a public key. */
export const isSigstoreIdentity = (text: string): boolean => text.trimStart().startsWith('{');

export const renderSigstoreIdentity = ({ identity, issuer, trustedRoot }: SigstoreIdentity): string =>
  `${JSON.stringify({ identity, issuer, ...(trustedRoot && { trustedRoot }) })}\n`;

/** How people see whom it must be by, and say it. */
export const identityFingerprint = ({ identity, issuer }: Pick<SigstoreIdentity, 'identity' | 'issuer'>): string => `${identity} by ${issuer}`;

/** What `identityFingerprint` gave; `undefined` for any other text. */
export function identityOfFingerprint(text: string): SigstoreIdentity | undefined {
  const [, identity, issuer] = /^\s*(\S+)\s+by\s+(https?:\/\/\S+)\s*$/.exec(text) ?? [];
  return identity === undefined || issuer === undefined ? undefined : { identity, issuer };
}

const LARGEST = 1024 * 1024;
const FIELDS = ['identity', 'issuer', 'trustedRoot'];

export function parseSigstoreIdentity(text: string): SigstoreIdentity {
  if (text.length > LARGEST) return malformed('the identity is larger than any');
  const value = objectOf(jsonOf(text), 'the identity');
  const unknown = Object.keys(value).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) return unsupported(`the identity holds \`${unknown.slice(0, 60)}\`, which is not known`);
  const { identity, issuer, trustedRoot } = value;
  if (typeof identity !== 'string' || identity.replaceAll('*', '') === '') return malformed('the identity has no `identity`');
  if (typeof issuer !== 'string' || issuer === '') return malformed('the identity has no `issuer`');
  return { identity, issuer, ...(trustedRoot !== undefined && { trustedRoot: checkTrustedRoot(trustedRoot) }) };
}

/** The form alone; whether its keys can be read is seen when something is verified. */
function checkTrustedRoot(value: unknown): object {
  const root = objectOf(value, 'the trusted root');
  if (!String(root['mediaType']).startsWith('application/vnd.dev.sigstore.trustedroot+json'))
    return malformed('the trusted root is none of sigstore');
  const missing = ['tlogs', 'certificateAuthorities'].find((name) => !Array.isArray(root[name]) || (root[name] as unknown[]).length === 0);
  return missing === undefined ? root : malformed(`the trusted root has no \`${missing}\``);
}

/** Is this the name that is expected? Takes no more steps than both are long, whatever the pattern. */
export function matchesIdentity(expected: string, actual: string): boolean {
  const [first = '', ...rest] = expected.split('*');
  const last = rest.pop();
  if (last === undefined) return expected === actual;
  if (!actual.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = actual.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return actual.length - last.length >= at && actual.endsWith(last);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return malformed('the identity is no JSON');
  }
}
