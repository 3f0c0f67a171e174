import { parseSums } from '@waybill/artifacts';
import type { Finding, WaybillError } from '@waybill/core';
import type { UpstreamArtifact, UpstreamRecord } from '@waybill/plugin-kit';
import { refuseFaults } from '@waybill/publishing';
import { judgeProof, neverStartedOf, permitsOf, type ProofPolicy } from '@waybill/relocation';
import { publishErrors } from '../errors/publish-errors';
import { proofsOf, unsignedOf } from '../executors/checksum/read-proofs';
import type { NamedDestination } from './choose-destinations';
import type { EarlyRelease } from './early-releases';

/** What of git counts. All absent outside of a repository. */
export interface GitFacts {
  commit?: string;
  /** The tag at HEAD that fits the version. */
  tag?: string;
  /** Where there is none: a tag of the version at another commit. */
  elsewhere?: { tag: string; commit: string };
  /** Tags at HEAD that name other versions, or none in a form that is known. */
  otherTags: readonly string[];
  /** Changed files and files that git neither knows nor ignores, as `git status` prints them. */
  changes: readonly string[];
}

export interface ReleaseFacts {
  projectName: string;
  targetName: string;
  files: readonly UpstreamArtifact[];
  records: readonly UpstreamRecord[];
  git: GitFacts;
  /** What the proof of an application must have been. */
  proof: ProofPolicy;
  /** Why it may be less. */
  allowUnproved?: string | undefined;
  /** Lines of nx.json by which Nx itself makes releases. */
  earlyReleases: readonly EarlyRelease[];
  /** The sha256 sums file of checksum, with its text; absent in a dry run that made none. */
  sums?: { artifact: UpstreamArtifact; text: string };
}

/** What was made by checksum and behind it, or is no part of the sums. */
const NEVER_SUMMED: ReadonlySet<string> = new Set(['checksums', 'signature']);

/**
 * The gates before any destination is asked: sums that fit the files, proofs of what ships, a signature, a clean tree, the commit that was summed.
 * The last three bind destinations that are open to others; for a folder they are warnings. Pure; throws `PUBLISH_…`, of several faults
 * `PUBLISH_PREFLIGHT` with all of them. Without sums nothing more can be said.
 */
export function judgeRelease(facts: ReleaseFacts, chosen: readonly NamedDestination[]): readonly Finding[] {
  const remote = chosen.filter((destination) => destination.remote).map(({ id }) => id);
  const { sums, faults } = judgeSums(facts);
  const gates = [judgeEarly(facts, chosen), judgeProofs(facts, remote), judgeSignature(facts, sums, remote), judgeTree(facts, remote)];
  refuseFaults([...faults, ...gates.flatMap((gate) => gate.faults)]);
  return [...gates.flatMap((gate) => gate.findings), ...remarksOnTags(facts.git)];
}

interface Gate {
  faults: readonly WaybillError[];
  findings: readonly Finding[];
}

function judgeSums({ sums, files, projectName, targetName, records }: ReleaseFacts): { sums: UpstreamArtifact; faults: readonly WaybillError[] } {
  const summed = records.find(({ project, record }) => project === projectName && record.stage === 'checksum');
  if (!sums || !summed) throw publishErrors.error('PUBLISH_NO_SUMS', { target: `${projectName}:${targetName}` });
  const { artifact, text } = sums;
  const run = `${artifact.project}:${artifact.target}`;
  const entries = new Map(parseSums(text, 'sha256', { path: artifact.name, run }).map(({ name, digest }) => [name, digest]));
  const ships = files.filter(({ kind }) => !NEVER_SUMMED.has(kind));
  const problems = [
    ...ships.filter(({ name }) => !entries.has(name)).map(({ name }) => `not summed: \`${name}\``),
    ...ships.flatMap(({ name, sha256 }) =>
      entries.has(name) && entries.get(name) !== sha256 ? [`other bytes: \`${name}\`, summed ${entries.get(name)!}, is ${sha256}`] : [],
    ),
    ...[...entries.keys()].filter((name) => !ships.some((file) => file.name === name)).map((name) => `summed and not there: \`${name}\``),
  ];
  return { sums: artifact, faults: problems.length === 0 ? [] : [publishErrors.error('PUBLISH_SUMS', { sums: artifact.name, problems, run })] };
}

