import { CHECKS } from '../check-table';
import { reaches, type IsolationClass } from '../policy/isolation-tiers';

export interface ProofPolicy {
  /** Default: `namespace` for Linux, `copy` elsewhere. */
  minIsolation?: IsolationClass | undefined;
  /** Checks that must have run; all others must at least have said why they did not. */
  checks: readonly string[];
  /** Platforms whose bundles nobody can start here: the static checks are enough for them, and the reason is told. */
  staticOnly?: readonly { platform: string; reason: string }[] | undefined;
  /** The platform of this machine, which can start its own bundles: `staticOnly` excuses none of those. */
  host?: string | undefined;
}

/** An artifact of a release; bundles are looked at, the rest needs no proof. */
export interface ProvedArtifact {
  name: string;
  kind: string;
  platform?: string | undefined;
  sha256: string;
}

/** A record before this target; only those of `smoke` and `smoke-signed` count. */
export interface ProofRecord {
  target: string;
  /** Of a dry run: it says nothing yet. */
  planned: boolean;
  record: { stage: string; facts: Readonly<Record<string, unknown>> };
}

/** What speaks against signing, summing or publishing these bundles, one line each: no proof of these very bytes, a red one, none that is as strong as the policy. */
export function judgeProof(artifacts: readonly ProvedArtifact[], records: readonly ProofRecord[], policy: ProofPolicy): readonly string[] {
  const proofs = records.filter(({ record, planned }) => record.stage.startsWith('smoke') && !planned);
  const waiting = records.some(({ record, planned }) => record.stage.startsWith('smoke') && planned);
  return artifacts
    .filter(({ kind }) => kind === 'bundle-archive')
    .flatMap((artifact) => {
      const ofIt = proofs.filter(({ record }) => texts(record.facts['tested']).includes(`sha256:${artifact.sha256}`));
      if (ofIt.length === 0)
        return waiting
          ? []
          : [
              `\`${artifact.name}\`: ${proofs.length === 0 ? 'no smoke target before it' : `${proofs.map(({ target }) => `\`${target}\``).join(', ')} proved other bytes`}`,
            ];
      const judged = ofIt.map(({ target, record }) => ({ target, problems: problemsOf(record, artifact, policy) }));
      const isEnough = judged.some(({ problems }) => problems.length === 0);
      return judged.flatMap(({ target, problems }) =>
        problems.filter(({ weak }) => !weak || !isEnough).map(({ text }) => `\`${artifact.name}\`: ${text} in \`${target}\``),
      );
    });
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
const texts = (value: unknown): readonly string[] => listOf(value).filter((item) => typeof item === 'string');

interface Permit {
  check?: unknown;
  path?: unknown;
  reason?: unknown;
}

const permitsIn = (facts: ProofRecord['record']['facts']): readonly Permit[] => listOf(facts['allow']).map((entry) => (entry ?? {}) as Permit);

interface ProofProblem {
  text: string;
  /** It proves too little, which another proof of the same bytes makes good. */
  weak: boolean;
}

const notStarted = ({ platform }: ProvedArtifact, { staticOnly = [], host }: ProofPolicy): { reason: string } | undefined =>
  isOfHost(platform, host) ? undefined : staticOnly.find((entry) => entry.platform === platform);

const isOfHost = (platform: string | undefined, host: string | undefined): boolean =>
  host !== undefined && (platform === host || (platform === 'macos-universal2' && host.startsWith('macos-')));

/** Said beside what is too weak: nobody finds out by himself why the entry did not help. */
const inVain = ({ platform }: ProvedArtifact, { staticOnly = [], host }: ProofPolicy): string =>
  isOfHost(platform, host) && staticOnly.some((entry) => entry.platform === platform)
    ? ` (\`staticOnly\` does not count for ${platform!}: this machine is one, and can start it)`
    : '';

function problemsOf({ facts }: ProofRecord['record'], artifact: ProvedArtifact, policy: ProofPolicy): readonly ProofProblem[] {
  const { platform = '' } = artifact;
  const onlyStatic = notStarted(artifact, policy) !== undefined;
  const vain = inVain(artifact, policy);
  const minimum = policy.minIsolation ?? (platform.startsWith('linux') ? 'namespace' : 'copy');
  const run = texts(facts['checksRun']);
  const explained = listOf(facts['checksSkipped']).map((entry) => (entry as { check?: unknown } | null)?.check);
  const silent = CHECKS.filter(
    (row) => !('onDemand' in row) && (row.kind === 'static' || !onlyStatic) && !run.includes(row.id) && !explained.includes(row.id),
  ).map(({ id }) => id);
  const missing = policy.checks.filter((check) => !run.includes(check));
  const unreasoned = permitsIn(facts).filter(({ reason }) => typeof reason !== 'string' || reason.trim() === '');
  return [
    ...(facts['verdict'] === 'passed' ? [] : [wrong(`the verdict is ${String(facts['verdict'])}`)]),
    ...(onlyStatic || reaches(String(facts['isolation']), minimum)
      ? []
      : [tooWeak(`isolation was ${String(facts['isolation'])}, expected at least ${minimum}${vain}`)]),
    ...(silent.length === 0 ? [] : [tooWeak(`the checks ${silent.join(', ')} were left out${vain}`)]),
    ...(missing.length === 0 ? [] : [tooWeak(`the checks ${missing.join(', ')} did not run`)]),
    ...unreasoned.map(({ check, path }) => wrong(`a finding of ${String(check)} at \`${String(path)}\` was let pass without a reason`)),
  ];
}

const wrong = (text: string): ProofProblem => ({ text, weak: false });
const tooWeak = (text: string): ProofProblem => ({ text, weak: true });

/** Findings that the proofs of these bundles were told to accept, for people: `app.tar.gz: rpath at lib/x.so (reason)`. */
export function permitsOf(artifacts: readonly ProvedArtifact[], records: readonly ProofRecord[]): readonly string[] {
  const digests = new Set(artifacts.map(({ sha256 }) => `sha256:${sha256}`));
  return records
    .filter(({ record }) => record.stage.startsWith('smoke') && texts(record.facts['tested']).some((digest) => digests.has(digest)))
    .flatMap(({ target, record }) =>
      permitsIn(record.facts).map(({ check, path, reason }) => `\`${target}\` accepted ${String(check)} at \`${String(path)}\`: ${String(reason)}`),
    );
}

/** Bundles that were checked, all in order, and never started, because the policy says why that is enough, for people. */
export function neverStartedOf(artifacts: readonly ProvedArtifact[], records: readonly ProofRecord[], policy: ProofPolicy): readonly string[] {
  const { staticOnly: _, ...full } = policy;
  return artifacts.flatMap((artifact) => {
    const allowed = notStarted(artifact, policy);
    if (allowed === undefined || judgeProof([artifact], records, policy).length > 0) return [];
    return judgeProof([artifact], records, full).length === 0 ? [] : [`\`${artifact.name}\` was checked, but never started: ${allowed.reason}`];
  });
}
