import type { Artifact } from '@waybill/artifacts';
import { PATCHELF, STRIP, bothToTheEnd, type Finding, type WrittenArchive } from '@waybill/core';
import { describeFolder, type StageContext, type StageResult } from '@waybill/plugin-kit';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { withScratch, type Scratch } from '../../ground/scratch-folder';
import { rewriteRecords } from '../../requirements';
import type { RuntimeInPlace } from '../../runtime';
import { readElfFile } from '../../runtime/read-elf-file';
import { archiveFolder, sealAndArchive, type SealedBundle } from '../../sealing';
import type { PackageDistOptions } from './options';
import { placeContents, scratchFor, type RuntimeEnd, type Work } from './place-contents';
import type { PackagePlan } from './plan';
import { runtimePorts } from './runtime-ports';
import { VENDOR } from './steps/bundle-places';
import { checkGlibc, checkSize } from './steps/check-limits';
import { compileModules } from './steps/compile-modules';
import { describeBundle } from './steps/describe-bundle';
import { buildFolders, finishNatives, type FinishedNatives } from './steps/finish-natives';
import { leakTokens } from './steps/leak-tokens';
import { readNativeTree, type NativeTree } from './steps/native-tree';
import { placeLauncher } from './steps/place-launcher';
import { bundleManifest, recordFacts } from './steps/record-facts';

/** Debug data is large and seldom asked for: half the size is not worth five times the time. */
const SYMBOLS_LEVEL = 1;

function newWork(context: StageContext<PackageDistOptions>, plan: PackagePlan, outputDir: string, scratch: string): Work {
  const { resolvedTools } = context;
  return {
    context,
    plan,
    outputDir,
    root: join(scratch, 'bundle'),
    symbolsRoot: join(scratch, 'symbols'),
    leakTokens: leakTokens(context, plan.facts.runtime, [outputDir, scratch]),
    patchelf: resolvedTools[PATCHELF.id]!,
    ...(resolvedTools[STRIP.id] && { stripTool: resolvedTools[STRIP.id]! }),
  };
}

/** Carries the plan out: tree, seal, archives, debug data. Only what is a result outlives the run. */
export async function applyPackage(context: StageContext<PackageDistOptions>, plan: PackagePlan, outputDir: string): Promise<StageResult> {
  return withScratch(scratchFor(context, plan, outputDir), (scratch) => applyIn(scratch, context, plan, outputDir));
}

async function applyIn(scratch: Scratch, context: StageContext<PackageDistOptions>, plan: PackagePlan, outputDir: string): Promise<StageResult> {
  const { progress, options } = context;
  const begin = (): Work => newWork(context, plan, outputDir, scratch.folder);
  const { work, runtime, wheels, applicationFiles } = await placeContents(begin, scratch);
  const [prepared, natives] = await progress.step('link and compile', () => linkBesideCompiling(work, runtime, applicationFiles));
  checkGlibc(natives.facts, options.glibc, (path) => readElfFile(join(work.root, path), { symbols: true }));
  const carried = [...prepared.carried, ...natives.carried].sort((a, b) => (a.path < b.path ? -1 : 1));
  const glibc = natives.floor.after.surely;
  await progress.step('launcher', () => placeLauncher({ ...work, prepared, carried, ...(glibc === undefined ? {} : { glibc }) }));
  const uncompiled = await progress.step('compile application', () => compile(work, prepared));
  const known = await progress.step('records', () => knownDigests(work));
  await checkSize(work.root, options.sizeLimit);
  const pruned = [...prepared.pruned, ...wheels.pruned].sort((a, b) => (a.path < b.path ? -1 : 1));
  const outcome = { plan, options, prepared, distributions: wheels.distributions, carried, fromHost: natives.fromHost, pruned, floor: natives.floor };
  const [sealed, symbols] = await progress.step('seal and archive', () =>
    bothToTheEnd(seal(work, bundleManifest(context, outcome), known), archiveSymbols(work)),
  );
  const artifacts = await results(work, sealed, symbols);
  const { findings, summary, report } = describeBundle({ ...outcome, sealed });
  return {
    outcome: 'success',
    artifacts,
    facts: await recordFacts({ ...outcome, sealed }),
    findings: [...prepared.findings, ...wheels.findings, ...natives.findings, ...uncompiled, ...findings],
    report,
    summary,
  };
}

