import { certificateDigest, codeDirectoryOf, type CodeReading, type CodeSlice } from '../macho/read-code-file';
import { comparable, NO_ENTITLEMENTS } from './entitlements';

/** What the signature of a file must be to count. */
export interface WantedSignature {
  /** SHA-256 of the signer's certificate, lower-case hex; absent: ad-hoc. */
  fingerprint?: string | undefined;
  /** Team of the certificate; absent: it has none. */
  team?: string | undefined;
  identifier: string;
  /** Of programs alone. */
  hardenedRuntime: boolean;
  /** Text of a property list; absent: none at all. */
  entitlements?: string | undefined;
}

/** Pure. Why the signature of a file, as our reader reads it, is not the wanted one; `undefined` when it is, for every architecture. */
export function problemOfSignature(code: CodeReading, wanted: WantedSignature): string | undefined {
  if (code?.kind !== 'macho') return code?.kind === 'broken' ? code.reason : 'it is no Mach-O file any more';
  return code.slices.map((slice) => problemOfSlice(slice, wanted)).find((problem) => problem !== undefined);
}

function problemOfSlice({ signature, type, architecture }: CodeSlice, wanted: WantedSignature): string | undefined {
  if (signature.state !== 'read') return signature.state === 'unsigned' ? `it is not signed (${architecture})` : signature.reason;
  const { verification } = signature;
  const [problem] = verification.problems;
  if (problem) return problem.message;
  const { flagNames, identifier, teamId } = codeDirectoryOf(verification);
  if (identifier !== wanted.identifier) return `it names \`${identifier}\`, expected \`${wanted.identifier}\``;
  const runtime = flagNames.includes('runtime');
  if (type === 'executable' && runtime !== wanted.hardenedRuntime)
    return runtime ? 'it asks for the hardened runtime' : 'it does not ask for the hardened runtime';
  const [has, wants] = [verification.signature.entitlements ?? NO_ENTITLEMENTS, wanted.entitlements ?? NO_ENTITLEMENTS].map(comparable);
  if (has !== wants) return `its entitlements are ${has}, expected ${wants}`;
  if (wanted.fingerprint === undefined) return verification.kind === 'ad-hoc' ? undefined : `it is ${verification.kind}, expected ad-hoc`;
  if (verification.kind !== 'certificate') return `nobody has signed it (${verification.kind})`;
  const { chain, timestamp } = verification.signer!;
  const leaf = chain[0]!;
  if (certificateDigest(leaf.der) !== wanted.fingerprint) return `it is by ${certificateDigest(leaf.der)} (${leaf.subject.text})`;
  if (teamId !== wanted.team) return `it is of team ${teamId ?? 'none'}, expected ${wanted.team ?? 'none'}`;
  return timestamp?.kind === 'rfc3161' ? undefined : 'it has no timestamp';
}
