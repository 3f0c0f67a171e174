import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Artifact, Json } from '@waybill/artifacts';
import { hashBytes } from '@waybill/core';
import type { StageContext, StageResult } from '@waybill/plugin-kit';
import {
  checkLine,
  machinePorts,
  makeWorkFolder,
  memoryFor,
  removeWorkFolder,
  runLimit,
  runProof,
  verdictLine,
  toolVersion,
  unpackBundle,
  type Proof,
  type ProofRequest,
} from '../../proof';
import { platformOf } from '../../proof/platform-of';
import type { RelocatabilitySmokeOptions } from './options';
import type { SmokePlan } from './plan';

type Context = StageContext<RelocatabilitySmokeOptions>;
type Subject = SmokePlan['subjects'][number];

interface Proved {
  subject: Subject;
  proof: Proof;
  artifact: Artifact;
}

/** Unpacks each archive that ships, proves it and writes its linkage report. */
export async function applySmoke(context: Context, plan: SmokePlan, outputDir: string): Promise<StageResult> {
  const proved: Proved[] = [];
  for (const subject of plan.subjects) proved.push(await proveSubject(context, subject, outputDir));
  const findings = proved.flatMap(({ proof }) => proof.findings);
  const verdict = proved.every(({ proof }) => proof.verdict === 'passed') ? 'passed' : 'failed';
  return {
    outcome: verdict === 'passed' ? 'success' : 'failure',
    artifacts: proved.map(({ artifact }) => artifact),
    facts: recordFacts(proved, verdict, context.options),
    findings,
    verdict,
    report: { proofs: proved.map(reportOf) },
    summary: proved.map(({ proof }) => verdictLine(proof)),
  };
}

async function proveSubject(context: Context, subject: Subject, outputDir: string): Promise<Proved> {
  const { progress, processes, toolEnvironment } = context;
  const { archive, linkage } = subject;
  const workFolder = await makeWorkFolder(await workPlaces(context, archive, outputDir));
  try {
    const bundleRoot = await progress.step('unpack', () => unpackBundle(archive.file, workFolder, archive.sha256));
    const ports = machinePorts(processes, toolEnvironment, (result) => progress.line(checkLine(result)));
    const platform = archive.platform ?? (await platformOf(bundleRoot));
    const proof = await progress.step('prove', () => runProof({ ...requestFor(context, subject, bundleRoot, workFolder), platform }, ports));
    const text = await proof.linkage();
    await writeFile(join(outputDir, linkage.path), text);
    const artifact: Artifact = { ...linkage, size: Buffer.byteLength(text), sha256: hashBytes(text), madeFrom: [`sha256:${archive.sha256}`] };
    return { subject, proof, artifact };
  } finally {
    await removeWorkFolder(workFolder);
  }
}

/** A folder for temporary files that the user chose comes first, then memory when the bundle is small there. */
async function workPlaces({ toolEnvironment }: Context, { record }: Subject['archive'], outputDir: string): Promise<string[]> {
  const chosen = toolEnvironment['TMPDIR'];
  const bytes = record.facts['unpackedSize'];
  const memory = chosen === undefined && typeof bytes === 'number' ? await memoryFor(bytes) : [];
  return [...memory, chosen ?? tmpdir(), '/var/tmp', '/dev/shm', outputDir];
}

function requestFor(
  { options, workspaceRoot, toolEnvironment, timeoutMs }: Context,
  { archive }: Subject,
  bundleRoot: string,
  workFolder: string,
): Omit<ProofRequest, 'platform'> {
  const home = toolEnvironment['HOME'];
  const { hide, expect, launcher, command, imports, checks, allow, isolation, minIsolation, glibcMatrix, startBudgetMs, secondArchive } = options;
  return {
    bundleRoot,
    archive: { file: archive.file, sha256: archive.sha256 },
    ...(secondArchive !== undefined && { secondArchive: resolve(workspaceRoot, secondArchive) }),
    hide,
    workspaceRoot,
    ...(home !== undefined && home.startsWith('/') && { home }),
    expect: { ...(expect.python !== undefined && { python: expect.python }), ...(expect.glibc !== undefined && { glibc: expect.glibc }) },
    ...(launcher !== undefined && { launcher }),
    command,
    commandIsDefault: command.length === 1 && command[0] === '--smoke-python',
    imports,
    ...(checks && { checks }),
    allow,
    isolation,
    minIsolation,
    glibcMatrix: glibcMatrix.map((path) => resolve(workspaceRoot, path)),
    ...(startBudgetMs !== undefined && { startBudgetMs }),
    workFolder,
    runTimeoutMs: runLimit(timeoutMs),
  };
}

/** What signing and publishing decide on (CONTRACT §3). */
function recordFacts(proved: readonly Proved[], verdict: string, { allow }: RelocatabilitySmokeOptions): StageResult['facts'] {
  const checks = proved.flatMap(({ proof }) => proof.checks);
  const skipped = new Map(checks.filter(({ status }) => status === 'skipped').map(({ check, reason = '' }) => [check, reason]));
  const fromHost = [...new Set(proved.flatMap(({ proof }) => proof.fromHost))].sort();
  const run = [...new Set(checks.filter(({ status }) => status !== 'skipped').map(({ check }) => check))];
  return {
    tested: proved.map(({ subject }) => `sha256:${subject.archive.sha256}`).sort(),
    verdict,
    isolation: proved[0]?.proof.isolation.tier ?? 'none',
    checksRun: run.filter((check) => !skipped.has(check)),
    checksSkipped: [...skipped].map(([check, reason]) => ({ check, reason })),
    allow: allow.map(({ check, path, reason }) => ({ check, path, reason })),
    ...(fromHost.length === 0 ? {} : { fromHost }),
    toolVersion: toolVersion(),
  };
}

function reportOf({ subject, proof }: Proved): Json {
  const { verdict, checks, isolation, seconds } = proof;
  const rows = checks.map(({ check, status, reason, seconds: took, evidence }) => ({ check, status, reason, seconds: took, evidence }));
  return { archive: subject.archive.name, sha256: subject.archive.sha256, verdict, isolation, checks: rows, seconds } as unknown as Json;
}
