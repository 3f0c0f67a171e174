import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PURPOSES, type Certificate } from '@waybill/binary';
import { signingErrors } from '../errors/signing-errors';
import { MAKE_CREDENTIAL } from '../inside/credential-value';
import type { Answer } from '../inside/run-signer';
import { certificateDigest, codeDirectoryOf, readCodeFile } from '../macho/read-code-file';
import { isKeychainFault, keychainRefusal } from './keychain/explain-keychain';
import { installerCertificate } from './keychain/installer-certificate';
import { makeProbeCode } from './probe-code';
import { withCodeSigner, type CodeKey, type CodePorts } from './signers/code-signer';
import type { OpenIdentity } from './signers/codesign';

/** A certificate for code of macOS whose key was tried. */
export interface AppleIdentity {
  credential: CodeKey;
  /** SHA-256 of the certificate, lower-case hex. */
  fingerprint: string;
  /** For people. */
  subject: string;
  /** As the certificate and, from it, code directories name it: what library validation compares. */
  team?: string;
  /** What it may sign: code and disk images, or packages. */
  purpose: 'application' | 'installer';
  warnings: readonly string[];
}

export interface IdentityNames {
  variable: string;
  passwordVariable?: string | undefined;
}

const DAY_MS = 86_400_000;
const WARN_DAYS = 30;
const IDENTIFIER = 'waybill.probe';
/** Extensions of Apple’s certificates “Developer ID …”. */
const DEVELOPER_ID = { application: '1.2.840.113635.100.6.1.13', installer: '1.2.840.113635.100.6.1.14' } as const;
const KINDS = { application: 'Developer ID Application', installer: 'Developer ID Installer' } as const;
const CERTIFICATE_PROBLEMS: ReadonlySet<string> = new Set(['chain', 'untrusted', 'validity', 'purpose', 'critical-extension', 'weak-key']);
/** Apple’s certificates hold it in their organizational unit. */
const TEAM = /^[A-Z0-9]{10}$/;
const ECDSA = '1.2.840.10045.4.';
/** It adds a NULL to the names of such algorithms (x509-certificate 0.24), so that what the authority has signed is not there any more. */
const DAMAGED =
  'rcodesign damages certificates that were signed with a key on an elliptic curve: take one whose authority signs by RSA, as Apple does';
/** Of OpenSSL 3: the crate that reads PKCS#12 for rcodesign panics (p12 0.6.3). */
const NEWER_PKCS12 =
  'it is a PKCS#12 file with the ciphers of OpenSSL 3, which rcodesign cannot open (it says “incorrect password”, or crashes): write it with `openssl pkcs12 -export -legacy`, or use PEM';

/**
 * Opens a certificate by signing a tiny file of our own with it: so key, password, tool, validity and purpose are known to be right before anything is signed
 * that counts. No timestamp server is asked. `SIGN_KEY_…`, `SIGN_PASSWORD_…`, `SIGN_CERTIFICATE`.
 */
