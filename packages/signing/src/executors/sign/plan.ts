import type { PlannedArtifact, StageContext, StagePlan, UpstreamArtifact } from '@waybill/plugin-kit';
import { detachedSignatureFormats } from '@waybill/signatures';
import type { DetachedSigner } from '../../backends';
import { chooseArtifacts } from '../../choosing/choose-artifacts';
import { judgeProof, permitsOf } from '../../choosing/judge-proof';
import { signingErrors } from '../../errors/signing-errors';
import type { SignFacts } from './gather';
import type { SignOptions } from './options';

export interface SignPlan extends StagePlan {
  /** Empty when it goes on unsigned. */
  signatures: readonly { of: UpstreamArtifact; signature: PlannedArtifact }[];
  signer?: DetachedSigner;
  /** Reasons that were needed, by option; they stand in the record. */
  reasons: Readonly<Partial<Record<'allowUnsigned' | 'allowUnproved' | 'allowRemoteCache', string>>>;
  warnings: readonly string[];
}

type Context = StageContext<SignOptions>;

/** Pure. What is signed, and whether it may be: proof and origin are judged before the key is used. */
export function planSign(context: Context, { signer }: SignFacts): SignPlan {
  const { options } = context;
  const target = `${context.projectName}:${context.targetName}`;
  const chosen = chooseArtifacts(target, context.stage, options.artifacts, context.upstream);
  const unproved = judgeProof(chosen, context.upstreamRecords, options.proof);
  const foreign = context.remoteCache === undefined ? [] : context.upstreamRecords.filter(({ madeHere }) => !madeHere);
  const unsigned = signer === undefined && !context.dryRun;
  if (unproved.length > 0 && options.allowUnproved === undefined) throw signingErrors.error('SIGN_UNPROVED', { target, problems: unproved });
  if (foreign.length > 0 && options.allowRemoteCache === undefined && !context.dryRun) {
    const from = foreign.map((record) => `${record.project}:${record.target}`);
    throw signingErrors.error('SIGN_REMOTE_CACHE', { target, cache: context.remoteCache!, from });
  }
  const reasons = {
    ...(unsigned && { allowUnsigned: options.allowUnsigned! }),
    ...(unproved.length > 0 && { allowUnproved: options.allowUnproved! }),
    ...(foreign.length > 0 && options.allowRemoteCache !== undefined && { allowRemoteCache: options.allowRemoteCache }),
  };
  const signatures = unsigned || options.backend === undefined ? [] : chosen.map((of) => ({ of, signature: signatureOf(of, options.backend!) }));
  return {
    signatures,
    ...(signer && { signer }),
    reasons,
    warnings: warningsOf(context, signer, { ...reasons, unproved, permits: permitsOf(chosen, context.upstreamRecords) }),
    artifacts: signatures.map(({ signature }) => signature),
    lines: [...linesOf(context, signer), ...chosen.map((of) => lineOf(of, signatures))],
    ...(unsigned && { skip: `unsigned: ${options.allowUnsigned!}` }),
  };
}

function signatureOf({ name, platform }: UpstreamArtifact, backend: NonNullable<SignOptions['backend']>): PlannedArtifact {
  const file = `${name}${detachedSignatureFormats[backend].suffix}`;
  return { name: file, path: file, kind: 'signature', ...(platform !== undefined && { platform }), ships: true };
}

function lineOf(of: UpstreamArtifact, signatures: SignPlan['signatures']): string {
  const made = signatures.find((entry) => entry.of === of);
  return made ? `sign \`${of.name}\` of \`${of.target}\` as \`${made.signature.name}\`` : `leave \`${of.name}\` unsigned`;
}

function linesOf({ options: { backend, keyEnv } }: Context, signer: DetachedSigner | undefined): readonly string[] {
  if (signer) return [`key: ${backend!}, from the variable ${keyEnv!}: ${signer.fingerprint}`];
  return [keyEnv === undefined ? 'key: none' : `key: the variable ${keyEnv} is not set`];
}

function warningsOf(
  { options: { fingerprint } }: Context,
  signer: DetachedSigner | undefined,
  {
    allowUnsigned,
    allowUnproved,
    allowRemoteCache,
    unproved,
    permits,
  }: SignPlan['reasons'] & { unproved: readonly string[]; permits: readonly string[] },
): readonly string[] {
  return [
    ...(allowUnsigned === undefined ? [] : [`UNSIGNED: ${allowUnsigned}`]),
    ...(allowUnproved === undefined ? [] : [`not proved, signed nevertheless: ${allowUnproved}`, ...unproved]),
    ...(allowRemoteCache === undefined ? [] : [`may come from a remote cache, signed nevertheless: ${allowRemoteCache}`]),
    ...permits,
    ...(signer && fingerprint === undefined ? [`any key in the variable is taken: set \`fingerprint\` to ${signer.fingerprint}`] : []),
  ];
}
