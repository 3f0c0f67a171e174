import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Artifact } from '@waybill/artifacts';
import { hashFile, type Finding } from '@waybill/core';
import type { StageContext, StageResult } from '@waybill/plugin-kit';
import { checkEngine, containerEngine } from '../../building/container-engine';
import type { BuildRun } from '../../building/run-frontend';
import { withWorkplace } from '../../workplace/open-workplace';
import { buildResults, buildRun, USUAL } from './build-results';
import { ignoredFiles, judgeResults, renderDescriptions, tryWheel, type ReadResults, type TriedWheel } from './judge-results';
import type { BuildWheelOptions } from './options';
import { frontendTexts, type BuildPlan } from './plan';
import { recordFacts } from './record-facts';
import { verifyResults } from './verify-results';

type Context = StageContext<BuildWheelOptions>;

/** Carries the plan out in the project's workplace; what is delivered goes to `outputDir`. */
export async function applyBuild(context: Context, plan: BuildPlan, outputDir: string): Promise<StageResult> {
  const { progress, timeoutMs, removeOnEnd } = context;
  for (const text of frontendTexts(plan)) progress.line(`frontend: ${text}`);
  await checkContainers(context, plan);
  const onWait = (holder: string): void => progress.line(`waiting: another build of this project is busy (${holder})`);
  return withWorkplace({ path: plan.workplace, timeoutMs, onWait, removeOnEnd }, async (places) => {
    const run = buildRun(context, plan, places, USUAL);
    const results = await buildResults(context, plan, run, USUAL);
    const findings: Finding[] = [];
    const found = (more: readonly Finding[]): void => {
      findings.push(...more);
      progress.found(more);
    };
    found(judgeResults(context, plan, results));
    found(await ignoredFiles(context, plan, results));
    found(await renderDescriptions(context, plan, run, results));
    found(await verifyResults(context, plan, run, results));
    const tried = await tryResults(context, plan, run, results);
    found(tried?.findings ?? []);
    const failed = findings.some(({ level }) => level === 'error');
    const artifacts = failed ? [] : await deliver(context, plan, results, outputDir);
    return {
      outcome: failed ? 'failure' : 'success',
      artifacts,
      facts: recordFacts(context, plan, artifacts, results.resolved),
      findings,
      report: {
        ...(tried?.tried && { installed: { ...tried.tried } }),
        ...(results.builds.length > 0 && { builds: results.builds.map((build) => ({ ...build })) }),
      },
      summary: artifacts.map(({ name, size }) => `${name} (${size} bytes)`),
    };
  });
}

/** Before anything is built: cibuildwheel builds for Linux in containers. */
async function checkContainers({ processes, toolEnvironment }: Context, { wheel, facts }: BuildPlan): Promise<void> {
  if (wheel?.chosen.frontend.id !== 'cibuildwheel' || !facts.platform.startsWith('linux')) return;
  await checkEngine(containerEngine(facts.project.manifest, toolEnvironment), processes, toolEnvironment);
}

async function tryResults(context: Context, plan: BuildPlan, run: BuildRun, results: ReadResults): Promise<TriedWheel | undefined> {
  if (!context.options.install.enabled || results.wheels.length === 0) return undefined;
  return context.progress.step('install test', () => tryWheel(context, plan, run, results));
}

/** Only what was asked for leaves the workplace. */
async function deliver(context: Context, { facts }: BuildPlan, { sdist, wheels }: ReadResults, outputDir: string): Promise<Artifact[]> {
  const { delivers } = facts;
  const source = sdist && (await hashFile(sdist.file));
  const from = [
    ...(source && makesFromSdist(context, facts) ? [facts.upstreamSdist?.sha256 ?? source.sha256] : []),
    ...facts.localRequirements.map(({ sha256 }) => sha256),
  ];
  const madeFrom = from.map((digest) => `sha256:${digest}`).sort();
  const { ships } = context.options;
  const artifacts: Artifact[] = [];
  if (sdist && delivers.sdist) artifacts.push(await place(sdist.file, outputDir, { kind: 'sdist', ships, madeFrom: [] }));
  for (const { file } of delivers.wheel ? wheels : []) {
    const isPure = file.endsWith('-any.whl');
    artifacts.push(await place(file, outputDir, { kind: 'wheel', ships, madeFrom, ...(!isPure && { platform: facts.platform }) }));
  }
  return artifacts;
}

const makesFromSdist = ({ options }: Context, { upstreamSdist }: BuildPlan['facts']): boolean => options.fromSdist || upstreamSdist !== undefined;

async function place(file: string, outputDir: string, about: Pick<Artifact, 'kind' | 'ships' | 'madeFrom' | 'platform'>): Promise<Artifact> {
  const name = basename(file);
  await copyFile(file, join(outputDir, name));
  const { size, sha256 } = await hashFile(file);
  const { kind, platform, ships, madeFrom } = about;
  return { name, path: name, kind, ...(platform !== undefined && { platform }), ships, size, sha256, madeFrom };
}
