import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { distFolder, type Json } from '@waybill/artifacts';
import { PKGUTIL } from '@waybill/core';
import type { StageContext, StageResult, UpstreamArtifact } from '@waybill/plugin-kit';
import { applePorts, gatherEntitlements } from '../../apple/gather-apple';
import type { AppleIdentity } from '../../apple/open-identity';
import { withCodeSigner, type CodePorts } from '../../apple/signers/code-signer';
import { checkPackage } from '../../apple/signers/pkgutil';
import { signCodeTree, type CodeRules, type SignedCode } from '../../apple/sign-code-tree';
import { signingErrors } from '../../errors/signing-errors';
import { checkPurpose, signImage, type SignImage } from '../../images/sign-image';
import { writeArchiveManifests } from '../../inside/archive-manifests';
import { artifactOf, signInside, type SignedInside } from '../../inside/sign-inside';
import { timestampServers } from '../../inside/timestamp-servers';
import { readCodeFile } from '../../macho/read-code-file';
import { APPLE_TIMESTAMPS } from './apple-defaults';
import type { SignOptions } from './options';
import type { SignPlan } from './plan';

type Context = StageContext<SignOptions>;
type Done = SignedInside<SignedCode> & { of: UpstreamArtifact };

/** What every later stage shows of code that is signed ad-hoc: it runs, and nobody stands behind it. */
const AD_HOC = 'signed ad-hoc: it runs, and nobody stands behind it';

/** Signs every Mach-O file inside of each artifact; it keeps its name and so takes the place of the unsigned one for all that come later. */
export async function applyApple(context: Context, plan: SignPlan, outputDir: string): Promise<StageResult> {
  plan.warnings.forEach((line) => context.progress.warn(line));
  const ports = await applePorts(context);
  const rules = rulesOf(context, plan.apple);
  const done: Done[] = [];
  for (const of of plan.embedded) {
    const sign = (): Promise<SignedInside<SignedCode>> => signOne(context, { plan, ports, rules, of, outputDir });
    done.push({ ...(await context.progress.step(`sign inside of ${of.name}`, sign)), of });
  }
  for (const { tree, of } of done) {
    tree.idleRules.forEach((glob) => context.progress.warn(`\`entitlements\` names \`${glob}\`, which fits no program of ${of.name}`));
    if (tree.stray.length > 0) context.progress.warn(`not signed, and nothing that a program needs: ${tree.stray.join(', ')}`);
  }
  const { apple } = plan;
  const artifacts = done.map(artifactOf);
  const manifests = await writeArchiveManifests({ made: artifacts, listed: plan.listed, outputDir, progress: context.progress });
  return {
    outcome: 'success',
    artifacts: [...artifacts, ...manifests],
    facts: { signatures: done.map((one) => factsOf(context, one, apple)), ...plan.reasons, ...(apple === undefined && { allowUnsigned: AD_HOC }) },
    findings: [],
    report: {
      signer: apple?.subject ?? 'ad-hoc',
      tool: `${ports.tool.id} ${ports.tool.version}`,
      files: done.map(({ of, tree: { made, kept, stray } }) => ({ name: of.name, made, kept, stray, verifiedBy: ['waybill'] })),
    },
    summary: [...done.flatMap(summaryOf), apple === undefined ? `UNSIGNED (${AD_HOC})` : `signer ${apple.subject} ${apple.fingerprint}`],
  };
}

function rulesOf(context: Context, apple: AppleIdentity | undefined): CodeRules {
  const { hardenedRuntime, libraryValidation, timestampUrls } = context.options;
  return {
    ...(apple && { identity: { fingerprint: apple.fingerprint, team: apple.team } }),
    hardenedRuntime,
    libraryValidation,
    entitlements: gatherEntitlements(context),
    servers: timestampServers(apple === undefined ? [] : timestampUrls!),
    warn: (line) => context.progress.warn(line),
  };
}

interface OneRequest {
  plan: SignPlan;
  ports: CodePorts;
  rules: CodeRules;
  of: UpstreamArtifact;
  outputDir: string;
}

