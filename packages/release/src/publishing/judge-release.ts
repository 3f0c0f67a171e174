import { parseSums } from '@waybill/artifacts';
import type { Finding } from '@waybill/core';
import type { UpstreamArtifact, UpstreamRecord } from '@waybill/plugin-kit';
import { judgeProof, neverStartedOf, permitsOf, type ProofPolicy } from '@waybill/relocation';
import { publishErrors } from '../errors/publish-errors';
import { proofsOf, unsignedOf } from '../executors/checksum/read-proofs';
import type { NamedDestination } from './choose-destinations';

/** What of git counts. All absent outside of a repository. */
export interface GitFacts {
  commit?: string;
  /** The tag at HEAD that fits the version. */
  tag?: string;
  /** Tags at HEAD that name other versions. */
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
  /** The sha256 sums file of checksum, with its text; absent in a dry run that made none. */
  sums?: { artifact: UpstreamArtifact; text: string };
}

/** What was made by checksum and behind it, or is no part of the sums. */
const NEVER_SUMMED: ReadonlySet<string> = new Set(['checksums', 'signature']);

/**
 * The gates before any destination is asked: sums that fit the files, proofs of what ships, a signature, a clean tree, the commit that was summed.
 * The last three bind destinations that are open to others; for a folder they are warnings. Pure; throws `PUBLISH_…`.
 */
export function judgeRelease(facts: ReleaseFacts, chosen: readonly NamedDestination[]): readonly Finding[] {
  const remote = chosen.filter((destination) => destination.remote).map(({ id }) => id);
  const sums = judgeSums(facts);
  return [...judgeProofs(facts, remote), ...judgeSignature(facts, sums, remote), ...judgeTree(facts, remote), ...remarksOnTags(facts.git)];
}

function judgeSums({ sums, files, projectName, targetName, records }: ReleaseFacts): UpstreamArtifact {
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
  if (problems.length > 0) throw publishErrors.error('PUBLISH_SUMS', { sums: artifact.name, problems, run });
  return artifact;
}

/**
 * Bundles that ship were proved, these very bytes, and the proof is green and as strong as the policy asks. That there is none at all binds destinations
 * that are open to others alone.
 */
function judgeProofs({ files, records, proof, allowUnproved }: ReleaseFacts, remote: readonly string[]): readonly Finding[] {
  const finding = (level: Finding['level'], message: string): Finding => ({ check: 'proof', level, message });
  const problems = judgeProof(files, records, proof);
  const permits = permitsOf(files, records).map((permit) => finding('info', permit));
  const isLocalTrial = remote.length === 0 && proofsOf(records).length === 0;
  if (problems.length > 0 && allowUnproved === undefined && !isLocalTrial) throw publishErrors.error('PUBLISH_PROOF', { problems });
  const why = allowUnproved === undefined ? '' : `; published nevertheless: ${allowUnproved}`;
  const neverStarted = neverStartedOf(files, records, proof).map((text) => finding('warning', text));
  return [...problems.map((problem) => finding('warning', `${problem}${why}`)), ...neverStarted, ...permits];
}

function judgeSignature({ files, records, projectName }: ReleaseFacts, sums: UpstreamArtifact, remote: readonly string[]): readonly Finding[] {
  const signed = files.some(({ kind, madeFrom }) => kind === 'signature' && madeFrom.includes(`sha256:${sums.sha256}`));
  if (signed) return [];
  const reasons = unsignedOf(records.filter(({ project, record }) => project === projectName && record.stage === 'sign-checksums'));
  if (remote.length > 0 && reasons.length === 0) throw publishErrors.error('PUBLISH_UNSIGNED', { sums: sums.name, destinations: remote });
  const why = reasons.length === 0 ? 'there is no signature' : reasons.map(({ target, reason }) => `${target} let it through: ${reason}`).join('; ');
  return [{ check: 'signature', level: 'warning', path: sums.name, message: `the sums are not signed; ${why}` }];
}

function judgeTree({ git, records, projectName }: ReleaseFacts, remote: readonly string[]): readonly Finding[] {
  const summed = records.find(({ project, record }) => project === projectName && record.stage === 'checksum')?.record.facts;
  const wasDirty = summed?.['dirty'] === true;
  const changes = wasDirty && git.changes.length === 0 ? ['the tree had changes when the files were summed'] : git.changes;
  if (remote.length > 0 && changes.length > 0) throw publishErrors.error('PUBLISH_DIRTY', { destinations: remote, changes: changes.slice(0, 20) });
  const [expected, actual] = [summed?.['commit'], git.commit];
  const moved = typeof expected === 'string' && actual !== undefined && expected !== actual;
  if (moved && remote.length > 0) throw publishErrors.error('PUBLISH_COMMIT', { expected, actual });
  const warn = (message: string): Finding => ({ check: 'tree', level: 'warning', message });
  return [
    ...(changes.length > 0 ? [warn(`the tree has changes that no commit holds (${changes.length})`)] : []),
    ...(moved ? [warn(`the files were summed at commit ${expected.slice(0, 12)}, and ${actual.slice(0, 12)} is checked out`)] : []),
  ];
}

const remarksOnTags = ({ tag, otherTags }: GitFacts): readonly Finding[] =>
  tag === undefined && otherTags.length > 0
    ? [{ check: 'tag', level: 'warning', message: `no tag at HEAD names this version; there is ${otherTags.join(', ')}` }]
    : [];
