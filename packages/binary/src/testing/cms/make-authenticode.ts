import { createHash } from 'node:crypto';
import { buildPe, type BuiltPe, type PeRecipe } from '../build-pe';
import { context, element, nothing, octets, oid, sequence } from './der-writer';
import type { Identity } from './make-certificate';
import { type CmsRecipe, makeCms } from './make-cms';

const INDIRECT_DATA = '1.3.6.1.4.1.311.2.1.4';
const DIGEST_OIDS = { sha1: '1.3.14.3.2.26', sha256: '2.16.840.1.101.3.4.2.1', md5: '1.2.840.113549.2.5' } as const;

export interface AuthenticodeRecipe extends Partial<Omit<CmsRecipe, 'content' | 'contentType' | 'encapsulated'>> {
  signer: Identity;
  fileDigest?: keyof typeof DIGEST_OIDS;
  /** In place of the digest of the file. */
  digestOf?: Uint8Array;
}

/** A file with one signature over it. */
export function buildSignedPe(recipe: AuthenticodeRecipe, pe: PeRecipe = {}): BuiltPe {
  return buildPe({ ...pe, certificates: [makeAuthenticode(pe, recipe)] });
}

/** The CMS structure over what the recipe builds. */
export function makeAuthenticode(pe: PeRecipe, { fileDigest = 'sha256', digestOf, ...recipe }: AuthenticodeRecipe): Uint8Array {
  const signed = digestOf ?? signedRange(buildPe({ ...pe, certificates: [], behind: new Uint8Array() }));
  const digest = createHash(fileDigest).update(signed).digest();
  // SpcPeImageData: no flags, a file without name.
  const file = context(0, context(2, element(0x80)));
  const data = sequence(oid('1.3.6.1.4.1.311.2.1.15'), sequence(element(0x03, Uint8Array.from([0])), file));
  const info = sequence(sequence(oid(DIGEST_OIDS[fileDigest]), nothing()), octets(digest));
  const content = Buffer.concat([data, info]);
  return makeCms({ ...recipe, content, contentType: INDIRECT_DATA, encapsulated: element(0x30, content) });
}

/** What Authenticode's digest covers, put together by itself: all but checksum and directory entry, filled to 8 bytes. */
function signedRange({ bytes, at }: BuiltPe): Uint8Array {
  const [checksum, entry] = [at.optional + 64, at.directories + 32];
  const rest = bytes.subarray(entry + 8);
  const padding = new Uint8Array((8 - (bytes.length % 8)) % 8);
  return Buffer.concat([bytes.subarray(0, checksum), bytes.subarray(checksum + 4, entry), rest, padding]);
}