async function signOne(context: Context, request: OneRequest): Promise<SignedInside<SignedCode>> {
  const { plan, ports, rules, of, outputDir } = request;
  const [earlier, { apple }] = [earlierFolder(context), plan];
  if (apple) checkPurpose(of, apple);
  if (isImage(of) && apple) return signWhole(context, request, of, apple);
  const workFolder = join(outputDir, '.signing');
  await mkdir(workFolder);
  const signed = await signInside({
    of,
    earlier: join(earlier, of.name),
    workFolder,
    output: join(outputDir, of.name),
    checkSingle,
    sign: (tree) => signCodeTree(tree, rules, (work) => withCodeSigner(plan.apple?.credential, ports, work)),
  });
  await rm(workFolder, { recursive: true, force: true });
  return signed;
}

const earlierFolder = ({ workspaceRoot, projectRoot, targetName }: Context): string => join(workspaceRoot, distFolder(projectRoot, targetName));

type Image = UpstreamArtifact & { kind: 'dmg' | 'pkg' };

async function signWhole(
  context: Context,
  { ports, rules, outputDir }: OneRequest,
  of: Image,
  apple: AppleIdentity,
): Promise<SignedInside<SignedCode>> {
  const byProductsign = of.kind === 'pkg' && ports.mac !== undefined;
  const { timestampUrls = [] } = context.options;
  if (byProductsign && timestampUrls.join() !== APPLE_TIMESTAMPS.join())
    throw signingErrors.error('SIGN_TIMESTAMP_SERVER', { name: of.name, asked: timestampUrls });
  const { kept, ...described } = await signImage({
    ...rules,
    ...{ of, identity: apple, earlier: earlierFolder(context), output: join(outputDir, of.name) },
    withSigner: (work) => withCodeSigner(apple.credential, ports, work),
    ...(byProductsign && { secondOpinion: await secondOpinion(context, ports) }),
  });
  return { ...described, tree: { ...NOTHING_INSIDE, ...(kept ? { kept: [of.name] } : { made: [of.name] }) } };
}

async function secondOpinion({ tools }: Context, ports: CodePorts): Promise<SignImage['secondOpinion']> {
  const tool = await tools.resolve(PKGUTIL);
  return (file) => checkPackage({ ...ports, tool }, file);
}

/** Signed as a whole; what is in it was signed before it was put in. */
const isImage = (of: UpstreamArtifact): of is Image => of.kind === 'dmg' || of.kind === 'pkg';
const NOTHING_INSIDE: SignedCode = { kept: [], made: [], replaced: [], bundles: [], idleRules: [], stray: [] };

/** Disk images and packages are signed with a key alone, never ad-hoc. */
function checkSingle({ name, kind, file }: UpstreamArtifact): void {
  if (readCodeFile(file, Date.now())?.kind !== 'macho') throw signingErrors.error('SIGN_FILE_KIND', { name, kind });
}

const factsOf = ({ options }: Context, { of, tree }: Done, apple: AppleIdentity | undefined): Json => ({
  name: of.name,
  of: `sha256:${of.sha256}`,
  backend: 'apple',
  ...(apple === undefined ? { adHoc: true } : { fingerprint: apple.fingerprint, ...(apple.team !== undefined && { team: apple.team }) }),
  files: tree.made.length + tree.kept.length,
  hardenedRuntime: options.hardenedRuntime && apple !== undefined,
  ...(!options.libraryValidation && { libraryValidationOff: options.libraryValidationReason! }),
  ...(tree.bundles.length > 0 && { bundles: tree.bundles.map((path) => (path === '' ? of.name : path)) }),
  replaced: tree.replaced.map(({ path, signer }) => ({ path, signer })),
});

function summaryOf({ of, tree: { made, kept, replaced, bundles } }: Done): readonly string[] {
  return [
    ...bundles.map((path) => `${of.name}: sealed ${path === '' ? 'it as a whole' : `\`${path}\``}, and read back`),
    `${of.name}: ${made.length} files signed, ${kept.length} kept of an earlier run, each read back by Waybill’s own reader`,
    ...replaced.map(({ path, signer }) => `signed \`${path}\` anew, which ${signer} had signed`),
  ];
}
