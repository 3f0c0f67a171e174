import { isUtf8 } from 'node:buffer';
import { parseSums, type SumEntry, type SumsAlgorithm } from '@waybill/artifacts';
import { WaybillError, type Finding, type TreeItem } from '@waybill/core';
import { formatOfName, type DetachedSignatureFormat } from '@waybill/signatures';

/** A sums file and what it says. */
export interface SumsFile {
  name: string;
  algorithm: SumsAlgorithm;
  entries: readonly SumEntry[];
}

export interface SignatureFile {
  name: string;
  /** Name of the file that it signs. */
  of: string;
  format: DetachedSignatureFormat;
}

const SUMS_NAME = /(SHA256|SHA384|SHA512|BLAKE2B|B2)SUMS(?:\.txt)?$/i;
const RELEASE_NAME = /(?:^|[-_.])release\.json$/;
const ALGORITHMS: Readonly<Record<string, SumsAlgorithm>> = {
  SHA256: 'sha256',
  SHA384: 'sha384',
  SHA512: 'sha512',
  BLAKE2B: 'blake2b',
  B2: 'blake2b',
};

export const algorithmOf = (name: string): SumsAlgorithm | undefined => ALGORITHMS[SUMS_NAME.exec(name)?.[1]?.toUpperCase() ?? ''];
export const isReleaseName = (name: string): boolean => RELEASE_NAME.test(name);

/** Signatures among files, by their names. */
export function signatureFiles(items: readonly TreeItem[]): readonly SignatureFile[] {
  return items.flatMap(({ path, kind }) => {
    const format = kind === 'file' ? formatOfName(path) : undefined;
    return format ? [{ name: path, of: path.slice(0, -format.suffix.length), format }] : [];
  });
}

/** A sums file that cannot be read is a finding, and says nothing. */
export function readSums(name: string, bytes: Uint8Array): { sums?: SumsFile; findings: readonly Finding[] } {
  const algorithm = algorithmOf(name) ?? 'sha256';
  const refuse = (message: string): { findings: readonly Finding[] } => ({ findings: [{ check: 'sums', level: 'error', path: name, message }] });
  if (!isUtf8(bytes)) return refuse('it is not UTF-8');
  try {
    return { sums: { name, algorithm, entries: parseSums(Buffer.from(bytes).toString('utf8'), algorithm, { path: name }) }, findings: [] };
  } catch (error) {
    if (error instanceof WaybillError) return refuse(error.message);
    throw error;
  }
}
