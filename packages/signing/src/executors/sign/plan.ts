import type { PlannedArtifact, StageContext, StagePlan, UpstreamArtifact } from '@waybill/plugin-kit';
import { judgeProof, neverStartedOf, permitsOf } from '@waybill/relocation';
import { SIGNATURE_SUFFIXES, identityFingerprint } from '@waybill/signatures';
import type { AppleIdentity } from '../../apple/open-identity';
import type { SigningIdentity } from '../../authenticode/open-identity';
import { storeText } from '../../authenticode/signers/jsign';
import type { BackendId, DetachedSigner } from '../../backends';
import { chooseArtifacts } from '../../choosing/choose-artifacts';
import { findLaterWork } from '../../choosing/find-later-work';
import { signingErrors } from '../../errors/signing-errors';
import { manifestLine, plannedManifest } from '../../inside/archive-manifests';
import type { SignFacts } from './gather';
import type { SignOptions } from './options';

export interface SignPlan extends StagePlan {
  /** Empty when it goes on unsigned. */
  signatures: readonly { of: UpstreamArtifact; signature: PlannedArtifact }[];
  signer?: DetachedSigner;
  /** Authenticode, Apple: what is signed inside, under its own name; empty otherwise. */
  embedded: readonly UpstreamArtifact[];
  /** Those of them beside which a manifest of the archive is to lie. */
  listed: readonly UpstreamArtifact[];
  identity?: SigningIdentity;
  apple?: AppleIdentity;
  /** Reasons that were needed, by option; they stand in the record. */
  reasons: Readonly<Partial<Record<'allowUnsigned' | 'allowUnproved' | 'allowRemoteCache', string>> & { staticOnly?: readonly string[] }>;
  warnings: readonly string[];
}

type Context = StageContext<SignOptions>;

/** Pure. What is signed, and whether it may be: proof and origin are judged before the key is used. */
export function planSign(context: Context, { signer, identity, apple, archivesWithApp }: SignFacts): SignPlan {
  const { options } = context;
  const target = `${context.projectName}:${context.targetName}`;
  const chosen = chooseArtifacts({ target, stage: context.stage, asked: options.artifacts, backend: options.backend }, context.upstream);
  const { backend } = options;
  const isInside = backend === 'authenticode' || backend === 'apple';
  const later = isInside ? findLaterWork(chosen, context.upstreamRecords, context.stage) : [];
  if (later.length > 0) throw signingErrors.error('SIGN_ORDER', { target, later });
  const unproved = judgeProof(chosen, context.upstreamRecords, options.proof);
  const neverStarted = neverStartedOf(chosen, context.upstreamRecords, options.proof);
  const foreign = context.remoteCache === undefined ? [] : context.upstreamRecords.filter(({ madeHere }) => !madeHere);
  const anyone = signer ?? identity ?? apple;
  const unsigned = anyone === undefined && !options.adHoc && !context.dryRun;
  if (unproved.length > 0 && options.allowUnproved === undefined) throw signingErrors.error('SIGN_UNPROVED', { target, problems: unproved });
  if (foreign.length > 0 && options.allowRemoteCache === undefined && !context.dryRun) {
    const from = foreign.map((record) => `${record.project}:${record.target}`);
    throw signingErrors.error('SIGN_REMOTE_CACHE', { target, cache: context.remoteCache!, from });
  }
  const reasons = {
    ...(unsigned && { allowUnsigned: options.allowUnsigned! }),
    ...(unproved.length > 0 && { allowUnproved: options.allowUnproved! }),
    ...(neverStarted.length > 0 && { staticOnly: neverStarted }),
    ...(foreign.length > 0 && options.allowRemoteCache !== undefined && { allowRemoteCache: options.allowRemoteCache }),
  };
  const made = unsigned ? [] : chosen;
  const embedded = isInside ? made : [];
  const listed = embedded.filter(({ name }) => archivesWithApp?.has(name));
  const signatures = backend === undefined || isInside ? [] : made.map((of) => ({ of, signature: signatureOf(of, backend) }));
  return {
    signatures,
    embedded,
    listed,
    ...(signer && { signer }),
    ...(identity && { identity }),
    ...(apple && { apple }),
    reasons,
    warnings: warningsOf(context, anyone, {
      ...reasons,
      unproved,
      permits: permitsOf(chosen, context.upstreamRecords),
    }),
    artifacts: [...signatures.map(({ signature }) => signature), ...embedded.map(plannedOf), ...listed.map(plannedManifest)],
    overview: linesOf(context, anyone),
    lines: [...linesOf(context, anyone), ...chosen.map((of) => lineOf(of, signatures, embedded, backend)), ...listed.map(manifestLine)],
    ...(unsigned && { skip: `unsigned: ${options.allowUnsigned!}` }),
  };
}

