import type { ByteSource } from '../../byte-source';
import { OID } from '../../cms/object-identifiers';
import { parseCms } from '../../cms/read-cms';
import { verifySigner } from '../../cms/verify-signer';
import type { SignerVerification } from '../../cms/cms-verification';
import type { MachOSlice } from '../../macho-facts';
import type { CodeDirectory } from './macho-signature-facts';
import type { MachOVerification, MachOVerificationReading, SignedRange, VerifyMachORequest } from './macho-verification';
import { readingOf } from '../../reading/refused';
import type { SignatureProblem } from '../../signature-problem';
import { findBadPages } from './hash-pages';
import { hashOffsetOf } from './read-code-directory';
import { type ParsedSignature, parseSignature } from './read-signature';
import { FLAGS, HASH_OF_TYPE } from './signature-constants';
import { agreementProblems, coverageProblems, digestProblems, directoryDigestProblems, partProblems } from './verify-directories';
import { entitlementProblems } from './verify-entitlements';
import { coveredBytes, slotProblems, verifySlots } from './verify-slots';

/**
 * Checks the signature of one slice against its bytes: every page, every special slot, the CMS signature over the code directory, its chain and timestamp. Pure: the time and the trusted roots are given.
 * A refusal (not signed, malformed) is no verification. What holds has no `problems`; who signed is `signer.chain[0]`, and nobody did unless `kind` is `certificate`.
 */
export function verifyMachOSignature(source: ByteSource, slice: MachOSlice, request: VerifyMachORequest): MachOVerificationReading {
  return readingOf(source, () => verifyParsed(source, slice, parseSignature(source, slice), request));
}

/** `beside`: what further special slots cover. For callers inside a reader. */
export function verifyParsed(
  source: ByteSource,
  slice: SignedRange,
  parsed: ParsedSignature,
  request: VerifyMachORequest & { beside?: ReadonlyMap<number, Uint8Array> },
): MachOVerification {
  const signature = parsed.facts;
  const directories = signature.codeDirectories;
  const covered = new Map([...coveredBytes(source, slice, parsed, request), ...(request.beside ?? [])]);
  const pages = directories.map((directory) => ({ directory, badPages: badPagesOf(source, slice, parsed, directory) }));
  const { kind, signer, problems } = verifyCms(slice, parsed, request);
  return {
    kind,
    signature,
    directories: pages.map(({ directory: { slot, cdhash }, badPages }) => ({ slot, cdhash, badPages })),
    slots: verifySlots(directories[0]!, covered),
    ...(signer ? { signer } : {}),
    problems: [
      ...pages.flatMap(({ directory, badPages }) => pageProblems(directory, badPages)),
      ...coverageProblems(slice, signature),
      ...uniqueByMessage(directories.flatMap((directory) => slotProblems(verifySlots(directory, covered)))),
      ...agreementProblems(directories),
      ...digestProblems(directories),
      ...entitlementProblems(signature),
      ...partProblems(signature, parsed.unusedBytes),
      ...problems,
      ...(signer?.problems ?? []),
    ],
  };
}

/** Numbers of the pages of a directory whose bytes are others. For callers inside a reader, and the benchmark. */
export function badPagesOf(source: ByteSource, slice: SignedRange, parsed: ParsedSignature, directory: CodeDirectory): number[] {
  // A directory that reaches behind the slice: what lies there is not its code.
  const codeLimit = Math.min(directory.codeLimit, slice.size);
  const bytes = parsed.bytesOf(directory);
  const start = hashOffsetOf(bytes);
  const digests = bytes.subarray(start, start + directory.pageCount * HASH_OF_TYPE[directory.hashType].bytes);
  return findBadPages(source, slice.offset, { directory: { ...directory, codeLimit }, digests });
}

function pageProblems(directory: CodeDirectory, badPages: readonly number[]): SignatureProblem[] {
  if (badPages.length === 0) return [];
  const where = `page ${badPages[0]} (at ${badPages[0]! * directory.pageSize})`;
  return [
    {
      code: 'page-hash',
      message: `${badPages.length} of ${directory.pageCount} pages differ from code directory ${directory.slot}, the first is ${where}`,
    },
  ];
}

function verifyCms(
  slice: SignedRange,
  parsed: ParsedSignature,
  request: VerifyMachORequest,
): Pick<MachOVerification, 'kind' | 'signer'> & { problems: SignatureProblem[] } {
  const signature = parsed.facts;
  const directory = signature.codeDirectories[0]!;
  const adHoc = (directory.flags & FLAGS.adhoc) !== 0;
  if (!signature.cms || signature.cms.length === 0) {
    if (adHoc) return { kind: 'ad-hoc', problems: [] };
    return {
      kind: 'none',
      problems: [{ code: 'no-certificate', message: 'the signature is not marked as ad-hoc, and no certificate stands behind it' }],
    };
  }
  const cms = parseCms(signature.cms, slice.offset + signature.cmsOffset!);
  const problems: SignatureProblem[] = [];
  if (adHoc) problems.push({ code: 'certificate-on-ad-hoc', message: 'the signature is marked as ad-hoc and carries a certificate’s signature' });
  const [first] = cms.signers;
  if (!first || cms.signers.length !== 1) {
    problems.push({ code: 'signer-count', message: `${cms.signers.length} signers, expected one` });
    return { kind: first ? 'certificate' : 'none', problems };
  }
  const signer = verifySigner(cms, first, { ...request, content: parsed.bytesOf(directory), purpose: OID.codeSigning });
  problems.push(...directoryDigestProblems(first, signature.codeDirectories, parsed.bytesOf), ...teamProblems(directory, signer));
  return { kind: 'certificate', signer, problems };
}

/** Apple's certificates hold the team in their organizational unit; library validation compares the teams that directories name. */
function teamProblems({ teamId }: CodeDirectory, { chain }: SignerVerification): SignatureProblem[] {
  const unit = chain[0]?.subject.organizationalUnit;
  if (teamId === undefined || !chain[0] || unit === teamId) return [];
  return [{ code: 'team-differs', message: `the code directory names team ${teamId}, the certificate ${unit ?? 'none'}` }];
}

function uniqueByMessage(problems: readonly SignatureProblem[]): SignatureProblem[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()];
}
