import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate, SignatureProblemCode } from '@waybill/binary';
import { signingErrors } from '../errors/signing-errors';
import { MAKE_CREDENTIAL } from '../inside/credential-value';
import type { Answer, ToolPorts } from '../inside/run-signer';
import { makeProbeImage } from './probe-image';
import { fingerprintOf, readPeFile } from './read-pe-file';
import { explainStore } from './signers/explain-store';
import { withPeSigner, type PeKey } from './signers/pe-key';
import { explainSigntool } from './signers/signtool';

/** A certificate whose key was tried. */
export interface SigningIdentity {
  credential: PeKey;
  /** SHA-256 of the certificate, lower-case hex. */
  fingerprint: string;
  /** For people. */
  subject: string;
  /** Milliseconds since 1970. */
  notAfter: number;
  warnings: readonly string[];
}

export interface IdentityNames {
  /** The variable that holds the key, or the PKCS#12 file; or which key store. */
  variable: string;
  passwordVariable?: string;
}

const DAY_MS = 86_400_000;
const WARN_DAYS = 30;
/** What the certificate itself is guilty of; anything else is the tool's fault. */
const CERTIFICATE_PROBLEMS: ReadonlySet<SignatureProblemCode> = new Set([
  'chain',
  'untrusted',
  'validity',
  'purpose',
  'critical-extension',
  'weak-key',
]);

/**
 * Opens a certificate by signing a tiny file of our own with it: so key, password, tool, validity and purpose are known to be right before
 * anything is signed that counts. No timestamp server is asked. `SIGN_KEY_…`, `SIGN_PASSWORD_…`, `SIGN_CERTIFICATE`.
 */
export async function openIdentity(credential: PeKey, names: IdentityNames, ports: ToolPorts, now: number): Promise<SigningIdentity> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-probe-'));
  try {
    const [input, output] = [join(folder, 'probe.dll'), join(folder, 'signed.dll')];
    await writeFile(input, makeProbeImage());
    const answer = await withPeSigner(credential, ports, (sign) => sign({ input, output }));
    if (!answer.ok) throw explain(answer, credential, names);
    return { credential, ...readIdentity(output, names, now) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The tool says in words why it did not take a PKCS#12 file; PEM was looked at before. */
function explain(answer: Extract<Answer, { ok: false }>, credential: PeKey, names: IdentityNames): Error {
  const { said, error } = answer;
  const { variable, passwordVariable } = names;
  if (credential.kind === 'certificate' || credential.kind === 'bare-pkcs12') return explainSigntool(answer, credential, variable);
  if (credential.kind === 'store') return error.code === 'PROCESS_FAILED' ? explainStore(said, credential, passwordVariable) : error;
  if (credential.kind === 'pem') return error;
  if (/mac verify failure|Wrong password/i.test(said))
    return credential.password === undefined
      ? signingErrors.error('SIGN_PASSWORD_MISSING', { variable, passwordVariable })
      : signingErrors.error('SIGN_PASSWORD_WRONG', { variable, passwordVariable: passwordVariable! });
  if (/Failed to extract PKCS#12|asn1/i.test(said))
    return signingErrors.error('SIGN_KEY_FORMAT', {
      variable,
      backend: 'authenticode',
      reason: 'the PKCS#12 file is damaged',
      make: MAKE_CREDENTIAL,
    });
  if (/private key: \(null\)/.test(said)) return signingErrors.error('SIGN_KEY_PUBLIC', { variable, make: MAKE_CREDENTIAL });
  return error;
}

function readIdentity(signed: string, { variable }: IdentityNames, now: number): Omit<SigningIdentity, 'credential'> {
  const read = readPeFile(signed, now);
  const refuse = (reason: string): never => {
    throw signingErrors.error('SIGN_VERIFY', { name: 'a first file, made to try the key,', by: '`@waybill/binary`', reason });
  };
  if (!read || 'broken' in read) return refuse(read?.broken ?? 'it is no PE file any more');
  if ('malformed' in read.verification) return refuse(read.verification.malformed);
  const [signature] = read.verification.signatures;
  const [leaf, ...above] = signature?.signer?.chain ?? [];
  if (!leaf) return refuse('it has no signer');
  const bad = signature!.problems.filter(({ code }) => CERTIFICATE_PROBLEMS.has(code));
  if (bad.length > 0)
    throw signingErrors.error('SIGN_CERTIFICATE', { variable, subject: leaf.subject.text, problems: bad.map(({ message }) => message) });
  const [other] = [...read.verification.problems, ...signature!.problems];
  if (other) return refuse(other.message);
  return { fingerprint: fingerprintOf(leaf), subject: leaf.subject.text, notAfter: leaf.notAfter, warnings: warningsOf(leaf, above, now) };
}

function warningsOf(leaf: Certificate, above: readonly Certificate[], now: number): readonly string[] {
  const days = Math.floor((leaf.notAfter - now) / DAY_MS);
  const alone = above.length === 0 && !sameName(leaf);
  return [
    ...(days < WARN_DAYS ? [`the certificate \`${leaf.subject.text}\` is valid for ${days} more days: order the next one`] : []),
    ...(alone ? [`the certificate of its issuer \`${leaf.issuer.text}\` is not beside it: Windows may not find out whom it is from`] : []),
  ];
}

const sameName = ({ issuer, subject }: Certificate): boolean => Buffer.from(issuer.der).equals(subject.der);
