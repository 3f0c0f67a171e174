import type { ArtifactRecord, Json } from '@waybill/artifacts';
import type { UpstreamArtifact, UpstreamRecord } from '@waybill/plugin-kit';
import { CHECKS, reaches, type IsolationClass } from '@waybill/relocation';

export interface ProofPolicy {
  /** Default: `namespace` for Linux, `copy` elsewhere. */
  minIsolation?: IsolationClass | undefined;
  /** Checks that must have run; all others must at least have said why they did not. */
  checks: readonly string[];
}

/** What speaks against signing these bundles, one line each: no proof of these very bytes, a red one, one that is weaker than the policy. */
export function judgeProof(artifacts: readonly UpstreamArtifact[], records: readonly UpstreamRecord[], policy: ProofPolicy): readonly string[] {
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
      return ofIt.flatMap(({ target, record }) =>
        problemsOf(record, artifact, policy).map((problem) => `\`${artifact.name}\`: ${problem} in \`${target}\``),
      );
    });
}

const texts = (value: Json | undefined): readonly string[] => (Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []);

function problemsOf({ facts }: ArtifactRecord, { platform = '' }: UpstreamArtifact, policy: ProofPolicy): readonly string[] {
  const minimum = policy.minIsolation ?? (platform.startsWith('linux') ? 'namespace' : 'copy');
  const run = texts(facts['checksRun']);
  const explained = (Array.isArray(facts['checksSkipped']) ? facts['checksSkipped'] : []).map(
    (entry) => (entry as { check?: unknown } | null)?.check,
  );
  const silent = CHECKS.filter((row) => !('onDemand' in row) && !run.includes(row.id) && !explained.includes(row.id)).map(({ id }) => id);
  const missing = policy.checks.filter((check) => !run.includes(check));
  return [
    ...(facts['verdict'] === 'passed' ? [] : [`the verdict is ${String(facts['verdict'])}`]),
    ...(reaches(String(facts['isolation']), minimum) ? [] : [`isolation was ${String(facts['isolation'])}, expected at least ${minimum}`]),
    ...(silent.length === 0 ? [] : [`the checks ${silent.join(', ')} were left out`]),
    ...(missing.length === 0 ? [] : [`the checks ${missing.join(', ')} did not run`]),
  ];
}

/** Findings that the proofs of these bundles were told to accept, for people: `app.tar.gz: rpath at lib/x.so (reason)`. */
export function permitsOf(artifacts: readonly UpstreamArtifact[], records: readonly UpstreamRecord[]): readonly string[] {
  const digests = new Set(artifacts.map(({ sha256 }) => `sha256:${sha256}`));
  return records
    .filter(({ record }) => record.stage.startsWith('smoke') && texts(record.facts['tested']).some((digest) => digests.has(digest)))
    .flatMap(({ target, record }) =>
      (Array.isArray(record.facts['allow']) ? record.facts['allow'] : []).map((entry) => {
        const { check, path, reason } = entry as Record<string, Json>;
        return `\`${target}\` accepted ${String(check)} at \`${String(path)}\`: ${String(reason)}`;
      }),
    );
}