/** The tree is read when the runtime's natives are what they will be. */
async function linkBesideCompiling(work: Work, runtime: RuntimeEnd, applicationFiles: readonly string[]): Promise<[RuntimeInPlace, FinishedNatives]> {
  return runtime(async () => finish(work, await readNativeTree(work.root), applicationFiles));
}

function finish(work: Work, tree: NativeTree, applicationFiles: readonly string[]): Promise<FinishedNatives> {
  const { context, plan, root, symbolsRoot, stripTool, patchelf, leakTokens: tokens } = work;
  return finishNatives({
    root,
    tree,
    platform: plan.facts.platform,
    applicationFiles,
    options: context.options.vendorLibraries,
    searchFolders: buildFolders(plan.facts.binary?.file),
    symbolsRoot,
    ...(stripTool === undefined ? {} : { stripTool }),
    patchelf,
    leakTokens: tokens,
    ports: runtimePorts(context),
  });
}

async function compile({ context, root }: Work, prepared: RuntimeInPlace): Promise<Finding[]> {
  if (context.options.pyc === 'none' || !prepared.facts.compiled) return [];
  return compileModules(root, prepared, runtimePorts(context));
}

/** Digests that the RECORD files needed are not taken again. */
async function knownDigests({ root }: Work): Promise<Map<string, { sha256: string; size: number }>> {
  const digests = await rewriteRecords(join(root, VENDOR));
  return new Map([...digests].map(([path, digest]) => [`${VENDOR}/${path}`, digest]));
}

function seal(
  work: Work,
  manifest: Parameters<typeof sealAndArchive>[0]['manifest'],
  known: ReadonlyMap<string, { sha256: string; size: number }>,
): Promise<SealedBundle> {
  const { context, plan, root, outputDir, leakTokens: tokens } = work;
  return sealAndArchive({
    root,
    manifest,
    topFolder: plan.baseName,
    archives: plan.archives.map(({ name, format }) => ({ format, output: join(outputDir, name) })),
    mtimeSeconds: context.sourceDateEpoch,
    known,
    leakTokens: tokens,
  });
}

/** Debug data that was kept, when there is some. */
async function archiveSymbols({ plan, context, outputDir, symbolsRoot }: Work): Promise<WrittenArchive | undefined> {
  if (plan.symbols === undefined) return undefined;
  return archiveFolder(symbolsRoot, plan.symbols.replace(/\.tar\.gz$/, ''), {
    format: 'tar.gz',
    level: SYMBOLS_LEVEL,
    output: join(outputDir, plan.symbols),
    mtimeSeconds: context.sourceDateEpoch,
  });
}

/** Artifacts as they now stand in the output folder: archives, the folder when it is wanted, debug data when there is some. */
async function results(work: Work, sealed: SealedBundle, symbols: WrittenArchive | undefined): Promise<Artifact[]> {
  const { plan, context, root, outputDir } = work;
  const { platform } = plan.facts;
  const common = { platform, madeFrom: madeFrom(plan) };
  const archives = plan.archives.map(({ name }, index): Artifact => ({
    name,
    path: name,
    kind: 'bundle-archive',
    ships: true,
    ...sealed.archives[index]!,
    ...common,
  }));
  const folder = context.options.folder ? await placeFolder(root, join(outputDir, plan.baseName)) : undefined;
  return [
    ...archives,
    ...(folder ? [{ name: plan.baseName, path: plan.baseName, kind: 'bundle-folder' as const, ships: false, ...folder, ...common }] : []),
    ...(symbols && plan.symbols ? [{ name: plan.symbols, path: plan.symbols, kind: 'symbols' as const, ships: false, ...symbols, ...common }] : []),
  ];
}

/** The digest that whoever reads the record will take of the folder as it lies there. */
async function placeFolder(root: string, place: string): Promise<{ size: number; sha256: string }> {
  await rename(root, place);
  return describeFolder(place);
}

/** Digests of the artifacts of other targets that went in, sorted. */
function madeFrom({ facts: { wheels, runtime } }: PackagePlan): string[] {
  const upstream = [...wheels, ...(runtime.from === 'target' ? [runtime.artifact] : [])];
  return upstream.map(({ sha256 }) => `sha256:${sha256}`).sort();
}
