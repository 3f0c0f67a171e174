import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { distFolder, type Json } from '@waybill/artifacts';
import type { Finding } from '@waybill/core';
import type { StageContext, StageResult, UpstreamArtifact } from '@waybill/plugin-kit';
import { toolPorts } from '../../authenticode/gather-identity';
import { readSignable } from '../../authenticode/read-script';
import { withPeSigner } from '../../authenticode/signers/pe-key';
import { signTree, type LeftFile, type SignedTree } from '../../authenticode/tree/sign-tree';
import { signingErrors } from '../../errors/signing-errors';
import { artifactOf, signInside, type SignedInside } from '../../inside/sign-inside';
import { timestampServers } from '../../inside/timestamp-servers';
import type { SignOptions } from './options';
import type { SignPlan } from './plan';

type Context = StageContext<SignOptions>;
type Signed = SignedInside<SignedTree>;
type Done = Signed & { of: UpstreamArtifact };

/** Signs inside of each artifact; it keeps its name and so takes the place of the unsigned one for all that come later. */
export async function applyAuthenticode(context: Context, plan: SignPlan, outputDir: string): Promise<StageResult> {
  plan.warnings.forEach((line) => context.progress.warn(line));
  const ports = await toolPorts(context);
  const done: Done[] = [];
  for (const of of plan.embedded) {
    const signed = await context.progress.step(`sign inside of ${of.name}`, () => signOne(context, plan, ports, of, outputDir));
    done.push({ ...signed, of });
  }
  done.forEach(({ tree }) =>
    tree.idleRules.forEach(({ glob }) => context.progress.warn(`\`replace\` names \`${glob}\`, which fits no signature that holds`)),
  );
  const { fingerprint, subject } = plan.identity!;
  return {
    outcome: 'success',
    artifacts: done.map(artifactOf),
    facts: { signatures: done.map((one) => factsOf(one, fingerprint)), ...plan.reasons },
    findings: done.flatMap(({ tree }) => tree.left.map(findingOf)),
    report: {
      signer: subject,
      tool: `${ports.tool.id} ${ports.tool.version}`,
      files: done.map(({ of, tree: { made, kept, ours } }) => ({ name: of.name, made, kept, signedBefore: ours, verifiedBy: ['waybill'] })),
    },
    summary: [...done.flatMap(summaryOf), `signer ${subject} ${fingerprint}`],
  };
}

async function signOne(
  context: Context,
  plan: SignPlan,
  ports: Awaited<ReturnType<typeof toolPorts>>,
  of: UpstreamArtifact,
  outputDir: string,
): Promise<Signed> {
  const { options, progress, workspaceRoot, projectRoot, targetName } = context;
  const workFolder = join(outputDir, '.signing');
  await mkdir(workFolder);
  const { credential, fingerprint } = plan.identity!;
  const rules = {
    fingerprint,
    replace: options.replace,
    servers: timestampServers(options.timestampUrls!),
    warn: (line: string) => progress.warn(line),
  };
  const signed = await signInside({
    of,
    earlier: join(workspaceRoot, distFolder(projectRoot, targetName), of.name),
    workFolder,
    output: join(outputDir, of.name),
    checkSingle,
    sign: (tree) => signTree({ ...tree, ...rules }, (work) => withPeSigner(credential, ports, work)),
  });
  await rm(workFolder, { recursive: true, force: true });
  return signed;
}

/** What is neither PE file, installer nor script is of a kind that Authenticode is not built for. */
function checkSingle({ name, kind, file }: UpstreamArtifact): void {
  if (readSignable(file, Date.now(), name) === undefined) throw signingErrors.error('SIGN_FILE_KIND', { name, kind });
}

const factsOf = ({ of, tree }: Done, fingerprint: string): Json => ({
  name: of.name,
  of: `sha256:${of.sha256}`,
  backend: 'authenticode',
  fingerprint,
  files: tree.sign.length + tree.ours.length,
  foreign: tree.foreign.map(({ path, signer, fingerprint: by }) => ({ path, signer, fingerprint: by })),
  replaced: tree.replaced.map(({ path, signer, why }) => ({ path, ...(signer !== undefined && { signer }), why })),
  ...(tree.left.length > 0 && { left: tree.left.map(({ path, why }) => ({ path, why })) }),
});

const findingOf = ({ path, why }: LeftFile): Finding => ({
  check: 'authenticode',
  level: 'warning',
  path,
  message: `it stays as it is, without a signature of yours: ${why}`,
  fix: 'save it as UTF-8 with a byte order mark, or leave it out of the bundle',
});

function summaryOf({ of, tree }: Done): readonly string[] {
  const { made, kept, ours, foreign, replaced } = tree;
  const before = ours.length === 0 ? '' : `, ${ours.length} were signed before`;
  return [
    `${of.name}: ${made.length} files signed, ${kept.length} kept of an earlier run${before}, each verified by Waybill’s own reader`,
    ...foreign.map(({ path, signer }) => `kept \`${path}\`, signed by ${signer}`),
    ...replaced.map(({ path, why }) => `replaced the signature of \`${path}\`: ${why}`),
  ];
}