export async function openAppleIdentity(credential: CodeKey, ports: CodePorts, now: number): Promise<AppleIdentity> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-probe-'));
  try {
    const [input, output] = [join(folder, 'probe.dylib'), join(folder, 'signed.dylib')];
    await writeFile(input, makeProbeCode());
    const request = { input, output, identifier: IDENTIFIER, hardenedRuntime: false };
    const opened = await withCodeSigner<Opened>(credential, ports, (sign, identity) =>
      identity?.purpose === 'installer' ? readInstaller(identity, ports, now) : sign(request),
    );
    if ('certificate' in opened) return { credential, ...opened.certificate };
    if (!opened.ok) throw explain(opened, credential, ports);
    return { credential, ...readIdentity(output, ports, now) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The tool tells a wrong password, a missing one and a file that it cannot read apart by words alone. */
function explain({ said, error }: Extract<Answer, { ok: false }>, credential: CodeKey, { names, mac }: CodePorts): Error {
  const { variable, passwordVariable } = names;
  if (mac !== undefined)
    return isKeychainFault(said)
      ? keychainRefusal(credential.kind === 'keychain' ? 'the keychain of this user' : 'a keychain of its own', said)
      : error;
  if (credential.kind !== 'pkcs12') return error;
  const format = (reason: string): Error => signingErrors.error('SIGN_KEY_FORMAT', { variable, backend: 'apple', reason, make: MAKE_CREDENTIAL });
  if (/panicked at [^]*p12/i.test(said)) return format(NEWER_PKCS12);
  if (/incorrect password/i.test(said))
    return credential.password === undefined
      ? signingErrors.error('SIGN_PASSWORD_MISSING', { variable, passwordVariable })
      : signingErrors.error('SIGN_PASSWORD_WRONG', { variable, passwordVariable: passwordVariable! });
  return /PFX|PKCS|ASN\.1|asn1/i.test(said) ? format('the PKCS#12 file is damaged') : error;
}

/** What the tool answered to a first file, or the certificate where there is none for packages. */
type Opened = Answer | { certificate: Omit<AppleIdentity, 'credential'> };

/** Of a keychain: a key for packages is tried by the first package alone. */
async function readInstaller(identity: OpenIdentity, ports: CodePorts, now: number): Promise<Opened> {
  const { variable } = ports.names;
  const { leaf, above } = await installerCertificate(identity, { ...ports, ...ports.mac! }, { variable, now });
  return { certificate: identityOf(leaf, { above, purpose: 'installer', now }, leaf.subject.organizationalUnit) };
}

function readIdentity(signed: string, { tool, mac, names: { variable } }: CodePorts, now: number): Omit<AppleIdentity, 'credential'> {
  const code = readCodeFile(signed, now);
  const refuse = (reason: string): never => {
    throw signingErrors.error('SIGN_VERIFY', { name: 'a first file, made to try the key,', by: '`@waybill/binary`', reason });
  };
  const signature = code?.kind === 'macho' ? code.slices[0]!.signature : undefined;
  if (signature?.state !== 'read') return refuse('it is not signed');
  const { verification } = signature;
  const [leaf, ...above] = verification.signer?.chain ?? [];
  if (verification.kind !== 'certificate' || !leaf)
    throw signingErrors.error('SIGN_KEY_FORMAT', {
      variable,
      backend: 'apple',
      reason: `${tool.id} found no key in it, and signs ad-hoc then`,
      make: MAKE_CREDENTIAL,
    });
  const purpose = leaf.extendedKeyUsage?.includes(PURPOSES.installer) ? 'installer' : 'application';
  // the file is code, and this is a certificate for packages
  const problems = verification.problems.filter(
    ({ code: problem, message }) => !(purpose === 'installer' && problem === 'purpose' && message.includes(PURPOSES.code)),
  );
  const bad = problems.filter(({ code: problem }) => CERTIFICATE_PROBLEMS.has(problem));
  if (bad.length > 0)
    throw signingErrors.error('SIGN_CERTIFICATE', { variable, subject: leaf.subject.text, problems: bad.map(({ message }) => message) });
  const [other] = problems;
  const curved = [leaf, ...above].some(({ signatureAlgorithm }) => signatureAlgorithm.oid.startsWith(ECDSA));
  if (other && curved && mac === undefined)
    throw signingErrors.error('SIGN_CERTIFICATE', { variable, subject: leaf.subject.text, problems: [other.message, DAMAGED] });
  if (other) return refuse(other.message);
  // rcodesign is told the team, codesign takes it from certificates of Apple alone.
  const team = mac === undefined ? leaf.subject.organizationalUnit : codeDirectoryOf(verification).teamId;
  return identityOf(leaf, { above, purpose, now }, team);
}

const identityOf = (leaf: Certificate, around: Around, team = ''): Omit<AppleIdentity, 'credential'> => ({
  fingerprint: certificateDigest(leaf.der),
  subject: leaf.subject.text,
  ...(TEAM.test(team) && { team }),
  purpose: around.purpose,
  warnings: warningsOf(leaf, around),
});

interface Around extends Pick<AppleIdentity, 'purpose'> {
  above: readonly Certificate[];
  now: number;
}

function warningsOf(leaf: Certificate, { above, purpose, now }: Around): readonly string[] {
  const days = Math.floor((leaf.notAfter - now) / DAY_MS);
  const isDeveloperId = leaf.extensions.some(({ oid }) => oid === DEVELOPER_ID[purpose]);
  const alone = above.length === 0 && !Buffer.from(leaf.issuer.der).equals(leaf.subject.der);
  return [
    ...(days < WARN_DAYS ? [`the certificate \`${leaf.subject.text}\` is valid for ${days} more days: order the next one`] : []),
    ...(isDeveloperId ? [] : [`\`${leaf.subject.text}\` is no certificate “${KINDS[purpose]}”: Apple will not notarize what it signs`]),
    ...(alone ? [`the certificate of its issuer \`${leaf.issuer.text}\` is not beside it: macOS may not find out whom it is from`] : []),
  ];
}
