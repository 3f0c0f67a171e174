import { createHash, createPublicKey, verify } from 'node:crypto';
import { PURPOSES, verifyDetachedCms, type SignerVerification } from '@waybill/binary';
import { openByteSource, type FileByteSource } from '@waybill/core';
import { Broken, piece, readTable, type PackageTable } from '../notarizing/flat-package';

/** The signature of a package for Apple’s Installer, with all that it covers checked; whom to trust is not judged. */
export type PackageSignature = { state: 'unsigned' } | { state: 'damaged'; reason: string } | { state: 'read'; signer: SignerVerification };

/** Read at once. */
const PIECE_BYTES = 1024 * 1024;
/** Of which nobody knows how Apple’s reader takes them. */
const STRANGE = /<!--|<!\[CDATA\[|<!DOCTYPE|<\?(?!xml\b)/;

/**
 * The CMS signature over the digest of the table of contents, the older one by the same key beside it, and each file of the package against the digest that the table has. The certificate must
 * be one for installers.
 */
export function verifyPackage(path: string, now: number): PackageSignature {
  const source = openByteSource(path);
  try {
    const table = readTable(source);
    if (STRANGE.test(table.text)) return { state: 'damaged', reason: 'its table of contents holds comments or declarations' };
    const [read, damaged] = [readSignature(source, table, now), damagedFile(source, table)];
    return damaged === undefined ? read : withDamage(read, damaged);
  } catch (error) {
    if (error instanceof Broken) return { state: 'damaged', reason: error.message };
    throw error;
  } finally {
    source.close();
  }
}

/** What else there is to say of a signer stays. */
function withDamage(read: PackageSignature, message: string): PackageSignature {
  if (read.state !== 'read') return { state: 'damaged', reason: message };
  return { state: 'read', signer: { ...read.signer, problems: [{ code: 'file-digest', message }, ...read.signer.problems] } };
}

function readSignature(source: FileByteSource, table: PackageTable, now: number): PackageSignature {
  const [cms, older] = [placeOf(table, 'x-signature', 'CMS'), placeOf(table, 'signature', 'RSA')];
  if (cms === undefined) return older === undefined ? { state: 'unsigned' } : { state: 'damaged', reason: 'it has the old form of signature alone' };
  const bytes = piece(source, cms.offset, cms.length, 'the signature');
  const verified = verifyDetachedCms(bytes, { content: table.digest, purpose: PURPOSES.installer, now, offset: cms.offset });
  if (!verified.ok) return { state: 'damaged', reason: verified.refusal.message };
  const { chain, problems } = verified.facts;
  const leaf = problems.length === 0 ? chain[0] : undefined;
  if (leaf && older && !holdsOlder(piece(source, older.offset, older.length, 'the old signature'), leaf.publicKey, table))
    return withDamage(
      { state: 'read', signer: verified.facts },
      'the old form of its signature is not by the same key over the same table of contents',
    );
  return { state: 'read', signer: verified.facts };
}

/** RSA over the table of contents, as productsign makes it, or over its digest, as rcodesign does. */
function holdsOlder(signature: Buffer, publicKey: Uint8Array, { bytes, style, digest }: PackageTable): boolean {
  const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
  return verify(style, bytes, key, signature) || verify('sha256', digest, key, signature);
}

interface Place {
  offset: number;
  length: number;
}

/** Where a signature of that kind lies in the file. */
function placeOf({ text, heap }: PackageTable, element: string, style: string): Place | undefined {
  const [, inside] = new RegExp(`<${element}\\s+style="${style}"\\s*>([^]*?)</${element}>`).exec(text) ?? [];
  if (inside === undefined) return undefined;
  return { offset: heap + numberIn(inside, 'offset'), length: numberIn(inside, 'size') };
}

function numberIn(text: string, element: string): number {
  const [, value] = new RegExp(`<${element}>(\\d{1,15})</${element}>`).exec(text) ?? [];
  if (value === undefined) throw new Broken(`its table of contents has a part without \`${element}\``);
  return Number(value);
}

/** The first file whose bytes in the package are not those that the table names. */
function damagedFile(source: FileByteSource, { text, heap }: PackageTable): string | undefined {
  for (const [, inside] of text.matchAll(/<data>([^]*?)<\/data>/g)) {
    const [, style, expected] = /<archived-checksum\s+style="(\w+)"\s*>([0-9a-fA-F]+)<\/archived-checksum>/.exec(inside!) ?? [];
    const [offset, length] = [heap + numberIn(inside!, 'offset'), numberIn(inside!, 'length')];
    if (style === undefined || expected === undefined) return `a file of it (at ${offset}) has no digest`;
    if (!/^sha(1|256|512)$/i.test(style)) return `a file of it (at ${offset}) has a digest by ${style}`;
    if (offset + length > source.size) return `it ends inside of a file (at ${offset})`;
    const hash = createHash(style.toLowerCase());
    for (let at = offset; at < offset + length; at += PIECE_BYTES) hash.update(source.read(at, Math.min(PIECE_BYTES, offset + length - at)));
    if (hash.digest('hex') !== expected.toLowerCase()) return `a file of it (at ${offset}) has other bytes than its table of contents says`;
  }
  return undefined;
}
