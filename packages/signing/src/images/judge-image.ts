import { verifyDiskImage } from '@waybill/binary';
import { openByteSource } from '@waybill/core';
import { problemOfSignature } from '../apple/judge-signature';
import { certificateDigest, codeDirectoryOf, type CodeSlice } from '../macho/read-code-file';
import { verifyPackage } from './verify-package';

/** What the signature of a disk image or package must be to count. */
export interface WantedImage {
  kind: 'dmg' | 'pkg';
  /** SHA-256 of the signer’s certificate, lower-case hex. */
  fingerprint: string;
  /** Of a disk image. */
  identifier: string;
  /** Of a disk image: the team that it may name; rcodesign writes none there. */
  team?: string | undefined;
}

/** Why the signature of a file, as our readers read it, is not the wanted one; `undefined` when it is. `now`: milliseconds since 1970. */
export const problemOfImage = (path: string, wanted: WantedImage, now: number): string | undefined =>
  wanted.kind === 'dmg' ? problemOfDiskImage(path, wanted, now) : problemOfPackage(path, wanted, now);

function problemOfDiskImage(path: string, wanted: WantedImage, now: number): string | undefined {
  const slice: CodeSlice = { architecture: 'disk image', type: 'other', sdks: [], signature: signatureOfDiskImage(path, now) };
  const named = slice.signature.state === 'read' ? codeDirectoryOf(slice.signature.verification).teamId : undefined;
  return problemOfSignature(
    { kind: 'macho', slices: [slice] },
    { ...wanted, team: named === undefined ? undefined : wanted.team, hardenedRuntime: false },
  );
}

/** It has the form of that of code. */
export function signatureOfDiskImage(path: string, now: number): CodeSlice['signature'] {
  const source = openByteSource(path);
  try {
    const read = verifyDiskImage(source, { now });
    if (read.ok) return { state: 'read', verification: read.facts };
    return read.refusal.reason === 'not-signed' ? { state: 'unsigned' } : { state: 'damaged', reason: read.refusal.message };
  } finally {
    source.close();
  }
}

function problemOfPackage(path: string, { fingerprint }: WantedImage, now: number): string | undefined {
  const read = verifyPackage(path, now);
  if (read.state !== 'read') return read.state === 'unsigned' ? 'it is not signed' : read.reason;
  const { problems, chain, timestamp } = read.signer;
  if (problems[0]) return problems[0].message;
  const leaf = chain[0]!;
  if (certificateDigest(leaf.der) !== fingerprint) return `it is by ${certificateDigest(leaf.der)} (${leaf.subject.text})`;
  return timestamp?.kind === 'rfc3161' ? undefined : 'it has no timestamp';
}
