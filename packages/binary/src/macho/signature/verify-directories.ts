import { createHash } from 'node:crypto';
import { DerElement, TAG } from '../../cms/der/der-element';
import { octetsOf, oidOf } from '../../cms/der/der-values';
import { DIGESTS, OID } from '../../cms/object-identifiers';
import type { CmsSigner } from '../../cms/cms-facts';
import type { CodeDirectory, MachOSignature } from './macho-signature-facts';
import type { SignatureProblem } from '../../signature-problem';
import type { SignedRange } from './macho-verification';
import { KNOWN_SLOTS, LAST_SPECIAL_SLOT } from './signature-constants';

/** The pages must reach to the signature, and nothing may lie behind it. */
export function coverageProblems(slice: SignedRange, signature: MachOSignature): SignatureProblem[] {
  const problems: SignatureProblem[] = [];
  for (const { slot, codeLimit } of signature.codeDirectories) {
    if (codeLimit === signature.offset) continue;
    problems.push({
      code: 'code-uncovered',
      message: `code directory ${slot} covers ${codeLimit} bytes, the signature begins at ${signature.offset}`,
    });
  }
  const rest = slice.size - signature.offset - signature.size;
  if (rest > 0) problems.push({ code: 'data-behind-signature', message: `${rest} bytes lie behind the signature` });
  return problems;
}

/** What lies in the signature’s range and is none of its parts nobody has signed; neither what no slot of a code directory stands for. */
export function partProblems({ blobs }: MachOSignature, unusedBytes: readonly number[]): SignatureProblem[] {
  const unknown = blobs.filter(({ slot }) => slot > LAST_SPECIAL_SLOT && !KNOWN_SLOTS.has(slot));
  return [
    ...unknown.map(({ slot, size }) => ({
      code: 'slot-unbound' as const,
      message: `part ${slot} of the signature: ${size} bytes that nothing covers`,
    })),
    ...unusedBytes.map((at) => ({
      code: 'data-behind-signature' as const,
      message: `at ${at} of the signature lie data that are none of its parts`,
    })),
  ];
}

/** macOS has taken nothing that rests on SHA-1 alone since 10.12; a directory with it beside a better one is for older systems. */
export function digestProblems(directories: readonly CodeDirectory[]): SignatureProblem[] {
  if (directories.some(({ hashType }) => hashType !== 'sha1')) return [];
  return [{ code: 'weak-digest', message: 'every code directory rests on SHA-1' }];
}

/** All directories speak of the same code: systems take the one with the best digest, so each could say something else. */
export function agreementProblems([first, ...others]: readonly CodeDirectory[]): SignatureProblem[] {
  const keys = ['identifier', 'teamId', 'flags', 'platform', 'codeLimit'] as const;
  return others.flatMap((other) =>
    keys
      .filter((key) => other[key] !== first![key])
      .map((key) => ({ code: 'directories-differ' as const, message: `code directories disagree on ${key}: ${first![key]} and ${other[key]}` })),
  );
}

/**
 * Apple's two signed attributes name every directory, by full digest and by cdhash in a property list; the CMS signature itself is about the first alone. Whichever is there must name all.
 */
export function directoryDigestProblems(
  signer: CmsSigner,
  directories: readonly CodeDirectory[],
  bytesOf: (directory: CodeDirectory) => Uint8Array,
): SignatureProblem[] {
  const named = [digestList(signer), hashList(signer)].filter((list) => list !== undefined);
  const unsigned = { code: 'directory-unsigned' as const };
  if (named.length === 0 && directories.length > 1)
    return [{ ...unsigned, message: 'the further code directories are not covered by the certificate’s signature' }];
  return directories
    .filter((directory) => !named.every((list) => list(directory, bytesOf(directory))))
    .map(({ slot }) => ({ ...unsigned, message: `code directory ${slot} is none of those that the certificate signed` }));
}

type Names = (directory: CodeDirectory, bytes: Uint8Array) => boolean;

function digestList(signer: CmsSigner): Names | undefined {
  const values = signer.signedAttributes.find(({ oid }) => oid === OID.appleDirectoryDigests)?.values;
  const digests = values?.map((value) => {
    const element = DerElement.first(value, 0);
    const [algorithm, digest] = element.as(TAG.sequence, 'the digest of a code directory').children;
    if (!algorithm || !digest) throw element.refused('a code directory’s digest of less than two parts', 'bad-cms');
    return { name: DIGESTS[oidOf(algorithm, 'the digest algorithm')], hex: Buffer.from(octetsOf(digest, 'the digest')).toString('hex') };
  });
  return (
    digests && ((_directory, bytes) => digests.some(({ name, hex }) => name !== undefined && createHash(name).update(bytes).digest('hex') === hex))
  );
}

/** Every `<data>` of the list: the property list holds `cdhashes` and nothing else. */
function hashList(signer: CmsSigner): Names | undefined {
  const [value] = signer.signedAttributes.find(({ oid }) => oid === OID.appleDirectoryHashes)?.values ?? [];
  if (!value) return undefined;
  const text = Buffer.from(octetsOf(DerElement.first(value, 0), 'the list of code directories')).toString('latin1');
  const hashes = new Set([...text.matchAll(/<data>([^<]*)<\/data>/g)].map(([, data]) => Buffer.from(data!, 'base64').toString('hex')));
  return ({ cdhash }) => hashes.has(cdhash);
}
