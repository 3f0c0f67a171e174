import { createHash } from 'node:crypto';
import {
  computeAuthenticodeDigests,
  readPe,
  sniffBinary,
  verifyAuthenticode,
  type AuthenticodeVerification,
  type Certificate,
} from '@waybill/binary';
import { openByteSource } from '@waybill/core';

/** A PE file as it lies there, by our own readers. */
export interface PeFile {
  /** SHA-256 of Authenticode over its present bytes without signatures: the same before and after signing. Lower-case hex. */
  digest: string;
  /** Every signature in it, checked; whom to trust is not judged. `malformed` says why they could not be read. */
  verification: AuthenticodeVerification | { malformed: string };
}

/** What a file is: no PE file at all (`undefined`), one that is damaged, or one that can be signed. */
export type PeReadingOfFile = PeFile | { broken: string } | undefined;

const HEAD_BYTES = 1024;
const EMPTY = { problems: [], signatures: [] };

/** By content, whatever its name. `now`: milliseconds since 1970. */
export function readPeFile(path: string, now: number): PeReadingOfFile {
  const source = openByteSource(path);
  try {
    if (sniffBinary(source.read(0, HEAD_BYTES)) !== 'pe') return undefined;
    const read = readPe(source);
    if (!read.ok) return { broken: read.refusal.message };
    const table = read.facts.certificateTable;
    if (table === undefined) return { broken: 'its header has no place for a signature' };
    const behind = table.size === 0 ? 0 : source.size - table.offset - table.size;
    if (behind > 0) return { broken: `${behind} bytes lie behind its signature, where no other one could cover them` };
    const digest = computeAuthenticodeDigests(source, read.facts, ['sha256']).get('sha256')!;
    if (read.facts.certificates.length === 0) return { digest, verification: EMPTY };
    const verified = verifyAuthenticode(source, read.facts, { now });
    return { digest, verification: verified.ok ? verified.facts : { malformed: verified.refusal.message } };
  } finally {
    source.close();
  }
}

/** SHA-256 of a certificate, lower-case hex. */
export const fingerprintOf = ({ der }: Pick<Certificate, 'der'>): string => createHash('sha256').update(der).digest('hex');

/** Why the one signature of a file is not the wanted one; `undefined` when it is: of this signer, over these bytes, with SHA-256 and a timestamp that holds. */
export function problemOfSignature({ digest, verification }: PeFile, wanted: { fingerprint: string; digest: string }): string | undefined {
  if ('malformed' in verification) return verification.malformed;
  const [signature, ...others] = verification.signatures;
  if (!signature || others.length > 0) return `it has ${verification.signatures.length} signatures instead of one`;
  const [problem] = [...verification.problems, ...signature.problems];
  if (problem) return problem.message;
  if (signature.digestAlgorithm !== 'sha256') return `its digest is ${signature.digestAlgorithm}, expected sha256`;
  if (digest !== wanted.digest) return `it is about other bytes: expected Authenticode digest ${wanted.digest}, actual ${digest}`;
  const leaf = signature.signer!.chain[0]!;
  if (fingerprintOf(leaf) !== wanted.fingerprint) return `it is by ${fingerprintOf(leaf)} (${leaf.subject.text})`;
  const { timestamp } = signature.signer!;
  return timestamp?.kind === 'rfc3161' ? undefined : 'it has no timestamp';
}
