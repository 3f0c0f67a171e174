import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RECORD_FILE, renderRelease, renderSums, type Artifact } from '@waybill/artifacts';
import { hashBytes, hashDigests, hashFiles, type DigestAlgorithm, type FileDigests } from '@waybill/core';
import { namesVersion, type Git, type StageContext, type StageResult } from '@waybill/plugin-kit';
import { neverStartedOf } from '@waybill/relocation';
import { releaseErrors } from '../../errors/release-errors';
import { foldersOf, readTree } from '../../publishing/read-changes';
import { ownVersion } from '../../own-version';
import type { ChecksumOptions } from './options';
import type { ChecksumFacts, ChecksumPlan } from './plan';

type Context = StageContext<ChecksumOptions>;

const PUBLISH = '@waybill/release:publish';

/** Commit, tag and records. Outside of git there is neither commit nor tag. */
export async function gatherChecksum(context: Context): Promise<ChecksumFacts> {
  const { processes, workspaceRoot, toolEnvironment, upstreamRecords } = context;
  const git: Git = { processes, workspaceRoot, environment: toolEnvironment };
  const folders = context.projectTargets.filter(({ executor }) => executor === PUBLISH).flatMap(({ options }) => foldersOf(options));
  const made = upstreamRecords.every(({ planned }) => !planned) ? upstreamRecords : [];
  const [tree, records] = await Promise.all([
    readTree(git, context.tagForms, folders),
    hashFiles(made.map(({ folder }) => join(folder, RECORD_FILE))),
  ]);
  const tag = tree?.tags.find(namesVersion(context.version))?.tag;
  return {
    ...(tree && { commit: tree.commit }),
    ...(tag !== undefined && { tag }),
    ...(tree && tree.changes.length > 0 && { dirty: true as const }),
    recordDigests: records.map(({ digests }) => digests.sha256!),
    waybill: await ownVersion(),
  };
}

/** Writes release.json and the sums files. The sha256 of each file was compared with its record just before; other algorithms read it again. */
export async function applyChecksum(context: Context, plan: ChecksumPlan, outputDir: string): Promise<StageResult> {
  const digests = await digestsOf(context, plan);
  const text = renderRelease(plan.description);
  await writeFile(join(outputDir, plan.releaseFile), text);
  const ofRelease = hashDigests(Buffer.from(text), context.options.algorithms);
  const madeFrom = plan.files.map(({ sha256 }) => `sha256:${sha256}`);
  const artifact = (name: string, kind: Artifact['kind'], content: string): Artifact => {
    return { name, path: name, kind, ships: true, size: Buffer.byteLength(content), sha256: hashBytes(content), madeFrom };
  };
  const artifacts = [artifact(plan.releaseFile, 'delivery', text)];
  const { allowUnproved, proof } = context.options;
  const staticOnly = neverStartedOf(plan.files, context.upstreamRecords, proof);
  for (const { algorithm, name } of plan.sums) {
    const sums = renderSums([
      ...plan.files.map((file, index) => ({ name: file.name, digest: digests[index]!.digests[algorithm]! })),
      { name: plan.releaseFile, digest: ofRelease[algorithm]! },
    ]);
    await writeFile(join(outputDir, name), sums);
    artifacts.push(artifact(name, 'checksums', sums));
  }
  return {
    outcome: 'success',
    artifacts,
    facts: { ...recordFacts(plan), ...(allowUnproved !== undefined && { allowUnproved }), ...(staticOnly.length > 0 && { staticOnly }) },
    findings: plan.remarks,
    summary: summaryOf(plan, context.options.algorithms),
  };
}

async function digestsOf({ options, progress }: Context, { files }: ChecksumPlan): Promise<readonly FileDigests[]> {
  if (options.algorithms.length === 1) return files.map(({ size, sha256 }) => ({ size, digests: { sha256 } }));
  const paths = files.map(({ file }) => file);
  const hashed = await progress.step('hash', () => hashFiles(paths, { algorithms: options.algorithms }));
  files.forEach(({ name, project, target, sha256 }, index) => {
    const actual = hashed[index]!.digests.sha256!;
    if (actual !== sha256) throw releaseErrors.error('CHECKSUM_CHANGED', { name, run: `${project}:${target}`, expected: sha256, actual });
  });
  return hashed;
}

/** For sign-checksums and publish. */
function recordFacts({ description, sums, releaseFile }: ChecksumPlan): StageResult['facts'] {
  const { commit, tag, dirty, proofs, unsigned } = description;
  return {
    ...(commit !== undefined && { commit }),
    ...(tag !== undefined && { tag }),
    ...(dirty && { dirty }),
    releaseFile,
    sums: sums.map(({ algorithm, name }) => ({ algorithm, name })),
    proofs: proofs.map(({ target, verdict }) => ({ target, verdict })),
    unsigned: unsigned.map(({ target, reason }) => ({ target, reason })),
  };
}

function summaryOf({ files, description, sums }: ChecksumPlan, algorithms: readonly DigestAlgorithm[]): readonly string[] {
  const { commit, tag, dirty, proofs } = description;
  const origin =
    commit === undefined
      ? 'no git commit'
      : `commit ${commit.slice(0, 12)}${dirty ? ' with changes' : ''}, ${tag === undefined ? 'no release tag' : `tag ${tag}`}`;
  return [
    ...proofs.map(({ target, verdict, isolation, checksRun }) => `${target}: ${verdict} (${checksRun.length} checks, isolation ${isolation})`),
    `${files.length} ${files.length === 1 ? 'file' : 'files'} and release.json summed with ${algorithms.join(', ')}: ${sums.map(({ name }) => name).join(', ')}`,
    origin,
  ];
}
