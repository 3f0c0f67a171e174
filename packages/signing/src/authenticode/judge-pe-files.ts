import type { Certificate, SignatureProblemCode } from '@waybill/binary';
import { matchGlob } from '@waybill/relocation';
import { fingerprintOf, problemOfSignature, type PeFile } from './read-pe-file';

export interface ReplaceRule {
  glob: string;
  reason: string;
}

/** A signature that was there before. */
export interface ForeignSignature {
  path: string;
  signer: string;
  /** SHA-256 of the certificate, lower-case hex. */
  fingerprint: string;
}

export interface PeDecisions {
  /** To sign: deepest first, what users start last. */
  sign: readonly { path: string; digest: string }[];
  /** Foreign signatures that hold and stay. */
  foreign: readonly ForeignSignature[];
  /** Signatures that go, and why. */
  replaced: readonly { path: string; signer?: string; why: string }[];
  /** Signed by the same certificate before it came here. */
  ours: readonly string[];
  /** Rules that no foreign signature fits. */
  idleRules: readonly ReplaceRule[];
}

/** Pure. What happens to each PE file of a tree; `last` are paths of what users start. */
export function judgePeFiles(
  files: readonly { path: string; pe: PeFile }[],
  { fingerprint, replace, last }: { fingerprint: string; replace: readonly ReplaceRule[]; last: readonly string[] },
): PeDecisions {
  const used = new Set<ReplaceRule>();
  const decisions = files.map(({ path, pe }) => ({ path, digest: pe.digest, ...decide(path, pe, fingerprint, replace, used) }));
  const depth = (path: string): number => path.split('/').length;
  const rank = (path: string): number => last.indexOf(path) + 1;
  const sign = decisions.filter(({ keep }) => keep === undefined).map(({ path, digest }) => ({ path, digest }));
  return {
    sign: sign.sort((a, b) => rank(a.path) - rank(b.path) || depth(b.path) - depth(a.path) || (a.path < b.path ? -1 : 1)),
    foreign: decisions.flatMap(({ keep }) => (keep && keep !== 'ours' ? [keep] : [])),
    ours: decisions.filter(({ keep }) => keep === 'ours').map(({ path }) => path),
    replaced: decisions.flatMap(({ path, why, signer }) => (why === undefined ? [] : [{ path, ...(signer !== undefined && { signer }), why }])),
    idleRules: replace.filter((rule) => !used.has(rule)),
  };
}

interface Decision {
  keep?: 'ours' | ForeignSignature;
  /** Set when a signature goes. */
  why?: string;
  signer?: string;
}

/** Of a first signature for older systems, behind which a newer one stands. Windows goes by the first: any other fault of it counts. */
const WEAKNESSES: ReadonlySet<string> = new Set<SignatureProblemCode>(['weak-digest', 'weak-key']);

function decide(path: string, pe: PeFile, fingerprint: string, replace: readonly ReplaceRule[], used: Set<ReplaceRule>): Decision {
  const { verification } = pe;
  if ('malformed' in verification) return { why: `it could not be read: ${verification.malformed}` };
  const [primary] = verification.signatures;
  if (!primary) return {};
  if (problemOfSignature(pe, { fingerprint, digest: pe.digest }) === undefined) return { keep: 'ours' };
  const good = verification.signatures.find(({ problems }) => problems.length === 0);
  const faults = good ? primary.problems.filter(({ code }) => !WEAKNESSES.has(code)) : primary.problems;
  const [problem] = [...verification.problems, ...faults];
  const leaf = (problem ? primary : good!).signer?.chain[0];
  const signer = leaf?.subject.text;
  const named = signer === undefined ? {} : { signer };
  if (problem) return { why: `it does not hold: ${problem.message}`, ...named };
  if (leaf === undefined || fingerprintOf(leaf) === fingerprint)
    return { why: 'it is by the same certificate, without a timestamp that holds', ...named };
  if (isSelfSigned(leaf)) return { why: 'its certificate was signed by itself: nobody trusts it', ...named };
  const rule = replace.find(({ glob }) => matchGlob(glob, path));
  if (!rule) return { keep: { path, signer: leaf.subject.text, fingerprint: fingerprintOf(leaf) } };
  used.add(rule);
  return { why: rule.reason, ...named };
}

const isSelfSigned = ({ issuer, subject }: Certificate): boolean => Buffer.from(issuer.der).equals(subject.der);
