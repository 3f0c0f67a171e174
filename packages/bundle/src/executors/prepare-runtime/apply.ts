import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { formatPlatform, hostPlatform, parsePlatform, type Artifact, type ArtifactKind, type Json } from '@waybill/artifacts';
import { fileContent, writeArchive, type ArchiveEntry } from '@waybill/core';
import type { StageContext, StageResult } from '@waybill/plugin-kit';
import { bundleErrors } from '../../errors/bundle-errors';
import { RUNTIME_BYTES, withScratch } from '../../ground/scratch-folder';
import { prepareRuntime, resolveRuntime, type PreparedRuntime, type RuntimePorts } from '../../runtime';
import { portableMode, readContents } from '../../sealing/archive-entries';
import type { PrepareRuntimeOptions } from './options';
import type { PrepareRuntimeFacts, PrepareRuntimePlan } from './plan';

type Context = StageContext<PrepareRuntimeOptions>;

function portsOf({ processes, tools, progress, toolEnvironment, environment, timeoutMs }: Context): RuntimePorts {
  return { processes, tools, progress, environment: toolEnvironment, variables: environment, timeoutMs };
}

/** Finds the runtime; reads only, but for archives, which are unpacked into the user's cache by digest. */
export async function gatherPrepareRuntime(context: Context): Promise<PrepareRuntimeFacts> {
  const { options, workspaceRoot, projectRoot } = context;
  const wanted = options.platform === undefined ? hostPlatform(process) : parsePlatform(options.platform);
  const platform = formatPlatform(wanted);
  if (wanted.os !== 'linux') throw bundleErrors.error('BUNDLE_PLATFORM', { platform });
  const request = { ...options.runtime, projectRoot: join(workspaceRoot, projectRoot), workspaceRoot, platform, embedded: options.embedded === true };
  return { platform, runtime: await resolveRuntime(request, portsOf(context)) };
}

/** Every file and link of a tree, deterministically; `undefined`, and no archive, when it holds nothing. */
async function archiveTree(
  root: string,
  name: string,
  kind: ArtifactKind,
  outputDir: string,
  plan: PrepareRuntimePlan,
  context: Context,
): Promise<Artifact | undefined> {
  const items = (await readContents(root)).filter((item) => item.kind !== 'directory');
  if (items.length === 0) return undefined;
  const entries = items.map((item): ArchiveEntry => {
    const { path, size, mode } = item;
    if (item.kind === 'symlink') return { kind: 'symlink', path, linkTarget: item.linkTarget ?? '' };
    return { kind: 'file', path, size, mode: portableMode(mode), open: () => fileContent(join(root, path)) };
  });
  const written = await writeArchive({ format: 'tar', entries, output: join(outputDir, name), mtimeSeconds: context.sourceDateEpoch });
  const { sha256 } = plan.facts.runtime;
  return { name, path: name, kind, platform: plan.facts.platform, ships: false, ...written, madeFrom: sha256 ? [`sha256:${sha256}`] : [] };
}

/** What applications compare with their own options, and what they get. Times stay out: equal work gives an equal record. */
function recordFacts({ options }: Context, prepared: PreparedRuntime): Record<string, Json> {
  const { runtime, prune, strip, pyc, vendorLibraries } = options;
  const facts = { options: { runtime, prune, strip, pyc, vendorLibraries }, prepared: { ...prepared, stepMs: {} } };
  return JSON.parse(JSON.stringify(facts)) as Record<string, Json>;
}

/** Prepares the runtime in a folder that does not outlive the run, and packs it. */
export async function applyPrepareRuntime(context: Context, plan: PrepareRuntimePlan, outputDir: string): Promise<StageResult> {
  const mayUseMemory = context.toolEnvironment['TMPDIR'] === undefined;
  const request = { onDisk: join(outputDir, '.work'), name: 'waybill-runtime', bytes: RUNTIME_BYTES, mayUseMemory };
  return withScratch(request, ({ folder }) => prepareIn(folder, context, plan, outputDir));
}

async function prepareIn(folder: string, context: Context, plan: PrepareRuntimePlan, outputDir: string): Promise<StageResult> {
  const { options, resolvedTools } = context;
  const [root, symbolsRoot] = [join(folder, 'tree'), join(folder, 'symbols')];
  await Promise.all([mkdir(root), mkdir(symbolsRoot)]);
  const prepared = await prepareRuntime({
    runtime: plan.facts.runtime,
    outputRoot: root,
    workspaceRoot: context.workspaceRoot,
    platform: plan.facts.platform,
    embedded: options.embedded ?? true,
    prune: options.prune,
    strip: options.strip,
    pyc: options.pyc,
    vendorLibraries: options.vendorLibraries,
    ...(plan.symbols && { symbolsRoot }),
    leakTokens: [{ id: 'workspace', path: context.workspaceRoot }],
    patchelf: resolvedTools.patchelf!,
    ...(resolvedTools.strip && { stripTool: resolvedTools.strip }),
    ports: portsOf(context),
  });
  const archives: [string, string, ArtifactKind][] = [
    ...(plan.symbols ? [[symbolsRoot, plan.symbols, 'symbols'] as [string, string, ArtifactKind]] : []),
    [root, plan.archive, 'runtime'],
  ];
  const artifacts: Artifact[] = [];
  for (const [from, name, kind] of archives) {
    const artifact = await context.progress.step(`archive ${name}`, () => archiveTree(from, name, kind, outputDir, plan, context));
    if (artifact) artifacts.push(artifact);
  }
  return {
    outcome: 'success',
    artifacts,
    facts: recordFacts(context, prepared),
    findings: prepared.findings,
    report: { stepMs: prepared.stepMs },
    summary: [
      `Python ${prepared.facts.version}, ${prepared.files.length} files, ${prepared.carried.length} carried libraries, ${prepared.pruned.length} parts left out`,
    ],
  };
}
