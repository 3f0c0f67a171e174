import { createHash, type Hash } from 'node:crypto';
import type { Reading } from '../binary-refusal';
import type { ByteSource } from '../byte-source';
import type { TrustRequest } from '../cms/cms-verification';
import type { AuthenticodeVerification } from '../pe/authenticode/authenticode-facts';
import { verifyAuthenticodeBlob } from '../pe/authenticode/verify-authenticode';
import { readingOf, Refused } from '../reading/refused';
import { isCompoundFile, readCompoundFile, type CompoundEntry, type CompoundFile } from './compound-file';

export interface InstallerVerification {
  /** SHA-256 over the content without signatures: the same before and after signing. Lower-case hex. */
  digest: string;
  /** Without a signature it has none. */
  verification: AuthenticodeVerification;
}

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const SIGNATURE = utf16('\u0005DigitalSignature');
/** Digest of names, sizes and times, which goes into that of the content. */
const METADATA = utf16('\u0005MsiDigitalSignatureEx');
/** As for PE files: those of installers have some KiB. */
const MOST_BYTES = 16 * 1024 * 1024;

/** By its first bytes: a compound file. Documents of old offices are such files too. */
export const looksLikeInstaller = isCompoundFile;

/** Checks the signature of an installer for Windows (`.msi`, `.msp`): digest of the content, CMS signature, chain, timestamp. Pure. */
export function verifyInstaller(source: ByteSource, request: TrustRequest): Reading<InstallerVerification> {
  return readingOf(source, () => {
    const file = readCompoundFile(source);
    const streamOf = (name: Buffer): CompoundEntry | undefined => file.root.children.find((entry) => name.equals(entry.name));
    const signature = streamOf(SIGNATURE);
    const metadata = streamOf(METADATA);
    const digestOf = (algorithm: string, withMetadata: boolean): string => {
      const hash = createHash(algorithm);
      if (withMetadata) hash.update(metadataDigest(file.root, algorithm));
      hashContent(file, file.root, hash);
      return hash.digest('hex');
    };
    const digest = digestOf('sha256', false);
    if (!signature) return { digest, verification: { signatures: [], problems: [] } };
    if (signature.size > MOST_BYTES) throw new Refused('limit', `its signature has ${signature.size} bytes`, 0);
    const verified = verifyAuthenticodeBlob(bytesOf(file, signature), (algorithm) => digestOf(algorithm, metadata !== undefined), request);
    if (!verified.ok) throw new Refused(verified.refusal.reason, verified.refusal.message, 0);
    return { digest, verification: verified.facts };
  });
}

const bytesOf = (file: CompoundFile, entry: CompoundEntry): Uint8Array => Buffer.concat([...file.read(entry)]);

/** Signatures stand in the root alone. */
const hashed = ({ kind, children }: CompoundEntry): readonly CompoundEntry[] =>
  children
    .filter(({ name }) => kind !== 'root' || !(SIGNATURE.equals(name) || METADATA.equals(name)))
    .sort((one, other) => Buffer.compare(one.name, other.name));

/** Content of all streams in the order of their names’ bytes, each storage closed by its class. */
function hashContent(file: CompoundFile, storage: CompoundEntry, hash: Hash): void {
  for (const entry of hashed(storage)) {
    if (entry.kind === 'stream') for (const piece of file.read(entry)) hash.update(piece);
    else hashContent(file, entry, hash);
  }
  hash.update(storage.bytes.subarray(80, 96));
}

function metadataDigest(root: CompoundEntry, algorithm: string): Buffer {
  const hash = createHash(algorithm);
  const visit = (entry: CompoundEntry): void => {
    const { kind, name, bytes } = entry;
    if (kind !== 'root') hash.update(name);
    hash.update(kind === 'stream' ? bytes.subarray(120, 124) : bytes.subarray(80, 96));
    hash.update(bytes.subarray(96, 100));
    if (kind !== 'root') hash.update(bytes.subarray(100, 116));
    if (kind !== 'stream') hashed(entry).forEach(visit);
  };
  visit(root);
  return hash.digest();
}
