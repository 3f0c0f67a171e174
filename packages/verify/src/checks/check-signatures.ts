import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mapConcurrently, type Finding, type TreeItem } from '@waybill/core';
import { sshKeyOfSignature, type SignatureFacts } from '@waybill/signatures';
import type { SignatureFile } from '../delivery/sort-files';
import type { TrustedKey } from '../keys/trusted-keys';

export interface SignedBy {
  signature: string;
  of: string;
  fingerprint: string;
}

/** What of a delivery says who signed its sums. */
export interface SigningFacts {
  sumsNames: readonly string[];
  keys: readonly TrustedKey[];
  /** Signatures that hold, by an expected key. */
  signed: readonly SignedBy[];
  /** All that are here. */
  signatures: readonly SignatureFile[];
}

/** Sums files that those who must have signed, or when nobody must, anybody of those who may have, did not sign. */
export function unsignedFindings({ sumsNames, keys, signed, signatures }: SigningFacts): readonly Finding[] {
  if (keys.length === 0) return [];
  const required = keys.filter((key) => key.required);
  return sumsNames.flatMap((name) => {
    const by = signed.filter(({ of }) => of === name).map(({ fingerprint }) => fingerprint);
    const absent = required.filter(({ fingerprint }) => !by.includes(fingerprint));
    if (required.length === 0 ? by.length > 0 : absent.length === 0) return [];
    const wanted = required.length === 0 ? keys : absent;
    return [unsigned(name, wanted, signatures.some(({ of }) => of === name) && by.length === 0)];
  });
}

/** `isForeign`: there is a signature, and none by an expected key. */
function unsigned(path: string, wanted: readonly TrustedKey[], isForeign: boolean): Finding {
  const textless = wanted.some(({ format, publicKey }) => format !== 'ssh' && publicKey === undefined);
  return {
    check: 'unsigned',
    level: 'error',
    path,
    message: textless ? 'no signature by an expected key could be checked' : 'no expected key signed it',
    expected: `a signature by ${wanted.map(({ fingerprint }) => fingerprint).join(wanted.some((key) => key.required) ? ' and ' : ' or ')}`,
    fix: textless ? GIVE_KEY : isForeign ? OTHER_KEY : GET_SIGNATURE,
  };
}

const GIVE_KEY = 'give the file with the public key too: `--keys=<file>`; its fingerprint alone cannot check a signature';
const OTHER_KEY =
  'the signature that is here is none of these bytes by an expected key: look up which key they sign with now, and download both again; if it stays so, it is not from whom you expect';
const GET_SIGNATURE = 'download its signature too (`.minisig`, `.sig`, `.asc` or `.sigstore.json`); if there is none, it is not from whom you expect';

export interface CheckedSignatures {
  findings: readonly Finding[];
  /** Signatures that hold, by an expected key. */
  signed: readonly SignedBy[];
  /** Names of those of a form that is not known here, where no key of their kind is expected. */
  unread?: readonly string[];
}

const NOT_CANONICAL =
  'it says the same as a signature, but not in its one canonical form: somebody changed it, or its program wrote comments or line ends that no key protects';
const READERS = 2;
const LARGEST_BYTES = 1024 * 1024;
const BUFFER_BYTES = 512 * 1024;

/** Each signature whose file is here: canonical form, right, by an expected key. Without keys: form only, and for SSH whether it fits its own key. */
export async function checkSignatures(
  root: string,
  items: readonly TreeItem[],
  signatures: readonly SignatureFile[],
  keys: readonly TrustedKey[],
): Promise<Required<CheckedSignatures>> {
  const here = new Map(items.filter(({ kind }) => kind === 'file').map(({ path, size }) => [path, size]));
  const subjects = signatures.filter(({ of }) => here.has(of));
  const checked = await mapConcurrently(subjects, READERS, (signature) => checkOne(root, signature, here, keys));
  return {
    findings: checked.flatMap(({ findings }) => findings),
    signed: checked.flatMap(({ signed }) => signed),
    unread: checked.flatMap(({ unread = [] }) => unread),
  };
}

const refusal = (path: string, message: string, actual?: string): CheckedSignatures => ({
  findings: [{ check: 'signature', level: 'error', path, message, ...(actual !== undefined && { actual }) }],
  signed: [],
});

/** `here`: sizes of the files that are here, by name. */
async function checkOne(
  root: string,
  { name, of, format }: SignatureFile,
  here: ReadonlyMap<string, number>,
  keys: readonly TrustedKey[],
): Promise<CheckedSignatures> {
  if (here.get(name)! > LARGEST_BYTES) return refusal(name, 'it is larger than any signature');
  const bytes = await readFile(join(root, name));
  const read = format.parse(bytes);
  // Of a kind of which the reader has named no key, and in a way that is not known here: nobody relies on it.
  if (!read.ok && read.refusal.reason === 'unsupported' && !keys.some((key) => key.format === format.id))
    return { findings: [], signed: [], unread: [name] };
  if (!read.ok) return refusal(name, `it is no signature that can be read: ${read.refusal.message}`);
  if (!read.facts.canonical && !read.facts.foreign) return refusal(name, NOT_CANONICAL);
  const candidates = candidatesFor(read.facts, bytes, keys);
  const payload = () => createReadStream(join(root, of), { highWaterMark: Math.min(here.get(of)! + 1, BUFFER_BYTES) }) as AsyncIterable<Uint8Array>;
  // Signed in a further way, of which the reader has named no key: that nobody who was named signed is told by the sums file itself.
  if (candidates.length === 0 && !keys.some((key) => key.format === format.id)) return { findings: [], signed: [] };
  const says = `says that it is by ${read.facts.claimedSigner}`;
  const isTextless = keys.some((key) => key.format === format.id && key.publicKey === undefined && key.fingerprint === read.facts.claimedSigner);
  if (candidates.length === 0) return refusal(name, isTextless ? 'it cannot be checked without the public key' : 'no expected key signed it', says);
  const problems: string[] = [];
  for (const { publicKey } of candidates) {
    const verdict = await format.verify(bytes, publicKey, payload());
    if (verdict.ok) return { findings: [], signed: keys.length === 0 ? [] : [{ signature: name, of, fingerprint: verdict.fingerprint }] };
    problems.push(verdict.message);
  }
  return refusal(name, problems.join('; '), says);
}

/** Expected keys of the signature's format whose text is known; an SSH signature brings its key along, and the fingerprint pins it. */
function candidatesFor(facts: SignatureFacts, bytes: Uint8Array, keys: readonly TrustedKey[]): readonly { publicKey: string }[] {
  const ofFormat = keys.filter(({ format }) => format === facts.format);
  const own = facts.format === 'ssh' ? sshKeyOfSignature(bytes) : undefined;
  if (keys.length === 0) return own?.ok ? [{ publicKey: own.facts }] : [];
  return ofFormat.flatMap(({ publicKey, fingerprint }) => {
    if (publicKey !== undefined) return [{ publicKey }];
    return own?.ok && fingerprint === facts.claimedSigner ? [{ publicKey: own.facts }] : [];
  });
}
