import type { Finding, WaybillError } from '@waybill/core';
import type { UpstreamRecord } from '@waybill/plugin-kit';
import { releaseErrors } from '../../errors/release-errors';
import { judgeProof, neverStartedOf } from '@waybill/relocation';
import type { Subjects } from './find-subjects';
import type { ChecksumOptions } from './options';
import { proofsOf } from './read-proofs';

const PACKAGE_EXECUTOR = '@waybill/bundle:package-dist';

interface Situation {
  projectName: string;
  targetName: string;
  version: string;
  projectTargets: readonly { target: string; executor: string }[];
  upstreamRecords: readonly UpstreamRecord[];
}

/** Every chain of the project must have given something that ships; what is missing is named by the chain's first target. */
export function platformFault(situation: Situation, { files }: Subjects): WaybillError | undefined {
  const { projectName, targetName, projectTargets, upstreamRecords } = situation;
  const chains = projectTargets.filter(({ executor }) => executor === PACKAGE_EXECUTOR).map(({ target }) => target);
  const missing = chains.filter((chain) => {
    const head = upstreamRecords.find(({ project, target }) => project === projectName && target === chain);
    // By name: whoever signs keeps it. By platform: a disk image made of a bundle has another.
    const made = head?.record.artifacts.filter(({ kind }) => kind === 'bundle-archive' || kind === 'bundle-folder') ?? [];
    return !files.some(
      ({ name, platform, target }) =>
        target === chain || made.some((one) => one.name === name || (platform !== undefined && one.platform === platform)),
    );
  });
  if (missing.length === 0) return undefined;
  const dependsOn = upstreamRecords.map(({ target }) => target);
  return releaseErrors.error('CHECKSUM_PLATFORM_MISSING', { target: `${projectName}:${targetName}`, missing: missing.sort(), dependsOn });
}

/** Records of several machines are of one release. */
export function versionFault({ projectName, version, upstreamRecords }: Situation): WaybillError | undefined {
  const odd = upstreamRecords.find(({ project, record }) => project === projectName && record.version !== version);
  if (!odd) return undefined;
  return releaseErrors.error('CHECKSUM_VERSION', { target: `${odd.project}:${odd.target}`, expected: version, actual: odd.record.version });
}

/** Wheels of several machines are of one release when they were made from the one sdist that ships. One that is made from a tree names none. */
export function sdistFault({ files }: Subjects): WaybillError | undefined {
  const sdists = files.filter(({ kind }) => kind === 'sdist');
  const digests = sdists.map(({ sha256 }) => `sha256:${sha256}`);
  const odd = files.find(
    ({ kind, record, madeFrom }) => kind === 'wheel' && record.facts['fromSdist'] === true && !madeFrom.some((digest) => digests.includes(digest)),
  );
  if (sdists.length === 0 || odd === undefined) return undefined;
  const { name, madeFrom } = odd;
  return releaseErrors.error('CHECKSUM_SDIST', { name, target: `${odd.project}:${odd.target}`, madeFrom, sdists });
}

/** Proofs that failed or are weaker than the policy, and archives that ship in other bytes than those that were proved. */
export function proofFault(
  { upstreamRecords, options }: Pick<Situation, 'upstreamRecords'> & { options: Pick<ChecksumOptions, 'proof' | 'allowUnproved'> },
  { files }: Subjects,
): WaybillError | undefined {
  if (options.allowUnproved !== undefined) return undefined;
  const proofs = proofsOf(upstreamRecords);
  const failed = proofs.find(({ verdict }) => verdict !== 'passed');
  if (failed) return releaseErrors.error('CHECKSUM_PROOF_FAILED', { run: failed.run, verdict: failed.verdict });
  const unproved =
    proofs.length === 0
      ? undefined
      : files.find((file) => file.kind === 'bundle-archive' && !proofs.some(({ digests }) => digests.includes(`sha256:${file.sha256}`)));
  if (unproved) return releaseErrors.error('CHECKSUM_UNPROVED', { name: unproved.name, proofs: proofs.map(({ run }) => run) });
  const problems = proofs.length === 0 ? [] : judgeProof(files, upstreamRecords, options.proof);
  return problems.length === 0 ? undefined : releaseErrors.error('CHECKSUM_PROOF_WEAK', { problems });
}

/** What a reader of the release should know: no proof, checks that were left out, findings that were let pass, nothing signed. */
export function remarks(
  { upstreamRecords, options }: Pick<Situation, 'upstreamRecords'> & { options: Pick<ChecksumOptions, 'proof' | 'allowUnproved'> },
  { files }: Subjects,
  unsigned: readonly { target: string; reason: string }[],
): readonly Finding[] {
  const proofs = proofsOf(upstreamRecords);
  const bundles = files.filter(({ kind }) => kind === 'bundle-archive');
  const unproved =
    proofs.length > 0
      ? []
      : bundles.map(({ name }): Finding => ({
          check: 'proof',
          level: 'warning',
          path: name,
          message: 'it was not proved that this archive runs anywhere',
          fix: 'let checksum depend on `smoke-…` too',
        }));
  const neverStarted = neverStartedOf(files, upstreamRecords, options.proof);
  const nevertheless = options.allowUnproved === undefined || proofs.length === 0 ? [] : judgeProof(files, upstreamRecords, options.proof);
  return [
    ...unproved,
    ...nevertheless.map((problem): Finding => ({
      check: 'proof',
      level: 'warning',
      message: `${problem}; summed nevertheless: ${options.allowUnproved!}`,
    })),
    ...neverStarted.map((message): Finding => ({ check: 'proof', level: 'warning', message })),
    ...proofs.flatMap(({ target, skipped }) =>
      skipped.map(({ check, reason }): Finding => ({ check: 'proof', level: 'info', message: `${target} left out check ${check}: ${reason}` })),
    ),
    ...proofs.flatMap(({ target, allow }) =>
      allow.map(({ check, path, reason }): Finding => ({
        check: 'proof',
        level: 'info',
        path,
        message: `${target} let a finding of ${check} pass: ${reason}`,
      })),
    ),
    ...unsigned.map(({ target, reason }): Finding => ({
      check: 'signature',
      level: 'warning',
      message: `${target} let it through unsigned: ${reason}`,
    })),
  ];
}