/**
 * Bundles that ship were proved, these very bytes, and the proof is green and as strong as the policy asks. That there is none at all binds destinations
 * that are open to others alone.
 */
function judgeProofs({ files, records, proof, allowUnproved }: ReleaseFacts, remote: readonly string[]): Gate {
  const finding = (level: Finding['level'], message: string): Finding => ({ check: 'proof', level, message });
  const problems = judgeProof(files, records, proof);
  const permits = permitsOf(files, records).map((permit) => finding('info', permit));
  const isLocalTrial = remote.length === 0 && proofsOf(records).length === 0;
  const faults = problems.length > 0 && allowUnproved === undefined && !isLocalTrial ? [publishErrors.error('PUBLISH_PROOF', { problems })] : [];
  const why = allowUnproved === undefined ? '' : `; published nevertheless: ${allowUnproved}`;
  const neverStarted = neverStartedOf(files, records, proof).map((text) => finding('warning', text));
  return { faults, findings: [...problems.map((problem) => finding('warning', `${problem}${why}`)), ...neverStarted, ...permits] };
}

/** Where publish makes the release itself, Nx must not have made it public before. */
function judgeEarly({ earlyReleases }: ReleaseFacts, chosen: readonly NamedDestination[]): Gate {
  const ids = chosen.filter(({ option }) => option.type === 'github-release').map(({ id }) => id);
  const places = earlyReleases.map(({ place }) => place);
  return { faults: ids.length > 0 && places.length > 0 ? [publishErrors.error('PUBLISH_EARLY', { ids, places })] : [], findings: [] };
}

function judgeSignature({ files, records, projectName }: ReleaseFacts, sums: UpstreamArtifact, remote: readonly string[]): Gate {
  const signed = files.some(({ kind, madeFrom }) => kind === 'signature' && madeFrom.includes(`sha256:${sums.sha256}`));
  if (signed) return { faults: [], findings: [] };
  const reasons = unsignedOf(records.filter(({ project, record }) => project === projectName && record.stage === 'sign-checksums'));
  const isFault = remote.length > 0 && reasons.length === 0;
  const why = reasons.length === 0 ? 'there is no signature' : reasons.map(({ target, reason }) => `${target} let it through: ${reason}`).join('; ');
  return {
    faults: isFault ? [publishErrors.error('PUBLISH_UNSIGNED', { sums: sums.name, destinations: remote })] : [],
    findings: [{ check: 'signature', level: 'warning', path: sums.name, message: `the sums are not signed; ${why}` }],
  };
}

function judgeTree({ git, records, projectName }: ReleaseFacts, remote: readonly string[]): Gate {
  const summed = records.find(({ project, record }) => project === projectName && record.stage === 'checksum')?.record.facts;
  const wasDirty = summed?.['dirty'] === true;
  const changes = wasDirty && git.changes.length === 0 ? ['the tree had changes when the files were summed'] : git.changes;
  const [expected, actual] = [summed?.['commit'], git.commit];
  const moved = typeof expected === 'string' && actual !== undefined && expected !== actual;
  const isBound = remote.length > 0;
  const warn = (message: string): Finding => ({ check: 'tree', level: 'warning', message });
  const faults = [
    ...(isBound && changes.length > 0 ? [publishErrors.error('PUBLISH_DIRTY', { destinations: remote, changes: changes.slice(0, 20) })] : []),
    ...(isBound && moved ? [publishErrors.error('PUBLISH_COMMIT', { expected, actual })] : []),
  ];
  const findings = [
    ...(changes.length > 0 ? [warn(`the tree has changes that no commit holds (${changes.length})`)] : []),
    ...(moved ? [warn(`the files were summed at commit ${expected.slice(0, 12)}, and ${actual.slice(0, 12)} is checked out`)] : []),
  ];
  return { faults, findings };
}

const remarksOnTags = ({ tag, otherTags }: GitFacts): readonly Finding[] =>
  tag === undefined && otherTags.length > 0
    ? [{ check: 'tag', level: 'warning', message: `no tag at HEAD names this version; there is ${otherTags.join(', ')}` }]
    : [];
