import { RELEASE_SCHEMA, SUMS_ALGORITHMS, checkFileName, compareBytewise, distFolder, type ReleaseDescription } from '@waybill/artifacts';
import type { DigestAlgorithm, Finding } from '@waybill/core';
import type { StageContext, StagePlan, UpstreamArtifact } from '@waybill/plugin-kit';
import { releaseErrors } from '../../errors/release-errors';
import { findSubjects, type Subjects } from './find-subjects';
import { platformFault, proofFault, remarks, sdistFault, versionFault } from './judge-completeness';
import { manifestFault, orderFault, signatureFault, signedBy } from './judge-order';
import type { ChecksumOptions } from './options';
import { proofsOf, toolsOf, unsignedOf } from './read-proofs';

/** What of the world goes into release.json. */
export interface ChecksumFacts {
  commit?: string;
  tag?: string;
  dirty?: true;
  /** Digests of the records, in the order of `upstreamRecords`; none in a dry run. */
  recordDigests: readonly string[];
  waybill: string;
}

export interface ChecksumPlan extends StagePlan {
  files: readonly UpstreamArtifact[];
  sums: readonly { algorithm: DigestAlgorithm; name: string }[];
  releaseFile: string;
  description: ReleaseDescription;
  remarks: readonly Finding[];
}

type Context = StageContext<ChecksumOptions>;

/** Pure. Refuses (`CHECKSUM_…`) what could not be summed honestly. In a dry run nothing is known of digests yet: only names and order count. */
export function planChecksum(context: Context, facts: ChecksumFacts): ChecksumPlan {
  const { options, projectName, targetName, projectRoot, upstreamRecords, dryRun } = context;
  const subjects = findSubjects(context);
  const target = `${projectName}:${targetName}`;
  if (subjects.files.length === 0) {
    throw releaseErrors.error('CHECKSUM_NOTHING', { target, records: upstreamRecords.map(({ project, target: name }) => `${project}:${name}`) });
  }
  const judged = dryRun
    ? []
    : [orderFault(upstreamRecords), signatureFault(subjects), manifestFault(subjects), sdistFault(subjects), proofFault(context, subjects)];
  const fault = [versionFault(context), platformFault(context, subjects), ...judged].find((found) => found !== undefined);
  if (fault) throw fault;
  const sums = options.algorithms.map((algorithm) => ({ algorithm, name: nameFrom(context, 'fileName', SUMS_ALGORITHMS[algorithm].label) }));
  const releaseFile = nameFrom(context, 'releaseFileName');
  refuseNameTwice(subjects, [releaseFile, ...sums.map(({ name }) => name)], target);
  const output = distFolder(projectRoot, targetName);
  return {
    files: [...subjects.files].sort((one, other) => compareBytewise(one.name, other.name)),
    sums,
    releaseFile,
    description: describe(
      context,
      facts,
      subjects,
      sums.map(({ name }) => name),
    ),
    remarks: remarks(context, subjects, unsignedOf(upstreamRecords)),
    artifacts: [
      ...sums.map(({ name }) => ({ name, path: name, kind: 'checksums' as const, ships: true })),
      { name: releaseFile, path: releaseFile, kind: 'delivery' as const, ships: true },
    ],
    lines: [
      ...subjects.files.map(({ name, target: by }) => `sum \`${name}\` of ${by}`),
      ...sums.map(({ name, algorithm }) => `write ${output}/${name} (${algorithm})`),
      `write ${output}/${releaseFile}`,
    ],
  };
}

function nameFrom({ options, name, version }: Context, option: 'fileName' | 'releaseFileName', algorithm?: string): string {
  const template = options[option];
  const values: Readonly<Record<string, string | undefined>> = { name, version, algorithm };
  const known = Object.keys(values).filter((key) => values[key] !== undefined);
  const rendered = template.replace(/\{([^{}]*)\}/g, (_, token: string) => {
    const value = Object.hasOwn(values, token) ? values[token] : undefined;
    if (value === undefined) throw releaseErrors.error('CHECKSUM_FILE_NAME', { option, template, token, known });
    return value;
  });
  return checkFileName(rendered, `option \`${option}\``);
}

function refuseNameTwice({ files, signatures }: Subjects, ours: readonly string[], target: string): void {
  const taken = new Map<string, string>();
  const names = [
    ...[...files, ...signatures].map(({ name, project, target: by }) => [name, `${project}:${by}`] as const),
    ...ours.map((name) => [name, target] as const),
  ];
  for (const [name, by] of names) {
    const one = taken.get(name.toLowerCase());
    if (one !== undefined) throw releaseErrors.error('CHECKSUM_NAME_TWICE', { name, one, other: by });
    taken.set(name.toLowerCase(), by);
  }
}

function describe(context: Context, facts: ChecksumFacts, { files, signatures }: Subjects, sums: readonly string[]): ReleaseDescription {
  const { upstreamRecords, projectName, name, version, sourceDateEpoch } = context;
  const namesOf = (digests: readonly string[]): string[] =>
    files.filter(({ sha256 }) => digests.includes(`sha256:${sha256}`)).map((file) => file.name);
  return {
    schema: RELEASE_SCHEMA,
    project: projectName,
    name,
    version,
    sourceDateEpoch,
    ...(facts.commit !== undefined && { commit: facts.commit }),
    ...(facts.tag !== undefined && { tag: facts.tag }),
    ...(facts.dirty && { dirty: facts.dirty }),
    tools: { waybill: facts.waybill, ...toolsOf(upstreamRecords) },
    sums,
    artifacts: files.map(({ name: file, kind, platform, size, sha256 }) => ({
      name: file,
      kind,
      ...(platform !== undefined && { platform }),
      size,
      sha256,
    })),
    signatures: signatures.map((signature) => ({
      name: signature.name,
      of: signedBy(signature, files)?.name ?? signature.name,
      sha256: signature.sha256,
    })),
    proofs: proofsOf(upstreamRecords).map(({ target, verdict, isolation, digests, checksRun, skipped, allow }) => ({
      target,
      verdict,
      isolation,
      tested: namesOf(digests),
      checksRun,
      checksSkipped: skipped,
      allow,
    })),
    unsigned: unsignedOf(upstreamRecords),
    records: facts.recordDigests.map((sha256, index) => {
      const { project, target, record } = upstreamRecords[index]!;
      return { project, target, stage: record.stage, sha256 };
    }),
  };
}
