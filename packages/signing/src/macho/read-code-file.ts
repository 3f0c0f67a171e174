import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import {
  readMachO,
  sniffBinary,
  universalProblems,
  verifyMachOSignature,
  type CodeDirectory,
  type MachOSlice,
  type MachOVerification,
} from '@waybill/binary';
import { openByteSource } from '@waybill/core';

/** One architecture of a Mach-O file, with its signature checked; whom to trust is not judged. */
export interface CodeSlice {
  /** `arm64`, `x86_64`. */
  architecture: string;
  type: MachOSlice['type'];
  /** Versions of the SDKs that it was linked with: `14.2`; what notes none is left out. */
  sdks: readonly string[];
  signature: { state: 'unsigned' } | { state: 'damaged'; reason: string } | { state: 'read'; verification: MachOVerification };
}

/** What a file is for a signer: no code at all (`undefined`), damaged code, code, or what no bundle needs. */
export type CodeReading =
  | { kind: 'macho'; slices: readonly CodeSlice[] }
  | { kind: 'broken'; reason: string }
  /** A library for linking (`.a`); Mach-O objects are of kind `macho` and type `object`. */
  | { kind: 'static-library' }
  | undefined;

/** Files of the bundle that the signature of its main program covers too. */
export interface SealedWith {
  infoPlist?: string;
  codeResources?: string;
}

const HEAD_BYTES = 1024;
const STATIC_LIBRARY = Buffer.from('!<arch>\n');

/** By content, whatever its name. `now`: milliseconds since 1970. `sealed`: absolute paths, for the main program of an `.app`. */
export function readCodeFile(path: string, now: number, sealed: SealedWith = {}): CodeReading {
  const source = openByteSource(path);
  try {
    const head = source.read(0, HEAD_BYTES);
    if (STATIC_LIBRARY.equals(head.subarray(0, STATIC_LIBRARY.length))) return { kind: 'static-library' };
    if (sniffBinary(head) !== 'mach-o') return undefined;
    const read = readMachO(source);
    if (!read.ok) return { kind: 'broken', reason: read.refusal.message };
    const request = {
      now,
      ...(sealed.infoPlist !== undefined && { infoPlist: readFileSync(sealed.infoPlist) }),
      ...(sealed.codeResources !== undefined && { codeResources: readFileSync(sealed.codeResources) }),
    };
    const between = universalProblems(source, read.facts);
    return { kind: 'macho', slices: read.facts.slices.map((slice) => ({ ...factsOf(slice), signature: signatureOf(slice) })) };

    function signatureOf(slice: MachOSlice): CodeSlice['signature'] {
      if (slice.signature === undefined) return { state: 'unsigned' };
      const verified = verifyMachOSignature(source, slice, request);
      if (!verified.ok) return { state: 'damaged', reason: verified.refusal.message };
      return { state: 'read', verification: { ...verified.facts, problems: [...verified.facts.problems, ...between] } };
    }
  } finally {
    source.close();
  }
}

const factsOf = ({ cpuName, type, targets }: MachOSlice): Omit<CodeSlice, 'signature'> => ({
  architecture: cpuName,
  type,
  sdks: targets.map(({ sdk }) => sdk).filter((sdk) => sdk !== '0.0'),
});

/** The directory that macOS and tickets know the code by: the one with SHA-256 where there are several. */
export function codeDirectoryOf({ signature: { codeDirectories } }: MachOVerification): CodeDirectory {
  return codeDirectories.find(({ hashType }) => hashType === 'sha256') ?? codeDirectories[0]!;
}

/** SHA-256 of a certificate, lower-case hex. */
export const certificateDigest = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');