/** The signed artifact takes the place of the unsigned one. */
const plannedOf = ({ name, kind, platform, ships }: UpstreamArtifact): PlannedArtifact => ({
  name,
  path: name,
  kind,
  ...(platform !== undefined && { platform }),
  ships,
});

function signatureOf({ name, platform }: UpstreamArtifact, backend: BackendId): PlannedArtifact {
  const file = `${name}${SIGNATURE_SUFFIXES[backend]}`;
  return { name: file, path: file, kind: 'signature', ...(platform !== undefined && { platform }), ships: true };
}

function lineOf(
  of: UpstreamArtifact,
  signatures: SignPlan['signatures'],
  embedded: readonly UpstreamArtifact[],
  backend: SignOptions['backend'],
): string {
  if (embedded.includes(of))
    return `sign every ${backend === 'apple' ? 'Mach-O file' : 'PE file, installer and script'} inside of \`${of.name}\` of \`${of.target}\``;
  const made = signatures.find((entry) => entry.of === of);
  return made ? `sign \`${of.name}\` of \`${of.target}\` as \`${made.signature.name}\`` : `leave \`${of.name}\` unsigned`;
}

type Signer = DetachedSigner | SigningIdentity | AppleIdentity;

function linesOf(
  { options: { backend, certificateEnv, keyEnv, identityEnv, keystore, timestampUrls = [], adHoc, keyless } }: Context,
  signer: Signer | undefined,
): readonly string[] {
  const variable = certificateEnv ?? keyEnv ?? identityEnv;
  const servers = timestampUrls.length === 0 ? [] : [`timestamps by ${timestampUrls.join(', then ')}`];
  if (keyless) return [`key: none is kept, sigstore certifies ${identityFingerprint(keyless)}${signer ? '' : ', and this run has no identity'}`];
  if (signer) return [`key: ${backend!}, from ${keystore ? storeText(keystore) : `the variable ${variable!}`}: ${signer.fingerprint}`, ...servers];
  if (adHoc) return ['key: none, ad-hoc signatures'];
  if (keystore) return [`key: in ${storeText(keystore)}, which is not open`, ...servers];
  return [variable === undefined ? 'key: none' : `key: the variable ${variable} is not set`, ...servers];
}

function warningsOf(
  { options: { fingerprint, keyless } }: Context,
  signer: Signer | undefined,
  {
    allowUnsigned,
    allowUnproved,
    allowRemoteCache,
    staticOnly = [],
    unproved,
    permits,
  }: SignPlan['reasons'] & { unproved: readonly string[]; permits: readonly string[] },
): readonly string[] {
  return [
    ...(allowUnsigned === undefined ? [] : [`UNSIGNED: ${allowUnsigned}`]),
    ...(allowUnproved === undefined ? [] : [`not proved, signed nevertheless: ${allowUnproved}`, ...unproved]),
    ...(allowRemoteCache === undefined ? [] : [`may come from a remote cache, signed nevertheless: ${allowRemoteCache}`]),
    ...staticOnly,
    ...permits,
    ...(signer && 'warnings' in signer ? signer.warnings : []),
    ...(signer && fingerprint === undefined && keyless === undefined
      ? [`any key in the variable is taken: set \`fingerprint\` to ${signer.fingerprint}`]
      : []),
  ];
}
