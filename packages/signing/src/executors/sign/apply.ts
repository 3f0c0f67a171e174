import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { distFolder, type Artifact } from '@waybill/artifacts';
import { hashBytes } from '@waybill/core';
import type { StageContext, StageResult } from '@waybill/plugin-kit';
import type { DetachedSigner, SignedFile } from '../../backends';
import { signingErrors } from '../../errors/signing-errors';
import { earlierSignature } from '../../verifying/earlier-signature';
import { signedFile } from '../../verifying/read-checked';
import { secondOpinion, type Opinion } from '../../verifying/second-opinion';
import type { SignOptions } from './options';
import type { SignPlan } from './plan';

type Context = StageContext<SignOptions>;

interface Signed {
  artifact: Artifact;
  of: string;
  time?: number;
  kept: boolean;
  opinion: Opinion;
}

/** Signs each file, or keeps the signature of an earlier run; every one is verified before it is recorded. */
export async function applySign(context: Context, plan: SignPlan, outputDir: string): Promise<StageResult> {
  plan.warnings.forEach((line) => context.progress.warn(line));
  const signed: Signed[] = [];
  for (const entry of plan.signatures) {
    signed.push(await context.progress.step(`sign ${entry.of.name}`, () => signOne(context, plan.signer!, entry, outputDir)));
  }
  const { backend } = context.options;
  const { signer } = plan;
  return {
    outcome: plan.skip === undefined ? 'success' : 'skipped',
    artifacts: signed.map(({ artifact }) => artifact),
    facts: {
      signatures: signed.map(({ artifact, of, time }) => ({
        name: artifact.name,
        of,
        backend: backend!,
        fingerprint: signer!.fingerprint,
        publicKey: signer!.publicKey,
        ...(time !== undefined && { time }),
      })),
      ...plan.reasons,
    },
    findings: [],
    report: {
      ...(signer && { publicKey: signer.publicKey }),
      signatures: signed.map(({ artifact, kept, opinion }) => ({
        name: artifact.name,
        kept,
        verifiedBy: ['waybill', ...(opinion.held ? [opinion.by] : [])],
        ...(!opinion.held && { notVerifiedBy: opinion.by }),
      })),
    },
    summary: summaryOf(plan, signed),
  };
}

function summaryOf({ signer, skip }: SignPlan, signed: readonly Signed[]): readonly string[] {
  if (skip !== undefined) return [`UNSIGNED (${skip.replace(/^unsigned: /, '')})`];
  const lines = signed.map(
    ({ artifact, kept, opinion }) =>
      `${artifact.name} ${kept ? 'kept' : 'made'}, verified${opinion.held ? ` also by ${opinion.by}` : ` (${opinion.by})`}`,
  );
  return [...lines, `signer ${signer!.fingerprint}`];
}

async function signOne(
  context: Context,
  signer: DetachedSigner,
  { of, signature }: SignPlan['signatures'][number],
  outputDir: string,
): Promise<Signed> {
  const file = signedFile(of);
  const earlier = join(context.workspaceRoot, distFolder(context.projectRoot, context.targetName), signature.path);
  const kept = await earlierSignature(earlier, signer, file);
  const bytes = kept ?? (await signer.sign(file));
  const { time } = await verifyOwn(signer, file, bytes);
  const opinion = await secondOpinion(
    signer,
    { name: of.name, file: of.file, signature: bytes },
    { processes: context.processes, environment: context.toolEnvironment },
  );
  const path = join(outputDir, signature.path);
  await writeFile(path, bytes);
  await chmod(path, 0o644);
  const digest = `sha256:${of.sha256}`;
  const artifact: Artifact = { ...signature, size: bytes.length, sha256: hashBytes(bytes), madeFrom: [digest] };
  return { artifact, of: digest, ...(time !== undefined && { time }), kept: kept !== undefined, opinion };
}

/** By the reader of `@waybill/signatures`, from the public key alone, as a consumer will. */
async function verifyOwn(signer: DetachedSigner, file: SignedFile, bytes: Uint8Array): Promise<{ time?: number }> {
  const verdict = await signer.format.verify(bytes, signer.publicKey, file.content());
  const refuse = (reason: string): never => {
    throw signingErrors.error('SIGN_VERIFY', { name: file.name, by: '`@waybill/verify`', reason });
  };
  if (!verdict.ok) return refuse(verdict.message);
  if (verdict.fingerprint !== signer.fingerprint) return refuse(`it is by ${verdict.fingerprint}`);
  if (!verdict.signature.canonical) return refuse('it is not in its canonical form');
  return verdict.signature.time === undefined ? {} : { time: verdict.signature.time };
}
